import { cursorBodySize, cursorMaskStride } from '../../protocols/rfb/cursor.js';
import type { CursorShape } from '../display/cursor.js';
import { type PixelLayout, putBytes } from './pixel-format.js';

/** Below it a pixel of a shape with soft edges is left out where a client knows only opaque or not. */
const OPAQUE_FROM = 128;

/** Pixels in the client's format, then the mask. @spec RFC 6143 7.8.1 Cursor Pseudo-Encoding */
export function encodeCursor(shape: CursorShape, layout: PixelLayout): Uint8Array {
  const { width, height, bgra } = shape;
  const { red, green, blue, bytesPerPixel } = layout;
  const out = new Uint8Array(cursorBodySize(width, height, bytesPerPixel));
  const maskStart = width * height * bytesPerPixel;
  const maskStride = cursorMaskStride(width);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 4;
      const value = (red[bgra[i + 2]!]! | green[bgra[i + 1]!]! | blue[bgra[i]!]!) >>> 0;
      at = putBytes(out, at, value, bytesPerPixel);
      if (bgra[i + 3]! >= OPAQUE_FROM) out[maskStart + y * maskStride + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  return out;
}

/** R G B A bytes with the colours multiplied by alpha. @spec rfbproto Cursor With Alpha Pseudo-encoding */
export function encodeCursorWithAlpha(shape: CursorShape): Uint8Array {
  const { bgra } = shape;
  const out = new Uint8Array(bgra.length);
  for (let i = 0; i < bgra.length; i += 4) {
    const alpha = bgra[i + 3]!;
    out[i] = Math.round((bgra[i + 2]! * alpha) / 255);
    out[i + 1] = Math.round((bgra[i + 1]! * alpha) / 255);
    out[i + 2] = Math.round((bgra[i]! * alpha) / 255);
    out[i + 3] = alpha;
  }
  return out;
}
