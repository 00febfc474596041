import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';

/** @spec MS-RDPBCGR 2.2.9.1.1.4 Server Pointer Update PDU (TS_POINTER_PDU), messageType */
export const POINTER_MESSAGE = { system: 1, position: 3, color: 6, cached: 7, pointer: 8 } as const;

/** @spec MS-RDPBCGR 2.2.9.1.1.4.3 System Pointer Update (TS_SYSTEMPOINTERATTRIBUTE), systemPointerType */
export const SYSTEM_POINTER = { hidden: 0, default: 0x7f00 } as const;

/** What all pointer shapes have: both masks lie bottom row first, rows padded to an even number of bytes. */
interface PointerMasks {
  readonly cacheIndex: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly width: number;
  readonly height: number;
  /** One bit a pixel, most significant first: set where the screen shows through. */
  readonly andMask: Uint8Array;
  readonly xorMask: Uint8Array;
}

/** @spec MS-RDPBCGR 2.2.9.1.1.4.4 Color Pointer Update (TS_COLORPOINTERATTRIBUTE): 24 bits a pixel, 32x32 at most */
export interface ColorPointer extends PointerMasks {}

export const ColorPointer: Codec<ColorPointer> = {
  name: 'TS_COLORPOINTERATTRIBUTE',
  fixedSize: 14, // cacheIndex 2, hotSpot 4, width 2, height 2, lengthAndMask 2, lengthXorMask 2
  encode(w, value) {
    encodeHead(w, value);
    w.u16le(value.andMask.length).u16le(value.xorMask.length);
    w.bytes(value.xorMask).bytes(value.andMask).u8(0);
  },
  decode(r) {
    const head = decodeHead(r);
    return { ...head, ...decodeMasks(r, r.u16le('lengthAndMask'), r.u16le('lengthXorMask')) };
  },
};

/** @spec MS-RDPBCGR 2.2.9.1.1.4.5 New Pointer Update (TS_POINTERATTRIBUTE): any depth, 96x96 at most */
export interface NewPointer extends PointerMasks {
  readonly xorBitsPerPixel: number;
}

export const NewPointer: Codec<NewPointer> = {
  name: 'TS_POINTERATTRIBUTE',
  fixedSize: 16, // xorBpp 2, colorPtrAttr 14
  encode(w, value) {
    w.u16le(value.xorBitsPerPixel);
    ColorPointer.encode(w, value);
  },
  decode(r) {
    return { xorBitsPerPixel: r.u16le('xorBpp'), ...ColorPointer.decode(r) };
  },
};

/** @spec MS-RDPBCGR 2.2.9.1.2.1.11 Fast-Path Large Pointer Update (TS_FP_LARGEPOINTERATTRIBUTE): 384x384 at most */
export interface LargePointer extends PointerMasks {
  readonly xorBitsPerPixel: number;
}

export const LargePointer: Codec<LargePointer> = {
  name: 'TS_FP_LARGEPOINTERATTRIBUTE',
  fixedSize: 20, // xorBpp 2, cacheIndex 2, hotSpot 4, width 2, height 2, lengthAndMask 4, lengthXorMask 4
  encode(w, value) {
    w.u16le(value.xorBitsPerPixel);
    encodeHead(w, value);
    w.u32le(value.andMask.length).u32le(value.xorMask.length);
    w.bytes(value.xorMask).bytes(value.andMask).u8(0);
  },
  decode(r) {
    const xorBitsPerPixel = r.u16le('xorBpp');
    const head = decodeHead(r);
    return { xorBitsPerPixel, ...head, ...decodeMasks(r, r.u32le('lengthAndMask'), r.u32le('lengthXorMask')) };
  },
};

/** @spec MS-RDPBCGR 2.2.9.1.1.4.6 Cached Pointer Update (TS_CACHEDPOINTERATTRIBUTE) */
export interface CachedPointer {
  readonly cacheIndex: number;
}

export const CachedPointer: Codec<CachedPointer> = {
  name: 'TS_CACHEDPOINTERATTRIBUTE',
  fixedSize: 2, // cacheIndex 2
  encode(w, { cacheIndex }) {
    w.u16le(cacheIndex);
  },
  decode(r) {
    return { cacheIndex: r.u16le('cacheIndex') };
  },
};

/** @spec MS-RDPBCGR 2.2.9.1.1.4.2 Pointer Position Update (TS_POINTERPOSATTRIBUTE) */
export interface PointerPosition {
  readonly x: number;
  readonly y: number;
}

export const PointerPosition: Codec<PointerPosition> = {
  name: 'TS_POINTERPOSATTRIBUTE',
  fixedSize: 4, // xPos 2, yPos 2
  encode(w, { x, y }) {
    w.u16le(x).u16le(y);
  },
  decode(r) {
    return { x: r.u16le('xPos'), y: r.u16le('yPos') };
  },
};

/** @spec MS-RDPBCGR 2.2.9.1.1.4 Server Pointer Update PDU (TS_POINTER_PDU): how the slow path wraps all of these */
export interface PointerPdu {
  /** One of POINTER_MESSAGE. */
  readonly messageType: number;
  readonly data: Uint8Array;
}

export const PointerPdu: Codec<PointerPdu> = {
  name: 'TS_POINTER_PDU',
  fixedSize: 4, // messageType 2, pad2Octets 2
  encode(w, { messageType, data }) {
    w.u16le(messageType).u16le(0).bytes(data);
  },
  decode(r) {
    const messageType = r.u16le('messageType');
    r.skip(2, 'pad2Octets');
    return { messageType, data: r.rest() };
  },
};

type Head = Omit<PointerMasks, 'andMask' | 'xorMask'>;

function encodeHead(w: Writer, { cacheIndex, hotX, hotY, width, height }: Head): void {
  w.u16le(cacheIndex).u16le(hotX).u16le(hotY).u16le(width).u16le(height);
}

function decodeHead(r: Reader): Head {
  return {
    cacheIndex: r.u16le('cacheIndex'),
    hotX: r.u16le('hotSpot.xPos'),
    hotY: r.u16le('hotSpot.yPos'),
    width: r.u16le('width'),
    height: r.u16le('height'),
  };
}

function decodeMasks(r: Reader, andLength: number, xorLength: number): { xorMask: Uint8Array; andMask: Uint8Array } {
  const xorMask = r.take(xorLength, 'xorMaskData');
  const andMask = r.take(andLength, 'andMaskData');
  // The pad byte is optional.
  if (r.remaining > 0) r.skip(1, 'pad');
  return { xorMask, andMask };
}
