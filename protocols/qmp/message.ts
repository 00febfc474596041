import { DecodeError } from '../wire/errors.js';

type Json = Record<string, unknown>;

/** A line from QEMU's machine protocol server. */
export type QmpMessage =
  /** @spec QMP 2.2 Server Greeting */
  | { readonly kind: 'greeting'; readonly version: string }
  /** @spec QMP 2.4.1 success */
  | { readonly kind: 'answer'; readonly id: number | undefined; readonly value: unknown }
  /** @spec QMP 2.4.2 error */
  | {
      readonly kind: 'refusal';
      readonly id: number | undefined;
      readonly errorClass: string;
      readonly description: string;
    }
  /** @spec QMP 2.5 Asynchronous events */
  | { readonly kind: 'event'; readonly name: string; readonly data: Readonly<Json> };

/** Parses one line. Throws DecodeError. Members that we do not know are skipped, as QMP wants it. */
export function parseQmp(line: string): QmpMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new DecodeError('invalid', 'line', 'not JSON');
  }
  const message = object(parsed, 'line');
  if ('QMP' in message) return { kind: 'greeting', version: versionOf(object(message.QMP, 'QMP')) };
  if ('event' in message) {
    const data = message.data === undefined ? {} : object(message.data, 'data');
    return { kind: 'event', name: text(message.event, 'event'), data };
  }
  const id = message.id;
  if (id !== undefined && !Number.isInteger(id)) throw new DecodeError('invalid', 'id', 'not one of ours');
  if ('return' in message) return { kind: 'answer', id: id as number | undefined, value: message.return };
  if ('error' in message) {
    const error = object(message.error, 'error');
    return {
      kind: 'refusal',
      id: id as number | undefined,
      errorClass: text(error.class, 'class'),
      description: text(error.desc, 'desc'),
    };
  }
  throw new DecodeError('invalid', 'line', 'neither greeting, answer nor event');
}

/**
 * A command as a line. Characters outside ASCII are escaped, so that no encoding has to be agreed on.
 * @spec QMP 2.3 Issuing Commands
 */
export function formatCommand(name: string, args: Readonly<Json> | undefined, id: number): Uint8Array {
  const json = JSON.stringify(args === undefined ? { execute: name, id } : { execute: name, arguments: args, id });
  const line = json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const bytes = new Uint8Array(line.length + 1);
  for (let i = 0; i < line.length; i++) bytes[i] = line.charCodeAt(i);
  bytes[line.length] = 0x0a;
  return bytes;
}

/** "7.2.22" of `{"version": {"qemu": {"major": 7, "minor": 2, "micro": 22}}}`. */
function versionOf(greeting: Json): string {
  const qemu = object(object(greeting.version, 'version').qemu, 'qemu');
  return [qemu.major, qemu.minor, qemu.micro].map((part) => (Number.isInteger(part) ? part : '?')).join('.');
}

function object(value: unknown, field: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new DecodeError('invalid', field, 'not an object');
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw new DecodeError('invalid', field, 'not a string');
}
