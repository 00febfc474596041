/**
 * How fast RDP's bitmap encoders are, and how small their bitmaps, on a screen cut into pieces of several shapes:
 * `npx vitest bench --run test/bench/bitmap-encoders`. The picture is a synthetic screen of text, or a screenshot:
 * VITRINE_BENCH_PNG=/path/to.png. One operation is one whole screen; sizes are printed first.
 */
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { bench, describe } from 'vitest';
import type { Pixels } from '../../src/display/framebuffer.js';
import { split } from '../../src/display/rect.js';
import { type BitmapEncoder, MAX_BITMAP_BYTES } from '../../src/encode/encoder.js';
import { interleavedEncoder } from '../../src/encode/interleaved-rle.js';
import { planarEncoder } from '../../src/encode/planar.js';
import { PICTURES } from '../encode/pictures.js';

const SHAPES = [
  [64, 64],
  [128, 64],
  [256, 64],
  [512, 32],
] as const;
const ENCODERS: Record<string, BitmapEncoder> = {
  'planar, RGB': planarEncoder({ alpha: false, luma: false }),
  'planar, luma for greys': planarEncoder({ alpha: false, luma: true }),
  'planar with alpha': planarEncoder({ alpha: true, luma: false }),
  'interleaved, 16 bits': interleavedEncoder(16),
  'interleaved, 24 bits': interleavedEncoder(24),
};

const out = new Uint8Array(MAX_BITMAP_BYTES);

function encodeScreen(encoder: BitmapEncoder, pixels: Pixels, maxWidth: number, maxHeight: number): number {
  let bytes = 0;
  for (const rect of split({ x: 0, y: 0, width: pixels.width, height: pixels.height }, maxWidth, maxHeight)) {
    const width = (rect.width + 3) & ~3;
    bytes += encoder.compress(pixels, rect, width, out) || encoder.raw(pixels, rect, width, out);
  }
  return bytes;
}

function screenshot(path: string): Pixels {
  const { width, height, data } = PNG.sync.read(readFileSync(path));
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) bytes.set([data[i + 2]!, data[i + 1]!, data[i]!, 255], i);
  return { width, height, bytes, words: new Uint32Array(bytes.buffer) };
}

const path = process.env.VITRINE_BENCH_PNG;
const pixels = path === undefined ? PICTURES.text!(1280, 800, 1) : screenshot(path);

for (const [name, encoder] of Object.entries(ENCODERS)) {
  describe(`${name}, ${pixels.width}x${pixels.height}`, () => {
    for (const [width, height] of SHAPES) {
      const kilobytes = Math.round(encodeScreen(encoder, pixels, width, height) / 1024);
      bench(`${width}x${height}: ${kilobytes} KiB`, () => void encodeScreen(encoder, pixels, width, height));
    }
  });
}
