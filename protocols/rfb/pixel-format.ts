import type { Codec } from '../wire/codec.js';

/** @spec RFC 6143 7.4 Pixel Format Data Structure */
export interface PixelFormat {
  readonly bitsPerPixel: number;
  readonly depth: number;
  readonly bigEndian: boolean;
  readonly trueColour: boolean;
  readonly redMax: number;
  readonly greenMax: number;
  readonly blueMax: number;
  readonly redShift: number;
  readonly greenShift: number;
  readonly blueShift: number;
}

export const PixelFormat: Codec<PixelFormat> = {
  name: 'PixelFormat',
  fixedSize: 16 /* bits-per-pixel 1, depth 1, big-endian 1, true-color 1, max 3*2, shift 3*1, padding 3 */,
  encode(w, v) {
    w.u8(v.bitsPerPixel)
      .u8(v.depth)
      .u8(v.bigEndian ? 1 : 0)
      .u8(v.trueColour ? 1 : 0);
    w.u16be(v.redMax).u16be(v.greenMax).u16be(v.blueMax);
    w.u8(v.redShift).u8(v.greenShift).u8(v.blueShift).zeros(3);
  },
  decode(r) {
    const format = {
      bitsPerPixel: r.u8('bits-per-pixel'),
      depth: r.u8('depth'),
      bigEndian: r.u8('big-endian-flag') !== 0,
      trueColour: r.u8('true-color-flag') !== 0,
      redMax: r.u16be('red-max'),
      greenMax: r.u16be('green-max'),
      blueMax: r.u16be('blue-max'),
      redShift: r.u8('red-shift'),
      greenShift: r.u8('green-shift'),
      blueShift: r.u8('blue-shift'),
    };
    r.skip(3, 'padding');
    return format;
  },
};

/** The framebuffer's own format: B G R X in memory. */
export const BGRX: PixelFormat = {
  bitsPerPixel: 32,
  depth: 24,
  bigEndian: false,
  trueColour: true,
  redMax: 255,
  greenMax: 255,
  blueMax: 255,
  redShift: 16,
  greenShift: 8,
  blueShift: 0,
};

/** 8 bits a pixel, with the red in the high bits: what the 256 entry colour map that we make up contains. */
export const RGB332: PixelFormat = {
  bitsPerPixel: 8,
  depth: 8,
  bigEndian: false,
  trueColour: true,
  redMax: 7,
  greenMax: 7,
  blueMax: 3,
  redShift: 5,
  greenShift: 2,
  blueShift: 0,
};
