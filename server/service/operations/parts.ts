import { Problem } from '../../../src/base/errors.js';
import { includesRole, type MachineConfig, type Role } from '../../../src/catalog/config.js';
import type { Caller } from '../../api/operation-types.js';
import type { AuditView, MachineDetails, SessionView } from '../../api/views.js';
import type { Throttle } from '../../auth/throttle.js';
import type { Tickets } from '../../auth/tickets.js';
import type { UserStore } from '../../auth/users.js';
import type { ManagedMachine } from '../managed-machine.js';
import { roleOf } from '../roles.js';
import type { Service } from '../service.js';
import type { Thumbnails } from '../thumbnails.js';

/** Where clients connect, as `ADDRESS:PORT`; null is off. */
export interface Addresses {
  readonly rdp: string | null;
  readonly vnc: string | null;
  readonly http: string | null;
}

/** Who is connected, wherever they are now. */
export interface ConnectedSessions {
  list(): readonly SessionView[];
  /** Sends somebody away: from a machine to the lobby, from there for good. */
  kick(session: SessionView, by: string, text: string): Promise<void>;
}

/** What the operations work with. */
export interface OperationParts {
  readonly service: Service;
  readonly thumbnails: Thumbnails;
  readonly users: UserStore;
  readonly tickets: Tickets;
  /** Whether it is the caller's own password; slowed down like a login where it is not. */
  readonly confirm: (caller: Caller, password: string) => ReturnType<Throttle['attempt']>;
  readonly sessions: ConnectedSessions;
  readonly addresses: () => Addresses;
  /** A machine's own, likewise. */
  readonly ownPorts: (machine: string) => MachineDetails['ports'];
  readonly engineOf: (config: MachineConfig | undefined) => string;
  readonly version: string;
  readonly audit: (entry: Omit<AuditView, 'at'>) => void;
  readonly readAudit: (query: {
    readonly machine?: string;
    readonly user?: string;
    readonly limit: number;
  }) => Promise<readonly AuditView[]>;
}

/** Writes down what a caller has done to a machine, whether it worked or not. */
export async function audited<T>(
  { audit }: OperationParts,
  caller: Caller,
  action: string,
  machine: string | null,
  detail: string,
  work: () => Promise<T>,
): Promise<T> {
  const entry = { action, user: caller.user, remote: caller.remote, machine };
  try {
    const result = await work();
    audit({ ...entry, ok: true, detail });
    return result;
  } catch (error) {
    audit({ ...entry, ok: false, detail: error instanceof Problem ? error.message : 'internal error' });
    throw error;
  }
}

/** Throws Problem unless the caller has `needed` for the machine; one that they may not see does not exist. */
export function requireRole(caller: Caller, machine: ManagedMachine, needed: Role): void {
  const role = roleOf(caller, machine.name, machine.entry.config);
  if (role === undefined) throw new Problem('no-such-machine', `there is no machine ${machine.name}`);
  if (!includesRole(role, needed)) {
    throw new Problem('forbidden', `${caller.user} may not do that with ${machine.name}: the role ${needed} is needed`);
  }
}

/** Throws Problem unless the caller is an administrator of the host. */
export function requireAdmin(caller: Caller, what: string): void {
  if (!caller.admin) throw new Problem('forbidden', `only administrators may ${what}`);
}

/** Throws Problem unless there is such a user; of groups nobody keeps a list. */
export function requireKnown({ users }: OperationParts, subject: string): void {
  if (!subject.startsWith('@') && users.find(subject) === undefined) {
    throw new Problem('no-such-user', `there is no user ${subject}; a group is written @${subject}`);
  }
}
