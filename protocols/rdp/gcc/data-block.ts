import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';

/** @spec MS-RDPBCGR 2.2.1.3.1 User Data Header (TS_UD_HEADER): the types in use. */
export const BLOCK = {
  clientCore: 0xc001,
  clientSecurity: 0xc002,
  clientNetwork: 0xc003,
  clientCluster: 0xc004,
  clientMonitor: 0xc005,
  clientMessageChannel: 0xc006,
  serverCore: 0x0c01,
  serverSecurity: 0x0c02,
  serverNetwork: 0x0c03,
  serverMessageChannel: 0x0c04,
} as const;

const HEADER_BYTES = 2 /* type */ + 2 /* length */;

export function writeBlock<T>(w: Writer, type: number, codec: Codec<T>, value: T): void {
  const at = w.length;
  w.u16le(type).u16le(0);
  codec.encode(w, value);
  w.patchU16le(at + 2, w.length - at);
}

/** The blocks of a user data field in order; each with a reader over its body, which ends where the block does. */
export function* readBlocks(r: Reader): Generator<{ readonly type: number; readonly body: Reader }> {
  while (r.remaining >= HEADER_BYTES) {
    const type = r.u16le('block type');
    const length = r.u16le('block length');
    if (length < HEADER_BYTES) r.fail('invalid', 'block length', `is ${length}`);
    yield { type, body: r.sub(length - HEADER_BYTES, 'block') };
  }
}
