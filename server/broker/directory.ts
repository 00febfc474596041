import type { Emitter } from '../../src/base/events.js';
import type { Role } from '../../src/catalog/config.js';
import type { AuditView, MachineState } from '../api/views.js';
import type { Identity } from '../auth/credentials.js';
import type { ControlEvent, ControlOp, ControlOperations } from '../ipc/control.js';

/** What the broker needs of the service. It reads no catalog, starts no process and keeps no rights of its own. */
export interface Directory {
  /** Something that `reachable` tells may be different now. */
  readonly onChange: Emitter<void>;
  /** A machine's process gives a session back. */
  readonly onReturn: Emitter<ReturnEvent>;
  /**
   * The machines that somebody may see, by name; with a ticket's identity that one at most. Cheap: what is kept in
   * memory. A pool's template is there until its user has a machine of it.
   */
  reachable(identity: Identity): readonly ReachableMachine[];
  /**
   * Has the machine running, whatever that takes, and for a pool's template this user's machine made of it first.
   * Checks again that they may. Rejects with Problem. What was begun is not undone when `signal` aborts.
   */
  wake(name: string, identity: Identity, signal: AbortSignal): Promise<Awake>;
  /** Who may do what may be different now. */
  readonly onAccess: Emitter<void>;
  /** Whether a login is still good: its user, or whoever gave the ticket, may be gone or disabled. */
  isGood(identity: Identity): boolean;
  /** What somebody may do with a machine now, by name; null where nobody can tell, its definition being unreadable. */
  roleAt(identity: Identity, machine: string): Role | null | undefined;
  /** Has a machine's process do something with a session at its screen. Rejects where it cannot, or knows of none. */
  tell(machine: string, session: string, order: SessionOrder): Promise<unknown>;
  /** Somebody went to a machine's screen: the last one of theirs. */
  remember(user: string, machine: string): void;
  audit(entry: Omit<AuditView, 'at'>): void;
}

/** A machine as one user has it before them. */
export interface ReachableMachine {
  readonly name: string;
  readonly role: Role;
  readonly state: MachineState;
  /** Why it is in this state, where there is something to say. */
  readonly reason: string | null;
  readonly description: string;
  /** Who is at its screen now. */
  readonly present: readonly string[];
  /** When this user last went to it: ISO 8601, or null. */
  readonly lastUsedAt: string | null;
  /** Changes with the picture; null where there is none. */
  readonly screen: number | null;
  /** PNG, about 320 pixels wide; undefined where there is none. */
  thumbnail(): Promise<Uint8Array | undefined>;
}

/** A machine that runs. */
export interface Awake {
  /** Other than what was asked for where that was a pool's template. */
  readonly machine: string;
  /** The private socket of its process. */
  readonly socket: string;
}

/** See ipc/control.ts. */
export type SessionOrder = { [O in 'kick' | 'limit' | 'dismiss']: OrderFor<O> }['kick' | 'limit' | 'dismiss'];
type OrderFor<O extends ControlOp> = { readonly op: O } & Omit<ControlOperations[O]['params'], 'session'>;

export type ReturnEvent = Extract<ControlEvent, { event: 'return' }>;
