import { type PixelFormat, RGB332 } from '../../protocols/rfb/pixel-format.js';
import type { Pixels } from '../display/framebuffer.js';
import type { Rect } from '../display/rect.js';

/**
 * A client's pixel format, ready for use. A pixel value here is what a little-endian store of `bytesPerPixel`
 * bytes puts into the client's order: a big-endian format's values are swapped already.
 */
export interface PixelLayout {
  readonly format: PixelFormat;
  readonly bytesPerPixel: 1 | 2 | 4;
  /** Each channel's share of a pixel value, by its 8 bit intensity. */
  readonly red: Uint32Array;
  readonly green: Uint32Array;
  readonly blue: Uint32Array;
  /** ZRLE's compressed pixel: `cpixelBytes` of the value, after `cpixelSkip` bytes that carry no colour. */
  readonly cpixelBytes: 1 | 2 | 3 | 4;
  readonly cpixelSkip: 0 | 1;
  /** The screen's own format: a pixel's value is its word without the byte that means nothing. */
  readonly isNative: boolean;
}

/**
 * The format that a client gets when it asks for `wanted`. 8, 16 and 32 bits a pixel are served as asked; other
 * widths get the next wider one. A colour map is replaced by fixed colours, which the client has to be told.
 */
export function servedFormat(wanted: PixelFormat): PixelFormat {
  const bitsPerPixel = wanted.bitsPerPixel <= 8 ? 8 : wanted.bitsPerPixel <= 16 ? 16 : 32;
  if (wanted.trueColour) return { ...wanted, bitsPerPixel };
  return { ...RGB332, bitsPerPixel, bigEndian: wanted.bigEndian, trueColour: false };
}

/** @param format as `servedFormat` returns it */
export function pixelLayout(format: PixelFormat): PixelLayout {
  const bytesPerPixel = (format.bitsPerPixel / 8) as 1 | 2 | 4;
  const channel = (max: number, shift: number): Uint32Array =>
    Uint32Array.from({ length: 256 }, (_, intensity) => {
      // Shifts beyond the pixel come from clients in the wild: such a channel is lost, the others are not.
      const value = shift < format.bitsPerPixel ? (Math.round((intensity * max) / 255) << shift) >>> 0 : 0;
      const fitting = bytesPerPixel === 4 ? value : value & (2 ** format.bitsPerPixel - 1);
      return format.bigEndian ? swapBytes(fitting, bytesPerPixel) : fitting;
    });
  const red = channel(format.redMax, format.redShift);
  const green = channel(format.greenMax, format.greenShift);
  const blue = channel(format.blueMax, format.blueShift);
  // Blue lowest, then green, then red, each with all its 8 bits.
  const isNative = red[255] === 0xff0000 && green[255] === 0xff00 && blue[255] === 0xff;
  return { format, bytesPerPixel, red, green, blue, isNative, ...cpixel(format, bytesPerPixel) };
}

/** @spec RFC 6143 7.7.5 TRLE (CPIXEL): which three of a pixel's four bytes hold all of its colour. */
function cpixel(format: PixelFormat, bytesPerPixel: 1 | 2 | 4): Pick<PixelLayout, 'cpixelBytes' | 'cpixelSkip'> {
  const whole = { cpixelBytes: bytesPerPixel, cpixelSkip: 0 } as const;
  if (bytesPerPixel !== 4 || !format.trueColour || format.depth > 24) return whole;
  const bits =
    format.redMax * 2 ** format.redShift +
    format.greenMax * 2 ** format.greenShift +
    format.blueMax * 2 ** format.blueShift;
  const fitsLow = bits < 2 ** 24;
  const fitsHigh = Math.min(format.redShift, format.greenShift, format.blueShift) >= 8;
  if (!fitsLow && !fitsHigh) return whole;
  return { cpixelBytes: 3, cpixelSkip: fitsLow === format.bigEndian ? 1 : 0 };
}

/**
 * Pixel values of `rect`, row by row, into `values`; what lies outside the screen is black. The copy also gives the
 * encoders pixels that stand still: a guest may go on painting the framebuffer meanwhile.
 */
export function readPixels(pixels: Pixels, rect: Rect, layout: PixelLayout, values: Uint32Array): void {
  const { words, width, height } = pixels;
  const { red, green, blue, isNative } = layout;
  const inside = Math.max(0, Math.min(rect.width, width - rect.x));
  let at = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    const from = y * width + rect.x;
    const here = y < height ? inside : 0;
    if (isNative) {
      for (let i = 0; i < here; i++) values[at++] = words[from + i]! & 0xffffff;
    } else {
      for (let i = 0; i < here; i++) {
        const word = words[from + i]!;
        values[at++] = red[(word >> 16) & 0xff]! | green[(word >> 8) & 0xff]! | blue[word & 0xff]!;
      }
    }
    for (let i = here; i < rect.width; i++) values[at++] = 0;
  }
}

/** Stores the low `count` bytes of `value`, lowest first, and returns where the next ones go. */
export function putBytes(out: Uint8Array, at: number, value: number, count: number): number {
  out[at] = value;
  if (count > 1) out[at + 1] = value >>> 8;
  if (count > 2) out[at + 2] = value >>> 16;
  if (count > 3) out[at + 3] = value >>> 24;
  return at + count;
}

function swapBytes(value: number, count: 1 | 2 | 4): number {
  if (count === 1) return value;
  if (count === 2) return ((value & 0xff) << 8) | (value >>> 8);
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
