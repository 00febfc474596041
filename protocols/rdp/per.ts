import type { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';

/** The part of ASN.1's Packed Encoding Rules, aligned (X.691), that MCS Domain PDUs and GCC use. */

/** Longest length that two bytes can say; longer ones would come in fragments, which RDP does not use. */
export const MAX_LENGTH = 0x3fff;

/**
 * One byte below 0x80, else two. Peers put fifteen bits where the rules allow fourteen, so the second bit is
 * read as a part of the number.
 */
export function readLength(r: Reader, field: string): number {
  const first = r.u8(field);
  return first < 0x80 ? first : ((first & 0x7f) << 8) | r.u8(field);
}

/** An unconstrained whole number: its length in bytes, then the bytes; rdesktop sends two-byte numbers with no length. */
export function readInteger(r: Reader, field: string): number {
  const length = readLength(r, field);
  if (length > 4) r.fail('invalid', field, `a number of ${length} bytes`);
  let value = 0;
  for (const byte of r.take(length, field)) value = value * 256 + byte;
  return value;
}

/** An octet string whose shortest length is known to both sides and left out. */
export function readOctets(r: Reader, least: number, field: string): Uint8Array {
  return r.take(readLength(r, field) + least, field);
}

export function writeLength(w: Writer, length: number): void {
  if (length > MAX_LENGTH) throw new RangeError(`${length} bytes do not fit one PER length`);
  if (length < 0x80) w.u8(length);
  else w.u16be(0x8000 | length);
}

export function writeInteger(w: Writer, value: number): void {
  if (value < 0x100) w.u8(1).u8(value);
  else if (value < 0x1_0000) w.u8(2).u16be(value);
  else w.u8(4).u32be(value);
}

export function writeOctets(w: Writer, octets: Uint8Array, least: number): void {
  writeLength(w, octets.length - least);
  w.bytes(octets);
}
