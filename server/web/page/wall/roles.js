const ROLES = ['view', 'use', 'operate', 'admin'];

/** Whether somebody's role for a machine is at least `needed`. The service checks again. */
export function may(machine, needed) {
  return ROLES.indexOf(machine.role) >= ROLES.indexOf(needed);
}
