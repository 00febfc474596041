import { PixelFormat } from '../../protocols/rfb/pixel-format.js';
import { decode, encode } from '../../protocols/wire/codec.js';
import { DecodeError } from '../../protocols/wire/errors.js';
import { isKeys, type RfbClientState } from '../session/handover.js';

/** A running client as another session has left it. */
export interface ClientState extends Omit<RfbClientState, 'pixelFormat'> {
  readonly format: PixelFormat;
}

const MAX_EDGE = 0xffff;
const MAX_ENCODINGS = 256;

export function packClientState({ format, ...rest }: ClientState): RfbClientState {
  return { ...rest, pixelFormat: toBase64(encode(PixelFormat, format)) };
}

/** Throws DecodeError for a state that no session can have left. */
export function unpackClientState(state: RfbClientState | undefined): ClientState {
  if (typeof state !== 'object' || state === null) return invalid('client', 'missing');
  const { pixelFormat, ...rest } = state;
  for (const edge of ['width', 'height'] as const) {
    if (!isInteger(state[edge], 1, MAX_EDGE)) invalid(edge, 'not the size of a screen');
  }
  for (const flag of ['zlibBegun', 'extendedButtons', 'requested', 'cursorTold'] as const) {
    if (typeof state[flag] !== 'boolean') invalid(flag, 'neither true nor false');
  }
  const { encodings, down } = state;
  if (!Array.isArray(encodings) || encodings.length > MAX_ENCODINGS) invalid('encodings', 'not a list of encodings');
  if (!encodings.every((one) => isInteger(one, -(2 ** 31), 2 ** 31 - 1))) invalid('encodings', 'not numbers');
  if (!isKeys(down)) invalid('down', 'not a list of keys');
  return { ...rest, format: decode(PixelFormat, fromBase64(pixelFormat, 'pixelFormat')) };
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Throws DecodeError for what is no text. */
export function fromBase64(text: string, field: string): Uint8Array {
  if (typeof text !== 'string') return invalid(field, 'not base64');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function isInteger(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function invalid(field: string, message: string): never {
  throw new DecodeError('invalid', field, message);
}
