import { PROBLEM_CODES } from '../../src/base/errors.js';
import { ROLES } from '../../src/catalog/config.js';
import { MACHINE_CONFIG_SCHEMA } from '../../src/catalog/schema.js';
import type { Schema } from './operation.js';
import type { CallerView, ImportView, LoginView, NewTicketView, NewUserView } from './operation-types.js';
import type {
  AuditView,
  ConsoleView,
  HostView,
  MachineDetails,
  MachineState,
  MachineView,
  SessionView,
  SnapshotView,
  TicketView,
  UserView,
} from './views.js';

export const TEXT: Schema = { type: 'string' };
const FLAG: Schema = { type: 'boolean' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
/** What outgrows 32 bits, which is what generators take an integer for. */
export const LONG: Schema = { ...COUNT, format: 'int64' };
const NUMBER: Schema = { type: 'number', format: 'double', minimum: 0 };
const TIME: Schema = { type: 'string', format: 'date-time' };
const RIGHTS: Schema = { type: 'string', enum: ['view', 'control'] };
const ROLE: Schema = { type: 'string', enum: ROLES };
const TEXTS: Schema = { type: 'array', items: TEXT };
const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type, 'null'] });
export const refTo = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
export const listOf = (name: string): Schema => ({ type: 'array', items: refTo(name) });

/** An object that has all of these fields: the compiler sees to it that none of the type's is forgotten. */
export const object = <T>(properties: { readonly [K in keyof T]-?: Schema }, description?: string): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...(description !== undefined && { description }),
});

const STATES: readonly MachineState[] = [
  'off',
  'saved',
  'starting',
  'running',
  'paused',
  'saving',
  'stopping',
  'crashed',
  'template',
  'invalid',
];

const machineView: { readonly [K in keyof MachineView]-?: Schema } = {
  name: TEXT,
  state: { type: 'string', enum: STATES },
  reason: orNull(TEXT),
  problem: orNull(TEXT),
  description: TEXT,
  engine: TEXT,
  accel: orNull(TEXT),
  memoryMiB: NUMBER,
  cpus: COUNT,
  width: orNull(COUNT),
  height: orNull(COUNT),
  pid: orNull(COUNT),
  startedAt: orNull(TIME),
  restarts: COUNT,
  residentBytes: orNull(LONG),
  cpuMs: orNull(NUMBER),
  sessions: COUNT,
  snapshot: orNull(TEXT),
  template: FLAG,
  pool: { type: ['string', 'null'], enum: ['per-user', 'ephemeral', null] },
  origin: {
    anyOf: [object<NonNullable<MachineView['origin']>>({ template: TEXT, user: orNull(TEXT) }), { type: 'null' }],
  },
  role: ROLE,
};
const userView: { readonly [K in keyof UserView]-?: Schema } = {
  name: TEXT,
  groups: TEXTS,
  admin: FLAG,
  disabled: FLAG,
  createdAt: TIME,
};
const ticketView: { readonly [K in keyof TicketView]-?: Schema } = {
  id: TEXT,
  machine: TEXT,
  user: TEXT,
  rights: RIGHTS,
  expiresAt: TIME,
  usesLeft: COUNT,
};

/** JSON Schemas of everything that comes back, by name: `components.schemas` of the OpenAPI document. */
export const SCHEMAS = {
  MachineConfig: MACHINE_CONFIG_SCHEMA,
  MachineView: object<MachineView>(machineView),
  MachineDetails: object<MachineDetails>({
    ...machineView,
    config: refTo('MachineConfig'),
    folder: TEXT,
    ports: object<MachineDetails['ports']>({ rdp: orNull(TEXT), vnc: orNull(TEXT) }),
    snapshots: listOf('SnapshotView'),
    diskBytes: LONG,
  }),
  SnapshotView: object<SnapshotView>({
    id: TEXT,
    name: TEXT,
    parent: orNull(TEXT),
    takenAt: TIME,
    description: TEXT,
    running: FLAG,
    current: FLAG,
  }),
  SessionView: object<SessionView>({
    id: TEXT,
    machine: orNull(TEXT),
    user: TEXT,
    remote: TEXT,
    via: { type: 'string', enum: ['rdp', 'rfb', 'websocket'] },
    rights: RIGHTS,
    since: TIME,
    sentBytes: LONG,
    updates: LONG,
    rttMs: orNull(NUMBER),
  }),
  UserView: object<UserView>(userView),
  CallerView: object<CallerView>({ ...userView, machine: orNull(TEXT) }),
  NewUserView: object<NewUserView>({ ...userView, password: orNull(TEXT) }),
  TicketView: object<TicketView>(ticketView),
  NewTicketView: object<NewTicketView>({ ...ticketView, secret: TEXT, browser: orNull(TEXT), vnc: orNull(TEXT) }),
  ConsoleView: object<ConsoleView>({
    machine: TEXT,
    user: TEXT,
    ticket: TEXT,
    expiresAt: TIME,
    browser: orNull(TEXT),
    vnc: orNull(TEXT),
    rdp: {
      anyOf: [object<NonNullable<ConsoleView['rdp']>>({ address: TEXT, user: TEXT, file: TEXT }), { type: 'null' }],
    },
  }),
  AccessView: { type: 'object', additionalProperties: ROLE } satisfies Schema,
  ImportView: object<ImportView>({
    machine: { anyOf: [refTo('MachineView'), { type: 'null' }] },
    name: TEXT,
    config: refTo('MachineConfig'),
    notCarriedOver: TEXTS,
  }),
  LoginView: object<LoginView>({
    user: TEXT,
    admin: FLAG,
    token: orNull(TEXT),
    expiresAt: TIME,
    machine: orNull(TEXT),
  }),
  HostView: object<HostView>({
    version: TEXT,
    pid: COUNT,
    startedAt: TIME,
    rdp: orNull(TEXT),
    vnc: orNull(TEXT),
    http: orNull(TEXT),
    memory: object<HostView['memory']>({
      totalMiB: NUMBER,
      availableMiB: NUMBER,
      promisedMiB: NUMBER,
      allowedMiB: NUMBER,
    }),
    cpus: COUNT,
    load: NUMBER,
    ksm: {
      anyOf: [object<NonNullable<HostView['ksm']>>({ running: FLAG, sharedMiB: NUMBER }), { type: 'null' }],
    },
    machines: COUNT,
    running: COUNT,
    sessions: COUNT,
  }),
  AuditView: object<AuditView>({
    at: TIME,
    action: TEXT,
    user: orNull(TEXT),
    remote: orNull(TEXT),
    machine: orNull(TEXT),
    ok: FLAG,
    detail: TEXT,
  }),
  Problem: object<{ type: string; title: string; status: number; detail: string }>(
    { type: { type: 'string', format: 'uri-reference' }, title: TEXT, status: COUNT, detail: TEXT },
    `RFC 9457; \`type\` is /problems/ and a code that does not change: ${PROBLEM_CODES.join(', ')}`,
  ),
} as const satisfies Readonly<Record<string, Schema>>;
