import { ROLES } from '../../src/catalog/config.js';
import type { Access, Operation, Schema } from './operation.js';

const TEXT: Schema = { type: 'string' };
const FLAG: Schema = { type: 'boolean' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const RIGHTS: Schema = { type: 'string', enum: ['view', 'control'] };
const ROLE: Schema = { type: 'string', enum: ROLES };
const CONFIG: Schema = { $ref: '#/components/schemas/MachineConfig' };
/** Answers that say no more than that it is done. */
const NOTHING: Schema = { type: 'object' };
const fields = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});
const described = (schema: Schema, description: string): Schema => ({ ...schema, description });

const op = (
  method: Operation['method'],
  path: string,
  access: Access,
  summary: string,
  result: Operation['result'],
  params: Operation['params'] = {},
  more: Partial<Pick<Operation, 'required' | 'produces'>> = {},
): Operation => ({ method, path, access, summary, params, result, ...more });

/** A power action on a machine. */
const power = (action: string, summary: string): Operation =>
  op('POST', `/machines/{machine}/${action}`, 'operate', summary, 'MachineView');

/** Everything that can be done, by its stable name. OperationTypes in operation-types.ts has the same names. */
export const OPERATIONS = {
  'machine.list': op('GET', '/machines', 'visitor', 'Machines that the caller may see', 'MachineView[]'),
  'machine.show': op('GET', '/machines/{machine}', 'view', 'One machine with its definition', 'MachineDetails'),
  'machine.create': op(
    'POST',
    '/machines',
    'host-admin',
    'Define a machine',
    'MachineView',
    { name: TEXT, config: CONFIG, owner: TEXT },
    { required: ['name', 'config'] },
  ),
  'machine.import': op(
    'POST',
    '/machines/import',
    'host-admin',
    'Define a machine from a file of VirtualBox (.vbox, .ova, .ovf) or libvirt (.xml) on the host',
    'ImportView',
    { file: described(TEXT, 'path on the host'), name: TEXT, dryRun: FLAG },
    { required: ['file'] },
  ),
  'machine.export': op(
    'GET',
    '/machines/{machine}/definition',
    'view',
    'The definition as YAML',
    TEXT,
    {},
    { produces: 'application/yaml' },
  ),
  'machine.update': op(
    'PUT',
    '/machines/{machine}/definition',
    'admin',
    'Replace the definition; a running machine takes it at its next start',
    'MachineView',
    { config: CONFIG },
    { required: ['config'] },
  ),
  'machine.clone': op(
    'POST',
    '/machines/{machine}/clone',
    'admin',
    'Copy a machine',
    'MachineView',
    { name: TEXT, linked: described(FLAG, 'share what the disks hold now'), snapshot: TEXT },
    { required: ['name'] },
  ),
  'machine.delete': op(
    'DELETE',
    '/machines/{machine}',
    'admin',
    'Delete a machine with its disks and snapshots',
    NOTHING,
  ),
  'machine.start': power('start', 'Start, or go on from a saved state'),
  'machine.pause': power('pause', 'Stop the processors'),
  'machine.resume': power('resume', 'Let the processors go on'),
  'machine.reset': power('reset', 'Press reset'),
  'machine.shutdown': power('shutdown', 'Press the power button (ACPI)'),
  'machine.stop': power('stop', 'Pull the plug'),
  'machine.save': power('save', 'Save the state and stop'),
  'machine.discard': power('discard', 'Forget the saved state'),
  'machine.balloon': op(
    'POST',
    '/machines/{machine}/balloon',
    'operate',
    'Give or take memory of the running guest',
    'MachineView',
    { memoryMiB: COUNT },
    { required: ['memoryMiB'] },
  ),

  'snapshot.list': op(
    'GET',
    '/machines/{machine}/snapshots',
    'view',
    'Snapshots, parents before children',
    'SnapshotView[]',
  ),
  'snapshot.take': op(
    'POST',
    '/machines/{machine}/snapshots',
    'operate',
    'Take a snapshot, running or off',
    'SnapshotView',
    { name: TEXT, description: TEXT },
    { required: ['name'] },
  ),
  'snapshot.restore': op(
    'POST',
    '/machines/{machine}/snapshots/{snapshot}/restore',
    'operate',
    'Go back to a snapshot; what happened since is lost',
    'MachineView',
  ),
  'snapshot.delete': op(
    'DELETE',
    '/machines/{machine}/snapshots/{snapshot}',
    'operate',
    'Delete a snapshot, keeping what grew from it',
    NOTHING,
  ),
  'machine.rollback': op(
    'POST',
    '/machines/{machine}/rollback',
    'operate',
    'Go back to the last snapshot, running again if it ran',
    'MachineView',
  ),

  'console.open': op('POST', '/machines/{machine}/console', 'view', 'A one-time way to the screen', 'ConsoleView', {
    rights: RIGHTS,
    user: described(TEXT, 'for somebody else, with or without an account; administrators only'),
    seconds: COUNT,
  }),
  'console.screenshot': op(
    'GET',
    '/machines/{machine}/screenshot',
    'view',
    'The screen as PNG',
    { ...TEXT, format: 'binary' },
    {
      maxWidth: COUNT,
      version: described(COUNT, 'of an event “screen”: the small picture that all who watch the events get'),
    },
    { produces: 'image/png' },
  ),
  'console.type': op(
    'POST',
    '/machines/{machine}/type',
    'use',
    'Type text on a US keyboard',
    fields({ untyped: described(COUNT, 'characters that are on no key') }),
    { text: TEXT },
    { required: ['text'] },
  ),
  'console.keys': op(
    'POST',
    '/machines/{machine}/keys',
    'use',
    'Press and release keys by name (ctrl+alt+delete) or scan code',
    NOTHING,
    {
      keys: described(TEXT, 'chords separated by blanks'),
      scancodes: { type: 'array', items: COUNT, description: 'set-1 bytes as VBoxManage takes them' },
    },
  ),
  'console.pointer': op(
    'POST',
    '/machines/{machine}/pointer',
    'use',
    'Move the pointer, press buttons',
    NOTHING,
    { x: COUNT, y: COUNT, buttons: COUNT, click: described(FLAG, 'press and release'), wheel: { type: 'integer' } },
    { required: ['x', 'y'] },
  ),
  'console.clipboard': op(
    'POST',
    '/machines/{machine}/clipboard',
    'use',
    'Put text into the guest’s clipboard',
    NOTHING,
    { text: TEXT },
    { required: ['text'] },
  ),
  'console.resize': op(
    'POST',
    '/machines/{machine}/size',
    'use',
    'Ask the guest for a screen size',
    fields({ asked: described(FLAG, 'false: this guest cannot be asked') }),
    { width: COUNT, height: COUNT },
    { required: ['width', 'height'] },
  ),

  'session.list': op(
    'GET',
    '/sessions',
    'user',
    'Who watches and who drives the machines that the caller may operate',
    'SessionView[]',
    { machine: TEXT },
  ),
  'session.kick': op(
    'DELETE',
    '/sessions/{session}',
    'user',
    'End a session; asks for the role operate on its machine',
    NOTHING,
    { message: TEXT },
  ),
  'session.rights': op(
    'PATCH',
    '/sessions/{session}',
    'user',
    'Let a session watch only, or drive again; asks for the role operate on its machine',
    'SessionView',
    { rights: RIGHTS },
    { required: ['rights'] },
  ),

  'access.list': op('GET', '/machines/{machine}/access', 'operate', 'Who may do what with a machine', 'AccessView'),
  'access.grant': op(
    'PUT',
    '/machines/{machine}/access/{subject}',
    'admin',
    'Give a user or @group a role',
    'AccessView',
    { role: ROLE },
    { required: ['role'] },
  ),
  'access.revoke': op('DELETE', '/machines/{machine}/access/{subject}', 'admin', 'Take a role away', 'AccessView'),

  'user.list': op('GET', '/users', 'host-admin', 'Users', 'UserView[]'),
  'user.create': op(
    'POST',
    '/users',
    'host-admin',
    'Add a user; without a password one is made and shown once',
    'NewUserView',
    { name: TEXT, password: TEXT, groups: { type: 'array', items: TEXT }, admin: FLAG },
    { required: ['name'] },
  ),
  'user.update': op('PATCH', '/users/{user}', 'host-admin', 'Change a user', 'UserView', {
    groups: { type: 'array', items: TEXT },
    admin: FLAG,
    disabled: FLAG,
  }),
  'user.password': op(
    'PUT',
    '/users/{user}/password',
    'user',
    'Set a password: one’s own (with the current one), or as an administrator',
    NOTHING,
    { current: TEXT, password: TEXT },
    { required: ['password'] },
  ),
  'user.delete': op('DELETE', '/users/{user}', 'host-admin', 'Delete a user', NOTHING),

  'ticket.create': op(
    'POST',
    '/tickets',
    'user',
    'A secret that stands for a login to one machine',
    'NewTicketView',
    {
      machine: TEXT,
      rights: RIGHTS,
      user: described(TEXT, 'in whose name, with or without an account; others than oneself only as an administrator'),
      seconds: COUNT,
      uses: COUNT,
    },
    { required: ['machine'] },
  ),
  'ticket.list': op(
    'GET',
    '/tickets',
    'user',
    'Tickets that are good: one’s own, or all as an administrator',
    'TicketView[]',
  ),
  'ticket.delete': op('DELETE', '/tickets/{ticket}', 'user', 'Make a ticket useless', NOTHING),

  'auth.login': op('POST', '/login', 'anybody', 'Log a browser in (a cookie), or get a bearer token', 'LoginView', {
    user: TEXT,
    password: TEXT,
    ticket: TEXT,
    token: described(FLAG, 'return a bearer token instead of setting a cookie'),
  }),
  'auth.logout': op('POST', '/logout', 'anybody', 'End the login', NOTHING),
  'auth.whoami': op('GET', '/me', 'visitor', 'Who the caller is', 'CallerView'),

  'host.show': op('GET', '/host', 'user', 'The service and its host', 'HostView'),
  'host.audit': op('GET', '/audit', 'host-admin', 'The audit log, newest last', 'AuditView[]', {
    machine: TEXT,
    user: TEXT,
    limit: COUNT,
  }),
  'host.events': op(
    'GET',
    '/events',
    'visitor',
    'What happens, as it happens (server-sent events)',
    'ServiceEvent',
    {},
    { produces: 'text/event-stream' },
  ),
  'machine.log': op(
    'GET',
    '/machines/{machine}/log',
    'operate',
    'The end of the machine’s own log',
    TEXT,
    { lines: COUNT },
    { produces: 'text/plain' },
  ),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationName = keyof typeof OPERATIONS;
