import type { PixelFormat } from '../../protocols/rfb/pixel-format.js';
import type { Pixels } from '../../src/display/framebuffer.js';
import type { Rect } from '../../src/display/rect.js';

/** Decoders written from the specification alone, as an oracle for the encoders. They give pixel numbers of `format`. */

class Bytes {
  at = 0;
  readonly bytes: Uint8Array;
  readonly format: PixelFormat;
  constructor(bytes: Uint8Array, format: PixelFormat) {
    this.bytes = bytes;
    this.format = format;
  }
  u8(): number {
    if (this.at >= this.bytes.length) throw new Error('the encoding is too short');
    return this.bytes[this.at++]!;
  }
  /** A PIXEL, or `count` bytes of one. */
  number(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const byte = this.u8();
      value += byte * 2 ** (8 * (this.format.bigEndian ? count - 1 - i : i));
    }
    return value;
  }
  pixel(): number {
    return this.number(this.format.bitsPerPixel / 8);
  }
  cpixel(): number {
    const { format } = this;
    const channels = [
      [format.redMax, format.redShift],
      [format.greenMax, format.greenShift],
      [format.blueMax, format.blueShift],
    ] as const;
    if (format.bitsPerPixel !== 32 || format.depth > 24 || !format.trueColour) return this.pixel();
    if (channels.every(([max, shift]) => max * 2 ** shift < 2 ** 24)) return this.number(3);
    if (channels.every(([, shift]) => shift >= 8)) return this.number(3) * 256;
    return this.pixel();
  }
  end(): void {
    if (this.at !== this.bytes.length) throw new Error(`${this.bytes.length - this.at} bytes too many`);
  }
}

/** What a client of this format should see in `rect`. */
export function expectedPixels(pixels: Pixels, rect: Rect, format: PixelFormat): Uint32Array {
  const out = new Uint32Array(rect.width * rect.height);
  for (let y = 0; y < rect.height; y++) {
    for (let x = 0; x < rect.width; x++) {
      const at = ((rect.y + y) * pixels.width + rect.x + x) * 4;
      const [b, g, r] = pixels.bytes.subarray(at, at + 3);
      out[y * rect.width + x] =
        Math.round((r! / 255) * format.redMax) * 2 ** format.redShift +
        Math.round((g! / 255) * format.greenMax) * 2 ** format.greenShift +
        Math.round((b! / 255) * format.blueMax) * 2 ** format.blueShift;
    }
  }
  return out;
}

export function decodeRaw(bytes: Uint8Array, width: number, height: number, format: PixelFormat): Uint32Array {
  const r = new Bytes(bytes, format);
  const out = Uint32Array.from({ length: width * height }, () => r.pixel());
  r.end();
  return out;
}

/** `consumed`, where given, is told how many bytes belong to the rectangle; more may follow then. */
export function decodeHextile(
  bytes: Uint8Array,
  width: number,
  height: number,
  format: PixelFormat,
  consumed?: (count: number) => void,
): Uint32Array {
  const r = new Bytes(bytes, format);
  const out = new Uint32Array(width * height);
  let background: number | undefined;
  let foreground: number | undefined;
  forTiles(width, height, 16, (left, top, w, h) => {
    const fill = (x: number, y: number, fw: number, fh: number, value: number | undefined): void => {
      if (value === undefined) throw new Error('a colour that may not be carried over');
      if (x + fw > w || y + fh > h) throw new Error('a subrectangle outside its tile');
      for (let row = 0; row < fh; row++) {
        const at = (top + y + row) * width + left + x;
        out.fill(value, at, at + fw);
      }
    };
    const mask = r.u8();
    if (mask & 1) {
      for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) fill(x, y, 1, 1, r.pixel());
      background = foreground = undefined;
      return;
    }
    if (mask & 2) background = r.pixel();
    if (mask & 4) foreground = r.pixel();
    fill(0, 0, w, h, background);
    if (mask & 4 && mask & 16) throw new Error('a foreground together with coloured subrectangles');
    for (let count = mask & 8 ? r.u8() : 0; count > 0; count--) {
      const colour = mask & 16 ? r.pixel() : foreground;
      const place = r.u8();
      const size = r.u8();
      fill(place >> 4, place & 15, (size >> 4) + 1, (size & 15) + 1, colour);
    }
    if (mask & 16) foreground = undefined;
  });
  if (consumed === undefined) r.end();
  else consumed(r.at);
  return out;
}

/** `seen`, where given, collects the sub-encodings that occurred. */
export function decodeZrleTiles(
  bytes: Uint8Array,
  width: number,
  height: number,
  format: PixelFormat,
  seen?: Set<string>,
): Uint32Array {
  const r = new Bytes(bytes, format);
  const out = new Uint32Array(width * height);
  const runLength = (): number => {
    let length = 1;
    for (;;) {
      const byte = r.u8();
      length += byte;
      if (byte !== 255) return length;
    }
  };
  forTiles(width, height, 64, (left, top, w, h) => {
    const put = (i: number, value: number | undefined): void => {
      if (value === undefined || i >= w * h) throw new Error('an index or a run out of bounds');
      out[(top + Math.floor(i / w)) * width + left + (i % w)] = value;
    };
    const sub = r.u8();
    const size = sub & 127;
    const palette = Array.from({ length: size }, () => r.cpixel());
    seen?.add(sub === 0 ? 'raw' : sub === 1 ? 'solid' : sub < 128 ? 'packed' : sub === 128 ? 'rle' : 'palette-rle');
    if (sub === 129 || (sub > 16 && sub < 128)) throw new Error(`sub-encoding ${sub} does not exist`);
    if (sub === 0) for (let i = 0; i < w * h; i++) put(i, r.cpixel());
    else if (sub === 1) for (let i = 0; i < w * h; i++) put(i, palette[0]);
    else if (sub < 128) {
      const bits = size === 2 ? 1 : size <= 4 ? 2 : 4;
      for (let y = 0; y < h; y++) {
        let byte = 0;
        for (let x = 0; x < w; x++) {
          const phase = (x * bits) % 8;
          if (phase === 0) byte = r.u8();
          put(y * w + x, palette[(byte >> (8 - bits - phase)) & ((1 << bits) - 1)]);
        }
      }
    } else {
      for (let i = 0; i < w * h; ) {
        const index = size === 0 ? 0 : r.u8();
        const value = size === 0 ? r.cpixel() : palette[index & 127];
        const length = size === 0 || index & 128 ? runLength() : 1;
        for (let n = 0; n < length; n++) put(i++, value);
      }
    }
  });
  r.end();
  return out;
}

function forTiles(
  width: number,
  height: number,
  edge: number,
  visit: (left: number, top: number, width: number, height: number) => void,
): void {
  for (let top = 0; top < height; top += edge) {
    for (let left = 0; left < width; left += edge) {
      visit(left, top, Math.min(edge, width - left), Math.min(edge, height - top));
    }
  }
}
