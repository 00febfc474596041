import type { Pixels } from '../display/framebuffer.js';
import type { Rect } from '../display/rect.js';
import { type PixelLayout, readPixels } from './pixel-format.js';

/** The pixels as they are, in the client's format. @spec RFC 6143 7.7.1 Raw Encoding */
export function encodeRaw(pixels: Pixels, rect: Rect, layout: PixelLayout): Uint8Array {
  const count = rect.width * rect.height;
  const values = new Uint32Array(count);
  readPixels(pixels, rect, layout, values);
  switch (layout.bytesPerPixel) {
    case 4:
      return new Uint8Array(values.buffer);
    case 2:
      return new Uint8Array(Uint16Array.from(values).buffer);
    case 1:
      return Uint8Array.from(values);
  }
}
