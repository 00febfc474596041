import { DecodeError } from '../../wire/errors.js';
import type { Reader } from '../../wire/reader.js';

/** Action bits of the first byte; the other action is X.224, whose first byte is TPKT's version 3. */
export const FAST_PATH_ACTION = 0;
const ACTION_MASK = 3;

/** Flags in the two highest bits of the first byte, both directions. */
const SECURE_CHECKSUM = 0x40;
const ENCRYPTED = 0x80;

/** Longest PDU that we send: longer ones can be written down (15 bits), but not every client takes them. */
export const MAX_FAST_PATH_PDU = 0x3fff;

/** Whether a PDU that begins with this byte is fast-path rather than TPKT. */
export function isFastPath(firstByte: number): boolean {
  return (firstByte & ACTION_MASK) === FAST_PATH_ACTION;
}

/**
 * The whole length of the fast-path PDU that `start` begins, or undefined while its header is not all there.
 * Three bytes always suffice. Throws DecodeError for a length that does not even hold the header.
 */
export function fastPathPduLength(start: Uint8Array): number | undefined {
  const first = start[1];
  if (first === undefined) return undefined;
  const isLong = (first & 0x80) !== 0;
  const second = start[2];
  if (isLong && second === undefined) return undefined;
  const length = isLong ? ((first & 0x7f) << 8) | second! : first;
  if (length < (isLong ? 3 : 2))
    throw new DecodeError('invalid', 'length', `${length} bytes do not hold the header`, 1);
  return length;
}

/** Reads header byte and length; leaves the reader behind them. Returns a reader of the body and the header byte. */
export function readFastPathHeader(r: Reader): { header: number; body: Reader } {
  const start = r.position;
  const header = r.u8('fpHeader');
  if (!isFastPath(header)) r.fail('invalid', 'action', 'is not fast-path');
  // RDP's own encryption is never negotiated: TLS is below us.
  if ((header & (SECURE_CHECKSUM | ENCRYPTED)) !== 0) r.fail('unsupported', 'flags', 'encrypted fast-path');
  const length1 = r.u8('length1');
  const length = (length1 & 0x80) === 0 ? length1 : ((length1 & 0x7f) << 8) | r.u8('length2');
  const used = r.position - start;
  if (length < used) r.fail('invalid', 'length', `${length} bytes do not hold the header`);
  return { header, body: r.sub(length - used, 'fast-path body') };
}
