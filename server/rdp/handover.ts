import type { AcceptorState } from '../../protocols/rdp/transcript.js';
import { DecodeError } from '../../protocols/wire/errors.js';
import { isKeys, type RdpHandover } from '../session/handover.js';

/** What of a handover is the session's own. */
export type Handover = Omit<RdpHandover, 'visitor'>;

/** What a viewer leaves to the next one: see RdpHandover. */
export type ViewerState = Pick<RdpHandover, 'isSuppressed' | 'down' | 'toggles'>;

export function packHandover({ request, plain, desktop, rest }: AcceptorState, viewer: ViewerState): Handover {
  return {
    kind: 'rdp',
    request: base64(request),
    plain: base64(plain),
    ...(desktop !== undefined && { desktop, rest: base64(rest) }),
    ...(desktop !== undefined && viewer),
  };
}

/** Throws DecodeError where the fields are not of their kind. */
export function viewerStateOf({ isSuppressed = false, down = [], toggles }: Handover): ViewerState {
  if (!isKeys(down)) throw new DecodeError('invalid', 'handover', 'keys that are none');
  return { isSuppressed: isSuppressed === true, down, ...(Number.isInteger(toggles) && { toggles: toggles! }) };
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
