import type { Schema } from './operation.js';
import { LONG, listOf, object, refTo, TEXT } from './schema-parts.js';
import type { ServiceEvent } from './views.js';

type Type = ServiceEvent['type'];
type EventOf<T extends Type> = Extract<ServiceEvent, { readonly type: T }>;

/** An event has its type in it, and all of these fields: none of the type's is forgotten. */
const event = <T extends Type>(
  type: T,
  fields: { readonly [K in Exclude<keyof EventOf<T>, 'type'>]: Schema },
): Schema => object<object>({ type: { type: 'string', const: type }, ...fields });

const NAMES: { readonly [T in Type]: string } = {
  machine: 'MachineEvent',
  'machine-gone': 'MachineGoneEvent',
  sessions: 'SessionsEvent',
  screen: 'ScreenEvent',
  ready: 'ReadyEvent',
};
const BY_TYPE: { readonly [T in Type]: Schema } = {
  machine: event('machine', { machine: refTo('MachineView') }),
  'machine-gone': event('machine-gone', { name: TEXT }),
  sessions: event('sessions', { machine: TEXT, sessions: listOf('SessionView') }),
  screen: event('screen', { machine: TEXT, version: LONG }),
  ready: event('ready', {}),
};
const TYPES = Object.keys(NAMES) as Type[];
const refOf = (type: Type): string => refTo(NAMES[type]).$ref as string;

/** JSON Schemas of what the stream at /events tells of, by name: part of `components.schemas`. */
export const EVENT_SCHEMAS: Readonly<Record<string, Schema>> = {
  ServiceEvent: {
    description: 'What stands behind `data:`; `event:` is its type',
    oneOf: TYPES.map((type) => ({ $ref: refOf(type) })),
    discriminator: {
      propertyName: 'type',
      mapping: Object.fromEntries(TYPES.map((type) => [type, refOf(type)])),
    },
  },
  ...Object.fromEntries(TYPES.map((type) => [NAMES[type], BY_TYPE[type]])),
};
