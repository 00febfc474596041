import type { Pixels } from '../display/framebuffer.js';
import type { Rect } from '../display/rect.js';

/** Most pixels of one bitmap, padding included: 64 KiB of them at 32 bits, which is what clients keep for one. */
export const MAX_BITMAP_PIXELS = 16384;

/** Room that both forms of a bitmap of MAX_BITMAP_PIXELS fit in, however badly it compresses. */
export const MAX_BITMAP_BYTES = MAX_BITMAP_PIXELS * 5;

/**
 * Turns a rectangle of the screen into the data of an RDP bitmap: bottom row first, each row `paddedWidth` pixels
 * long, the last pixel repeated. `rect` lies inside `pixels`; `out` has room for MAX_BITMAP_BYTES.
 * Both functions return how many bytes they wrote.
 */
export interface BitmapEncoder {
  readonly bitsPerPixel: 15 | 16 | 24 | 32;
  /** The compressed form, or 0 where the raw one is not larger. */
  compress(pixels: Pixels, rect: Rect, paddedWidth: number, out: Uint8Array): number;
  raw(pixels: Pixels, rect: Rect, paddedWidth: number, out: Uint8Array): number;
}
