import type { PixelFormat } from '../../protocols/rfb/pixel-format.js';
import { BGRX, RGB332 } from '../../protocols/rfb/pixel-format.js';
import type { Pixels } from '../../src/display/framebuffer.js';
import { Random } from '../random.js';

/** Pixel formats as clients ask for them. */
export const FORMATS: Record<string, PixelFormat> = {
  BGRX: BGRX,
  RGBX: { ...BGRX, redShift: 0, blueShift: 16 },
  'XRGB big-endian': { ...BGRX, bigEndian: true },
  'RGBX in the high bytes': { ...BGRX, redShift: 24, greenShift: 16, blueShift: 8 },
  'RGBX in the high bytes, big-endian': { ...BGRX, bigEndian: true, redShift: 24, greenShift: 16, blueShift: 8 },
  '10 bits a channel': {
    ...BGRX,
    depth: 30,
    redMax: 1023,
    greenMax: 1023,
    blueMax: 1023,
    redShift: 20,
    greenShift: 10,
  },
  RGB565: { ...BGRX, bitsPerPixel: 16, depth: 16, redMax: 31, greenMax: 63, blueMax: 31, redShift: 11, greenShift: 5 },
  'RGB565 big-endian': {
    ...BGRX,
    bitsPerPixel: 16,
    depth: 16,
    bigEndian: true,
    redMax: 31,
    greenMax: 63,
    blueMax: 31,
    redShift: 11,
    greenShift: 5,
  },
  RGB332: RGB332,
  BGR111: { ...RGB332, depth: 3, redMax: 1, greenMax: 1, blueMax: 1, redShift: 0, greenShift: 1, blueShift: 2 },
};

export type Content = (x: number, y: number, random: Random) => number;

/** Kinds of pictures, each liked by another branch of the encoders. The X byte is dirt on purpose. */
export const CONTENTS: Record<string, Content> = {
  flat: () => 0x12336699,
  text: (x, y, random) => (y % 12 < 9 && (x * 7 + y * 13) % 11 < 4 && random.below(3) > 0 ? 0xff101010 : 0x00f0f0f0),
  window: (x, y) => (y < 9 ? 0x335588 : x % 40 === 0 ? 0x222222 : y % 25 < 4 ? 0xd0d0d0 : 0xffffff),
  bars: (x) => 0x010307 * (x >> 2),
  gradient: (x, y) => (x * 3) | ((y * 3) << 8) | ((x + y) << 16),
  photo: (x, y, random) =>
    ((x * 2 + random.below(7)) & 255) | (((y + random.below(9)) & 255) << 8) | (random.below(5) << 18),
  noise: (_x, _y, random) => random.next(),
};

export function picture(width: number, height: number, content: Content, seed = 1): Pixels {
  const random = new Random(seed);
  const words = new Uint32Array(width * height);
  for (let i = 0; i < words.length; i++) words[i] = content(i % width, Math.floor(i / width), random);
  return { width, height, words, bytes: new Uint8Array(words.buffer) };
}
