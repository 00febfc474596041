import { Problem } from '../../../src/base/errors.js';
import { includesRole } from '../../../src/catalog/config.js';
import type { Caller, Operations } from '../../api/operation-types.js';
import type { SessionView } from '../../api/views.js';
import { roleOf } from '../roles.js';
import { audited, type OperationParts, requireRole } from './parts.js';

type SessionOperations = Pick<Operations, 'session.list' | 'session.kick' | 'session.rights'>;

/** Who is connected, and what becomes of them. */
export function sessionOperations(parts: OperationParts): SessionOperations {
  const { service, sessions } = parts;

  /** At no machine yet: administrators look after these. */
  const mayOperate = (caller: Caller, machine: string | null): boolean => {
    if (machine === null) return caller.admin;
    const { entry, name } = service.machine(machine);
    return includesRole(roleOf(caller, name, entry.config), 'operate');
  };
  const find = (caller: Caller, id: string): SessionView => {
    const found = sessions.list().find((session) => session.id === id);
    if (found === undefined || !mayOperate(caller, found.machine))
      throw new Problem('no-such-session', `there is no session ${id}`);
    return found;
  };

  return {
    async 'session.list'(caller, { machine }) {
      if (machine !== undefined) requireRole(caller, service.machine(machine), 'view');
      await Promise.all(service.machines.map((each) => each.process.refresh()));
      return sessions
        .list()
        .filter((session) => machine === undefined || session.machine?.toLowerCase() === machine.toLowerCase())
        .filter((session) => mayOperate(caller, session.machine));
    },

    'session.kick': (caller, { session: id, message }) => {
      const found = find(caller, id);
      const { machine, user } = found;
      return audited(parts, caller, 'kick', machine, user, async () => {
        await sessions.kick(found, caller.user, message ?? `${caller.user} has ended this session`);
        return {};
      });
    },

    'session.rights': (caller, { session: id, rights }) => {
      const session = find(caller, id);
      const { machine, user } = session;
      if (machine === null) throw new Problem('wrong-state', `${user} is at no machine`);
      return audited(parts, caller, 'rights', machine, `${user}: ${rights}`, async () => {
        await service.machine(machine).process.request('setRights', { session: id, rights });
        return { ...session, rights };
      });
    },
  };
}
