import type { AcceptorState } from '../../protocols/rdp/transcript.js';
import { DecodeError } from '../../protocols/wire/errors.js';
import type { RdpHandover } from '../session/handover.js';

/** What of a handover is the session's own. */
export type Handover = Omit<RdpHandover, 'visitor'>;

/** @param toggles lights on the client's keyboard, where it has told */
export function packHandover({ request, plain, desktop, rest }: AcceptorState, toggles: number | undefined): Handover {
  return {
    kind: 'rdp',
    request: base64(request),
    plain: base64(plain),
    ...(desktop !== undefined && { desktop, rest: base64(rest) }),
    ...(desktop !== undefined && toggles !== undefined && { toggles }),
  };
}

/** Throws DecodeError where the fields are not of their kind; what the bytes are is for the acceptor to find out. */
export function unpackHandover({ request, plain, desktop, rest = '' }: Handover): AcceptorState {
  if (desktop !== undefined && !(isLength(desktop.width) && isLength(desktop.height))) {
    throw new DecodeError('invalid', 'handover', `a desktop of ${desktop.width}x${desktop.height}`);
  }
  return { request: bytesOf(request), plain: bytesOf(plain), desktop, rest: bytesOf(rest) };
}

/** Desktop sizes have 16 bits on the wire. */
function isLength(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 0xffff;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function bytesOf(text: string): Uint8Array {
  if (typeof text !== 'string') throw new DecodeError('invalid', 'handover', 'bytes belong into a string');
  return Buffer.from(text, 'base64');
}
