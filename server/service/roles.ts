import { includesRole, type MachineConfig, ROLES, type Role } from '../../src/catalog/config.js';

/** Whoever asks: as much of a caller or a login as decides about rights. */
export interface Subject {
  readonly user: string;
  readonly admin: boolean;
  readonly groups: readonly string[];
  /** A ticket's login: for this machine alone, and with no more than these rights. */
  readonly machine?: string;
  readonly rights?: 'view' | 'control';
}

/** The role of `subject` for a machine, or undefined: it does not exist for them. */
export function roleOf(subject: Subject, name: string, config: MachineConfig | undefined): Role | undefined {
  const { machine, rights } = subject;
  if (machine !== undefined && !sameName(machine, name)) return undefined;
  const granted = subject.admin ? 'admin' : grantedRole(subject, config?.access ?? {});
  if (granted === undefined || machine === undefined) return granted;
  // Whoever holds a ticket may look, or use; running the machine was not given away with it.
  const most: Role = rights === 'view' ? 'view' : 'use';
  return includesRole(granted, most) ? most : granted;
}

/** The strongest of what the user and their groups were given. */
function grantedRole({ user, groups }: Subject, access: Readonly<Record<string, Role>>): Role | undefined {
  const names = [user, ...groups.map((group) => `@${group}`)].map((name) => name.toLowerCase());
  let best = -1;
  for (const [name, role] of Object.entries(access)) {
    if (names.includes(name.toLowerCase())) best = Math.max(best, ROLES.indexOf(role));
  }
  return ROLES[best];
}

/** Names of machines and users differ by more than case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
