import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.8.1.1.1.2 pduType2 */
export const PDU_TYPE2 = {
  update: 0x02,
  control: 0x14,
  pointer: 0x1b,
  input: 0x1c,
  synchronize: 0x1f,
  refreshRect: 0x21,
  playSound: 0x22,
  suppressOutput: 0x23,
  shutdownRequest: 0x24,
  shutdownDenied: 0x25,
  saveSessionInfo: 0x26,
  fontList: 0x27,
  fontMap: 0x28,
  setKeyboardIndicators: 0x29,
  persistentKeyList: 0x2b,
  setErrorInfo: 0x2f,
  frameAcknowledge: 0x38,
} as const;

const STREAM_LOW = 1;
/** What uncompressedLength counts besides the body: pduType2, compressedType, compressedLength. */
const COUNTED_HEADER_BYTES = 4;
const COMPRESSED = 0x20;

/** @spec MS-RDPBCGR 2.2.8.1.1.1.2 Share Data Header (TS_SHAREDATAHEADER), with what it is the header of */
export interface ShareData {
  readonly shareId: number;
  /** One of PDU_TYPE2. */
  readonly type: number;
  readonly body: Uint8Array;
}

export const ShareData: Codec<ShareData> = {
  name: 'Share Data Header (TS_SHAREDATAHEADER)',
  // shareId, pad, streamId, uncompressedLength, pduType2, compressedType, compressedLength
  fixedSize: 4 + 1 + 1 + 2 + 1 + 1 + 2,
  encode(w, { shareId, type, body }) {
    w.u32le(shareId).u8(0).u8(STREAM_LOW);
    w.u16le(body.length + COUNTED_HEADER_BYTES).u8(type);
    w.u8(0 /* compressedType */).u16le(0 /* compressedLength */).bytes(body);
  },
  decode(r) {
    const shareId = r.u32le('shareId');
    r.skip(4, 'pad1, streamId, uncompressedLength');
    const type = r.u8('pduType2');
    const compressedType = r.u8('compressedType');
    r.skip(2, 'compressedLength');
    // Nothing was said that would allow a client to compress.
    if ((compressedType & COMPRESSED) !== 0) r.fail('unsupported', 'compressedType', 'the body is compressed');
    return { shareId, type, body: r.rest() };
  },
};
