import type { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';

/** The part of ASN.1's Basic Encoding Rules (X.690) that MCS Connect PDUs use. */
export const TAG = { boolean: 0x01, integer: 0x02, octetString: 0x04, enumerated: 0x0a, sequence: 0x30 } as const;

export function readTag(r: Reader, tag: number, field: string): void {
  const found = r.u8(field);
  if (found !== tag) r.fail('invalid', field, `tag ${found}, not ${tag}`);
}

/** Application tags over 30 take two bytes: 0x7f and the number. */
export function readApplicationTag(r: Reader, number: number, field: string): void {
  readTag(r, 0x7f, field);
  readTag(r, number, field);
}

export function readLength(r: Reader, field: string): number {
  const first = r.u8(field);
  if (first < 0x80) return first;
  if (first === 0x81) return r.u8(field);
  if (first === 0x82) return r.u16be(field);
  return r.fail('limit', field, `a length of ${first & 0x7f} bytes`);
}

export function readOctets(r: Reader, field: string): Uint8Array {
  readTag(r, TAG.octetString, field);
  return r.take(readLength(r, field), field);
}

export function readBoolean(r: Reader, field: string): boolean {
  readTag(r, TAG.boolean, field);
  readTag(r, 1, field);
  return r.u8(field) !== 0;
}

/** An INTEGER or ENUMERATED that is not negative, of at most four bytes (five with the leading zero). */
export function readUnsigned(r: Reader, tag: number, field: string): number {
  readTag(r, tag, field);
  const bytes = r.take(readLength(r, field), field);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  if (bytes.length === 0 || value > 0xffffffff) r.fail('invalid', field, 'not a 32 bit number');
  return value;
}

export function writeLength(w: Writer, length: number): void {
  if (length < 0x80) w.u8(length);
  else if (length < 0x100) w.u8(0x81).u8(length);
  else w.u8(0x82).u16be(length);
}

export function writeOctets(w: Writer, octets: Uint8Array): void {
  w.u8(TAG.octetString);
  writeLength(w, octets.length);
  w.bytes(octets);
}

export function writeBoolean(w: Writer, value: boolean): void {
  w.u8(TAG.boolean)
    .u8(1)
    .u8(value ? 0xff : 0);
}

/** In the fewest bytes that do not read as a negative number. */
export function writeUnsigned(w: Writer, tag: number, value: number): void {
  w.u8(tag);
  if (value < 0x80) w.u8(1).u8(value);
  else if (value < 0x8000) w.u8(2).u16be(value);
  else if (value < 0x80_0000)
    w.u8(3)
      .u8(value >>> 16)
      .u16be(value & 0xffff);
  else if (value < 0x8000_0000) w.u8(4).u32be(value);
  else w.u8(5).u8(0).u32be(value);
}
