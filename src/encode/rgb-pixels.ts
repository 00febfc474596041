import type { Pixels } from '../display/framebuffer.js';
import type { Rect } from '../display/rect.js';

/** Bits a pixel of RDP bitmaps: 5-5-5, 5-6-5, and 8-8-8 with and without a fourth byte. */
export type Depth = 15 | 16 | 24 | 32;

export function bytesPerPixel(depth: Depth): number {
  return (depth + 1) >> 3;
}

/** A pixel of the screen in `depth` bits. The fourth byte of 32 bits is opaque, for clients that look at it. */
export function toDepth(word: number, depth: Depth): number {
  switch (depth) {
    case 15:
      return ((word >>> 9) & 0x7c00) | ((word >>> 6) & 0x03e0) | ((word >>> 3) & 0x001f);
    case 16:
      return ((word >>> 8) & 0xf800) | ((word >>> 5) & 0x07e0) | ((word >>> 3) & 0x001f);
    case 24:
      return word & 0xffffff;
    case 32:
      return word | 0xff000000;
  }
}

/**
 * Copies a rectangle into `out` from `start` on, one pixel a word in `depth` bits: bottom row first, rows padded
 * to `paddedWidth` with their last pixel.
 */
export function loadRgb(
  pixels: Pixels,
  rect: Rect,
  paddedWidth: number,
  depth: Depth,
  out: Int32Array,
  start: number,
): void {
  const { words, width: stride } = pixels;
  let at = start;
  for (let y = rect.y + rect.height - 1; y >= rect.y; y--) {
    const from = y * stride + rect.x;
    for (let x = 0; x < rect.width; x++) out[at++] = toDepth(words[from + x]!, depth);
    const last = out[at - 1]!;
    for (let x = rect.width; x < paddedWidth; x++) out[at++] = last;
  }
}

/** The raw form of an RDP bitmap: as `loadRgb`, as bytes, little endian. Returns how many. */
export function packRgb(pixels: Pixels, rect: Rect, paddedWidth: number, depth: Depth, out: Uint8Array): number {
  const { words, width: stride } = pixels;
  const size = bytesPerPixel(depth);
  let at = 0;
  for (let y = rect.y + rect.height - 1; y >= rect.y; y--) {
    const from = y * stride + rect.x;
    for (let x = 0; x < paddedWidth; x++) {
      let value = toDepth(words[from + Math.min(x, rect.width - 1)]!, depth);
      for (let i = 0; i < size; i++) {
        out[at++] = value;
        value >>>= 8;
      }
    }
  }
  return at;
}
