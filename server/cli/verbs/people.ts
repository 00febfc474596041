import type { Argv, CommandModule } from 'yargs';
import { UserError } from '../../../src/base/errors.js';
import { ROLES, type Role } from '../../../src/catalog/config.js';
import { firstLine } from '../first-line.js';
import { newPassword, presentPassword } from './prompt.js';
import { facts, since, table } from './table.js';
import { done, forEach, group, oneOrAll, onMachine, verb } from './verb.js';

const named = <A>(argv: Argv<A>): Argv<A & { user: string }> =>
  argv.positional('user', { type: 'string', demandOption: true, describe: 'Name of the user' }) as never;
const passwordFile = {
  type: 'string',
  requiresArg: true,
  describe: 'File whose first line is the password; - is the input',
} as const;

type UserArgs = { user: string; passwordFile?: string; group?: string | readonly string[]; admin?: boolean };

const USER: readonly CommandModule[] = [
  verb<Omit<UserArgs, 'user'> & { name: readonly string[] }>(
    'add <name..>',
    'Add users; passwords are made and shown once unless one is given',
    (argv) =>
      argv
        .positional('name', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'Name of the user, or several',
        })
        .options({
          'password-file': passwordFile,
          group: { type: 'string', requiresArg: true, describe: 'Group; may be repeated' },
          admin: { type: 'boolean', default: false, describe: 'May do everything with everything' },
        }) as never,
    async (api, { name: names, passwordFile: file, group, admin = false }) => {
      if (file !== undefined && names.length > 1) {
        throw new UserError('--password-file is for one user: several must not share a password', 2);
      }
      const groups = group === undefined ? [] : [group].flat();
      const password = file === undefined ? {} : { password: firstLine('--password-file', file) };
      const { results, failed } = await forEach(names, (name) =>
        api.call('user.create', { name, groups, admin, ...password }),
      );
      const rows = results.map((user) => [user.name, user.password ?? 'as you chose it']);
      const text = rows.length === 0 ? '' : table(['USER', 'PASSWORD'], rows);
      return { data: oneOrAll(names, results), text, failed };
    },
  ),
  verb(
    'list',
    'Users',
    (argv) => argv,
    async (api) => {
      const users = await api.call('user.list', {});
      const rows = users.map(({ name, groups, admin, disabled, createdAt }) => [
        name,
        admin ? 'admin' : disabled ? 'disabled' : 'user',
        groups.join(', '),
        since(createdAt),
      ]);
      return { data: users, text: table(['NAME', 'RANK', 'GROUPS', 'SINCE'], rows) };
    },
  ),
  verb<UserArgs & { enable?: boolean; disable?: boolean }>(
    'set <user>',
    'Change one',
    (argv) =>
      named(argv).options({
        group: { type: 'string', requiresArg: true, describe: 'The groups from now on; may be repeated' },
        admin: { type: 'boolean', describe: 'Administrator; --admin=false takes it away' },
        disable: { type: 'boolean', describe: 'No login any more' },
        enable: { type: 'boolean', describe: 'Logins again' },
      }) as never,
    async (api, { user, group, admin, enable, disable }) => {
      if (enable === true && disable === true) throw new UserError('--enable or --disable, not both', 2);
      const disabled = disable === true ? true : enable === true ? false : undefined;
      const changes = { groups: group === undefined ? undefined : [group].flat(), admin, disabled };
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      if (Object.keys(given).length === 0)
        throw new UserError('nothing to change: --group, --admin, --disable or --enable', 2);
      return done(await api.call('user.update', { user, ...given }), `${user} is changed`);
    },
  ),
  verb<UserArgs & { currentPasswordFile?: string }>(
    'password <user>',
    'Set the password: asked for, unless a file has it',
    (argv) =>
      named(argv).options({
        'password-file': passwordFile,
        'current-password-file': { ...passwordFile, describe: 'The present one, which administrators need not know' },
      }) as never,
    async (api, { user, passwordFile: file, currentPasswordFile: currentFile }) => {
      const { admin } = await api.call('auth.whoami', {});
      const current = admin
        ? {}
        : { current: await secret('--current-password-file', currentFile, () => presentPassword(user)) };
      const password = await secret('--password-file', file, () => newPassword(user));
      return done(await api.call('user.password', { user, password, ...current }), `${user} has a new password`);
    },
  ),
  verb('delete <user>', 'Delete one', named, async (api, { user }) =>
    done(await api.call('user.delete', { user }), `${user} is deleted`),
  ),
];

const roleText = (access: Readonly<Record<string, Role>>): string => {
  const rows = Object.entries(access).map(([subject, role]) => [subject, role]);
  return rows.length === 0 ? 'only administrators may use it\n' : table(['WHO', 'ROLE'], rows);
};
const subject = <A>(argv: Argv<A>): Argv<A & { machine: string; subject: string }> =>
  onMachine(argv).positional('subject', { type: 'string', demandOption: true, describe: 'A user, or @GROUP' }) as never;

const ROLE: readonly CommandModule[] = [
  verb('list <machine>', 'Who may do what', onMachine, async (api, { machine }) => {
    const access = await api.call('access.list', { machine });
    return { data: access, text: roleText(access) };
  }),
  verb<{ machine: string; subject: string; role: Role }>(
    'grant <machine> <subject> <role>',
    'Give a role: view, use, operate or admin',
    (argv) => subject(argv).positional('role', { choices: ROLES, demandOption: true, describe: 'The role' }) as never,
    async (api, { machine, subject: who, role }) => {
      const access = await api.call('access.grant', { machine, subject: who, role });
      return { data: access, text: roleText(access) };
    },
  ),
  verb('revoke <machine> <subject>', 'Take the role away', subject, async (api, { machine, subject: who }) => {
    const access = await api.call('access.revoke', { machine, subject: who });
    return { data: access, text: roleText(access) };
  }),
];

const TICKET: readonly CommandModule[] = [
  verb<{ machine: string; viewOnly: boolean; user?: string; minutes?: number; uses?: number }>(
    'create <machine>',
    'A secret that stands for a login to one machine',
    (argv) =>
      onMachine(argv).options({
        'view-only': { type: 'boolean', default: false, describe: 'Watch only' },
        user: { type: 'string', requiresArg: true, describe: 'In whose name (administrators)' },
        minutes: { type: 'number', requiresArg: true, describe: 'How long it is good' },
        uses: { type: 'number', requiresArg: true, describe: 'How often (once unless given)' },
      }) as never,
    async (api, { machine, viewOnly, user, minutes, uses }) => {
      const ticket = await api.call('ticket.create', {
        machine,
        ...(viewOnly ? { rights: 'view' as const } : {}),
        ...(user === undefined ? {} : { user }),
        ...(minutes === undefined ? {} : { seconds: Math.round(minutes * 60) }),
        ...(uses === undefined ? {} : { uses }),
      });
      const { secret, browser, vnc, expiresAt, id } = ticket;
      return {
        data: ticket,
        text: facts([
          ['ticket', secret],
          ['browser', browser],
          ['vnc', vnc],
          ['good until', expiresAt],
          ['id', id],
        ]),
      };
    },
  ),
  verb(
    'list',
    'Tickets that are good',
    (argv) => argv,
    async (api) => {
      const tickets = await api.call('ticket.list', {});
      const rows = tickets.map(({ id, machine, user, rights, expiresAt, usesLeft }) => [
        id,
        machine,
        user,
        rights,
        expiresAt,
        String(usesLeft),
      ]);
      return { data: tickets, text: table(['ID', 'MACHINE', 'USER', 'RIGHTS', 'UNTIL', 'USES'], rows) };
    },
  ),
  verb<{ id: string }>(
    'delete <id>',
    'Make one useless',
    (argv) => argv.positional('id', { type: 'string', demandOption: true }) as never,
    async (api, { id }) => done(await api.call('ticket.delete', { ticket: id }), `${id} is useless now`),
  ),
];

export const PEOPLE_VERBS: readonly CommandModule[] = [
  group('user', 'Users: add, list, set, password, delete', USER),
  group('role', 'Who may do what with a machine: grant, revoke, list', ROLE),
  group('ticket', 'Tickets: create, list, delete', TICKET),
];

/** From the file that an option names, else asked for. */
async function secret(option: string, file: string | undefined, ask: () => Promise<string>): Promise<string> {
  if (file !== undefined) return firstLine(option, file);
  if (!process.stdin.isTTY) throw new UserError(`${option} says where the password stands; - is the input`, 2);
  return ask();
}
