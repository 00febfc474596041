import type { Chunks } from '../wire/chunks.js';
import { DecodeError } from '../wire/errors.js';
import { Writer } from '../wire/writer.js';

/** @spec MS-RDPBCGR 2.2.1.1 tpktHeader (T.123 8): version 3, reserved, length of the whole packet. */
export const TPKT_VERSION = 3;
export const TPKT_HEADER_BYTES = 4;

/** Most bytes a TPKT can carry. */
const MAX_PAYLOAD_BYTES = 0xffff - TPKT_HEADER_BYTES;

/** One packet, its payload written in place. */
export function tpkt(writePayload: (w: Writer) => void, capacity = 64): Uint8Array {
  const w = new Writer(capacity);
  w.u8(TPKT_VERSION).u8(0).u16be(0);
  writePayload(w);
  if (w.length - TPKT_HEADER_BYTES > MAX_PAYLOAD_BYTES) throw new RangeError('a packet over 64 KiB');
  w.patchU16be(2, w.length);
  return w.finish();
}

/** All of it, and what follows a TPKT header. */
export type Packet =
  | { readonly kind: 'tpkt'; readonly bytes: Uint8Array; readonly payload: Uint8Array }
  | { readonly kind: 'fast-path'; readonly bytes: Uint8Array };

/**
 * The next whole packet, or undefined while more bytes are needed. The first byte tells the two kinds apart: 3 is a
 * TPKT's version; a fast-path header has zeros in its two lowest bits.
 * @spec MS-RDPBCGR 2.2.8.1.2 Client Fast-Path Input Event PDU
 * @param capBytes longest packet that is taken here.
 */
export function takePacket(inbound: Chunks, capBytes: number): Packet | undefined {
  const start = inbound.peek(2);
  if (start === undefined) return undefined;
  if (start[0] === TPKT_VERSION) {
    const header = inbound.peek(TPKT_HEADER_BYTES);
    if (header === undefined) return undefined;
    const length = (header[2]! << 8) | header[3]!;
    checkLength(length, TPKT_HEADER_BYTES + 1, capBytes, 'tpkt length');
    const bytes = inbound.take(length);
    return bytes && { kind: 'tpkt', bytes, payload: bytes.subarray(TPKT_HEADER_BYTES) };
  }
  if ((start[0]! & 0x03) !== 0) throw new DecodeError('invalid', 'packet', `begins with byte ${start[0]}`);
  const long = (start[1]! & 0x80) !== 0;
  const header = inbound.peek(long ? 3 : 2);
  if (header === undefined) return undefined;
  const length = long ? ((header[1]! & 0x7f) << 8) | header[2]! : header[1]!;
  checkLength(length, header.length, capBytes, 'fast-path length');
  const bytes = inbound.take(length);
  return bytes && { kind: 'fast-path', bytes };
}

function checkLength(length: number, least: number, most: number, field: string): void {
  if (length < least) throw new DecodeError('invalid', field, `${length} bytes cannot hold the header`);
  if (length > most) throw new DecodeError('limit', field, `${length} bytes, at most ${most} are taken here`);
}
