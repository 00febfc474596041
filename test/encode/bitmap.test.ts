import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../src/display/framebuffer.js';
import type { Rect } from '../../src/display/rect.js';
import { type BitmapEncoder, MAX_BITMAP_BYTES, MAX_BITMAP_PIXELS } from '../../src/encode/encoder.js';
import { interleavedEncoder } from '../../src/encode/interleaved-rle.js';
import { planarEncoder } from '../../src/encode/planar.js';
import { bytesPerPixel, toDepth } from '../../src/encode/rgb-pixels.js';
import { hex } from '../hex.js';
import { decodeInterleaved } from './interleaved-decoder.js';
import { PICTURES, picture } from './pictures.js';
import { decodePlanar } from './planar-decoder.js';

interface Case {
  readonly name: string;
  readonly encoder: BitmapEncoder;
  readonly decode: (bytes: Uint8Array, width: number, height: number) => Uint32Array;
}
const CASES: readonly Case[] = [
  { name: 'planar', encoder: planarEncoder({ alpha: false, luma: false }), decode: decodePlanar },
  { name: 'planar with luma', encoder: planarEncoder({ alpha: false, luma: true }), decode: decodePlanar },
  { name: 'planar with alpha', encoder: planarEncoder({ alpha: true, luma: false }), decode: decodePlanar },
  ...([15, 16, 24] as const).map((depth) => ({
    name: `interleaved ${depth}`,
    encoder: interleavedEncoder(depth),
    decode: (bytes: Uint8Array, width: number, height: number) => decodeInterleaved(bytes, width, height, depth),
  })),
];

const out = new Uint8Array(MAX_BITMAP_BYTES);

/** What a client shows of a rectangle, whichever form the encoder chose. */
function shown({ encoder, decode }: Case, pixels: Pixels, rect: Rect): Uint32Array {
  const padded = (rect.width + 3) & ~3;
  const size = encoder.compress(pixels, rect, padded, out);
  const rawSize = padded * rect.height * bytesPerPixel(encoder.bitsPerPixel);
  expect(size).toBeLessThan(rawSize);
  const words =
    size > 0 ? decode(out.slice(0, size), padded, rect.height) : rawWords(encoder, pixels, rect, padded, rawSize);
  return crop(words, padded, rect);
}

function rawWords(encoder: BitmapEncoder, pixels: Pixels, rect: Rect, padded: number, rawSize: number): Uint32Array {
  expect(encoder.raw(pixels, rect, padded, out)).toBe(rawSize);
  const step = bytesPerPixel(encoder.bitsPerPixel);
  return Uint32Array.from({ length: padded * rect.height }, (_, i) => {
    const row = rect.height - 1 - Math.floor(i / padded);
    const at = (row * padded + (i % padded)) * step;
    return (out[at]! | (out[at + 1]! << 8) | (step > 2 ? out[at + 2]! << 16 : 0)) >>> 0;
  });
}

function crop(words: Uint32Array, stride: number, { width, height }: Rect): Uint32Array {
  const cropped = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) cropped.set(words.subarray(y * stride, y * stride + width), y * width);
  return cropped;
}

function expected(encoder: BitmapEncoder, pixels: Pixels, { x, y, width, height }: Rect): Uint32Array {
  return Uint32Array.from({ length: width * height }, (_, i) => {
    const word = pixels.words[(y + Math.floor(i / width)) * pixels.width + x + (i % width)]!;
    return toDepth(word, encoder.bitsPerPixel) & 0xffffff;
  });
}

function same(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

for (const c of CASES) {
  describe(c.name, () => {
    test.each(Object.entries(PICTURES))('%s: every width from 1 to 70, several heights', (_, make) => {
      for (let width = 1; width <= 70; width++) {
        for (const height of [1, 2, 3, 17]) {
          const pixels = make(width + 5, height + 3, width * 71 + height);
          const rect = { x: 3, y: 2, width, height };
          expect(same(shown(c, pixels, rect), expected(c.encoder, pixels, rect)), `${width}x${height}`).toBe(true);
        }
      }
    });

    test.each(Object.entries(PICTURES))('%s: the largest bitmaps', (_, make) => {
      for (const [width, height] of [
        [64, 64],
        [MAX_BITMAP_PIXELS, 1],
        [4, MAX_BITMAP_PIXELS / 4],
        [1366, 11],
        [256, 64],
      ] as const) {
        const pixels = make(width, height, 5);
        const rect = { x: 0, y: 0, width, height };
        expect(same(shown(c, pixels, rect), expected(c.encoder, pixels, rect)), `${width}x${height}`).toBe(true);
      }
    });
  });
}

test('a bitmap of greys needs a third of the bytes where the client takes luma', () => {
  const pixels = PICTURES.greys!(256, 64, 1);
  const rect = { x: 0, y: 0, width: 256, height: 64 };
  const rgb = planarEncoder({ alpha: false, luma: false }).compress(pixels, rect, 256, out);
  const luma = planarEncoder({ alpha: false, luma: true }).compress(pixels, rect, 256, out);
  expect(out[0]).toBe(0x31); // colour loss level 1, RLE, no alpha
  // The chroma planes: 256 pixels are five runs of 47 and one of 21, in each of 64 rows.
  expect(luma).toBe((rgb - 1) / 3 + 2 * 64 * 6 + 1);
});

test('the example of MS-RDPEGDI 3.1.9.2.3, in each of the three planes', () => {
  const rows = [
    [253, 140, 62, 14, 135, 193],
    [254, 192, 132, 96, 75, 25],
    [255, 255, 255, 255, 254, 253],
  ];
  const plane = [
    '13 ff 20 fe fd', // the lowest row: one raw value and a run of three, then two raw values
    '60 01 7d f5 c2 9a 38', // six raw differences to it
    '60 01 67 8b a3 78 af',
  ];
  const pixels = picture(6, 3, (x, y) => rows[y]![x]! * 0x010101);
  const stream = hex('30', ...plane, ...plane, ...plane);
  const encoder = planarEncoder({ alpha: false, luma: false });
  // Three planes of 19 bytes are more than raw ones here: encoded as part of a picture with empty rows above.
  const tall = picture(6, 43, (x, y) => (y < 40 ? 0xfd : pixels.words[(y - 40) * 6 + x]! & 0xff) * 0x010101);
  const size = encoder.compress(tall, { x: 0, y: 0, width: 6, height: 43 }, 6, out);
  expect([...out.subarray(1, 20)]).toEqual([...hex(...plane)]);
  expect(
    same(
      decodePlanar(out.slice(0, size), 6, 43),
      tall.words.map((word) => word & 0xffffff),
    ),
  ).toBe(true);
  expect(same(decodePlanar(stream, 6, 3), pixels.words)).toBe(true);
});
