import { Problem } from '../../src/base/errors.js';
import { includesRole, MACHINE_NAME, type Role } from '../../src/catalog/config.js';
import type { Operation } from './operation.js';
import type { Caller } from './operation-types.js';
import { HttpProblem, noSuchMachine } from './problem.js';

/** The caller's role for a machine; undefined where they may not know of it, or where it does not exist. */
export type RoleOf = (caller: Caller, machine: string) => Role | undefined;

/** Throws Problem unless `caller` (undefined: nobody has logged in) may call `operation`. */
export function checkAccess(
  operation: Operation,
  params: Readonly<Record<string, string>>,
  caller: Caller | undefined,
  roleOf: RoleOf,
): asserts caller is Caller {
  const { access } = operation;
  if (caller === undefined) {
    // Those for anybody are answered without a caller.
    throw new HttpProblem('unauthenticated', 'log in first', { headers: { 'www-authenticate': 'Bearer' } });
  }
  switch (access) {
    case 'anybody':
    case 'visitor':
      return;
    case 'user':
      if (isVisitor(caller)) throw new Problem('forbidden', 'a ticket is not enough for that; log in as yourself');
      return;
    case 'host-admin':
      if (isVisitor(caller) || !caller.admin) throw new Problem('forbidden', 'only administrators may do that');
      return;
    default:
      return checkRole(caller, params.machine!, access, roleOf);
  }
}

/** Throws Problem unless `caller` has `needed` for the machine; one that they may not see does not exist. */
function checkRole(caller: Caller, machine: string, needed: Role, roleOf: RoleOf): void {
  const role = MACHINE_NAME.test(machine) ? roleOf(caller, machine) : undefined;
  // Administrators are told by who knows better whether it is not there.
  if (role === undefined && !(caller.admin && !isVisitor(caller) && MACHINE_NAME.test(machine))) {
    throw noSuchMachine(machine);
  }
  if (role !== undefined && !includesRole(role, needed)) {
    throw new Problem('forbidden', `that takes the role ${needed} for ${machine}; yours is ${role}`);
  }
}

/** Throws Problem where the holder of a ticket wants to act as somebody else: in `params` a `user` is always that. */
export function checkOwnName(caller: Caller, { user }: Readonly<Record<string, unknown>>): void {
  if (isVisitor(caller) && user !== undefined) throw new Problem('forbidden', 'a ticket is for its own user alone');
}

/** Whoever is in by a ticket, which opens one machine. */
export function isVisitor({ machine }: Caller): boolean {
  return machine !== undefined;
}
