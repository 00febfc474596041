import { Problem } from '../../../src/base/errors.js';
import type { AccessView, Caller, Operations } from '../../api/operation-types.js';
import type { ManagedMachine } from '../managed-machine.js';
import { sameName } from '../roles.js';
import { audited, type OperationParts, requireAdmin, requireKnown } from './parts.js';

type PeopleOperations = Pick<
  Operations,
  | 'access.list'
  | 'access.grant'
  | 'access.revoke'
  | 'user.list'
  | 'user.create'
  | 'user.update'
  | 'user.password'
  | 'user.delete'
  | 'auth.whoami'
>;

/** Users, and who may do what with a machine. */
export function peopleOperations(parts: OperationParts): PeopleOperations {
  const { service, users } = parts;

  const access = ({ config }: ManagedMachine): AccessView => config.access ?? {};
  const others = (machine: ManagedMachine, subject: string): AccessView =>
    Object.fromEntries(Object.entries(access(machine)).filter(([name]) => !sameName(name, subject)));
  const change = (caller: Caller, name: string, detail: string, next: (machine: ManagedMachine) => AccessView) => {
    const machine = service.machine(name);
    return audited(parts, caller, 'access', machine.name, detail, () =>
      machine.exclusively(async () => {
        await service.catalog.replace(machine.name, { ...machine.config, access: next(machine) });
        return access(machine);
      }),
    );
  };

  return {
    async 'access.list'(_caller, { machine }) {
      return access(service.machine(machine));
    },
    'access.grant': async (caller, { machine, subject, role }) => {
      requireKnown(parts, subject);
      return change(caller, machine, `${subject}: ${role}`, (each) => ({ ...others(each, subject), [subject]: role }));
    },
    'access.revoke': (caller, { machine, subject }) =>
      change(caller, machine, `${subject}: none`, (each) => {
        const left = others(each, subject);
        if (Object.keys(left).length === Object.keys(access(each)).length) {
          // Whoever mistypes a name must not believe that somebody is out.
          throw new Problem('no-such-user', `${subject} has no role for ${each.name}`);
        }
        return left;
      }),

    async 'user.list'() {
      return users.list();
    },
    'user.create': (caller, params) =>
      audited(parts, caller, 'create-user', null, params.name, async () => {
        const { user, password } = await users.create(params);
        return { ...user, password };
      }),
    'user.update': (caller, { user, ...changes }) => {
      if (sameName(user, caller.user) && (changes.admin === false || changes.disabled === true)) {
        throw new Problem('wrong-state', 'nobody can shut themselves out; ask another administrator');
      }
      return audited(parts, caller, 'update-user', null, `${user}: ${Object.keys(changes).join(', ')}`, () =>
        users.update(user, changes),
      );
    },
    'user.password': (caller, { user, current, password }) =>
      audited(parts, caller, 'password', null, user, async () => {
        if (!caller.admin) {
          if (!sameName(user, caller.user) || caller.machine !== undefined)
            requireAdmin(caller, 'set the passwords of others');
          const outcome = await parts.confirm(caller, current ?? '');
          if (outcome === 'blocked')
            throw new Problem('too-many-attempts', 'too many wrong passwords; try again later');
          if (outcome === 'wrong') throw new Problem('forbidden', 'the current password is not right');
        }
        await users.setPassword(user, password);
        return {};
      }),
    'user.delete': (caller, { user }) => {
      if (sameName(user, caller.user)) throw new Problem('wrong-state', 'nobody can delete themselves');
      return audited(parts, caller, 'delete-user', null, user, async () => {
        await users.delete(user);
        return {};
      });
    },
    async 'auth.whoami'(caller) {
      const { user: name, groups, admin, machine = null } = caller;
      const known = users.find(name) ?? {
        name,
        groups,
        admin,
        disabled: false,
        createdAt: service.startedAt.toISOString(),
      };
      return { ...known, admin: known.admin && machine === null, machine };
    },
  };
}
