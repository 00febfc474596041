import type { Codec } from '../../wire/codec.js';
import type { Writer } from '../../wire/writer.js';
import { FAST_PATH_ACTION, MAX_FAST_PATH_PDU, readFastPathHeader } from './fast-path-header.js';

/** @spec MS-RDPBCGR 2.2.9.1.2.1 Fast-Path Update (TS_FP_UPDATE), updateCode */
export const UPDATE_CODE = {
  bitmap: 1,
  surfaceCommands: 4,
  pointerNull: 5,
  pointerDefault: 6,
  pointerPosition: 8,
  colorPointer: 9,
  cachedPointer: 10,
  newPointer: 11,
  largePointer: 12,
} as const;
export type UpdateCode = (typeof UPDATE_CODE)[keyof typeof UPDATE_CODE];

const FRAGMENTATION = { single: 0, last: 1, first: 2, next: 3 } as const;
export type Fragmentation = keyof typeof FRAGMENTATION;
const FRAGMENTATIONS: readonly Fragmentation[] = ['single', 'last', 'first', 'next'];

const COMPRESSION_USED = 2;

/** Bytes before an update's data when it travels in a PDU of its own. */
const HEADER_SIZE = 6; // fpOutputHeader 1, length 2, updateHeader 1, size 2

/** Most bytes of update data that one PDU takes. */
export const MAX_UPDATE_DATA = MAX_FAST_PATH_PDU - HEADER_SIZE;

/** @spec MS-RDPBCGR 2.2.9.1.2.1 Fast-Path Update (TS_FP_UPDATE) */
export interface FastPathUpdate {
  readonly code: number;
  readonly fragmentation: Fragmentation;
  readonly data: Uint8Array;
}

/** @spec MS-RDPBCGR 2.2.9.1.2 Server Fast-Path Update PDU (TS_FP_UPDATE_PDU) */
export interface FastPathUpdatePdu {
  readonly updates: readonly FastPathUpdate[];
}

export const FastPathUpdatePdu: Codec<FastPathUpdatePdu> = {
  name: 'TS_FP_UPDATE_PDU',
  fixedSize: 2, // fpOutputHeader 1, length1 1
  encode(w, { updates }) {
    const start = w.length;
    w.u8(FAST_PATH_ACTION).u16be(0);
    for (const { code, fragmentation, data } of updates) {
      w.u8(code | (FRAGMENTATION[fragmentation] << 4)).u16le(data.length);
      w.bytes(data);
    }
    w.patchU16be(start + 1, 0x8000 | (w.length - start));
  },
  decode(r) {
    const { body } = readFastPathHeader(r);
    const updates: FastPathUpdate[] = [];
    while (body.remaining > 0) {
      const header = body.u8('updateHeader');
      if (header >> 6 === COMPRESSION_USED) body.fail('unsupported', 'compression', 'bulk compression');
      const size = body.u16le('size');
      updates.push({
        code: header & 15,
        fragmentation: FRAGMENTATIONS[(header >> 4) & 3]!,
        data: body.take(size, 'updateData'),
      });
    }
    return { updates };
  },
};

/**
 * Appends one update in as many PDUs as it needs. More than MAX_UPDATE_DATA bytes become fragments:
 * the caller has made sure that the client reassembles that many.
 */
export function writeFastPathUpdate(w: Writer, code: UpdateCode, data: Uint8Array): void {
  if (data.length <= MAX_UPDATE_DATA) {
    FastPathUpdatePdu.encode(w, { updates: [{ code, fragmentation: 'single', data }] });
    return;
  }
  for (let at = 0; at < data.length; at += MAX_UPDATE_DATA) {
    const fragmentation = at === 0 ? 'first' : at + MAX_UPDATE_DATA < data.length ? 'next' : 'last';
    const part = data.subarray(at, at + MAX_UPDATE_DATA);
    FastPathUpdatePdu.encode(w, { updates: [{ code, fragmentation, data: part }] });
  }
}
