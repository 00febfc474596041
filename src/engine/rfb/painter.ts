import { isDeepStrictEqual } from 'node:util';
import type { CursorShape } from '../../display/cursor.js';
import type { Display } from '../../display/display.js';
import type { Rect } from '../../display/rect.js';
import { ZrleDecoder } from './zrle.js';

const BYTES_PER_PIXEL = 4;

/** Brings a server's rectangles into a display. Every rectangle must lie on the screen. */
export class Painter {
  readonly #display: Display;
  readonly #zrle = new ZrleDecoder();

  constructor(display: Display) {
    this.#display = display;
  }

  /** Bytes of a rectangle's rows, from byte `from` on; pieces may end anywhere, within a pixel too. */
  pixels(rect: Rect, from: number, bytes: Uint8Array): void {
    const { framebuffer } = this.#display;
    const rowBytes = rect.width * BYTES_PER_PIXEL;
    for (let at = 0; at < bytes.length; ) {
      const row = Math.floor((from + at) / rowBytes);
      const offset = (from + at) % rowBytes;
      const count =
        rowBytes === framebuffer.strideBytes ? bytes.length : Math.min(rowBytes - offset, bytes.length - at);
      const to = (rect.y + row) * framebuffer.strideBytes + rect.x * BYTES_PER_PIXEL + offset;
      framebuffer.bytes.set(bytes.subarray(at, at + count), to);
      at += count;
    }
  }

  /** The framebuffer's own memory for bytes `done` to `total` of `rect`, where they lie there in one piece. */
  memory(rect: Rect, done: number, total: number): Uint8Array | undefined {
    const { framebuffer } = this.#display;
    if (rect.width !== framebuffer.width) return undefined;
    const start = rect.y * framebuffer.strideBytes;
    return framebuffer.bytes.subarray(start + done, start + total);
  }

  zrle(rect: Rect, bytes: Uint8Array): void {
    const { framebuffer } = this.#display;
    this.#zrle.decode(bytes, rect, framebuffer.words, framebuffer.width);
  }

  /** A pointer shape: B G R X pixels and a bit mask, most significant bit first, rows filled up to a byte. */
  cursor(hot: Rect, pixels: Uint8Array, mask: Uint8Array): void {
    const { width, height } = hot;
    const bgra = pixels.slice();
    const maskStride = (width + 7) >> 3;
    let visible = false;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const opaque = (mask[y * maskStride + (x >> 3)]! & (0x80 >> (x & 7))) !== 0;
        bgra[(y * width + x) * 4 + 3] = opaque ? 255 : 0;
        visible ||= opaque;
      }
    }
    const hotX = Math.min(hot.x, width - 1);
    const hotY = Math.min(hot.y, height - 1);
    this.#setCursor(visible ? { width, height, hotX, hotY, bgra } : 'hidden');
  }

  /** Servers repeat a shape on every occasion; viewers need not hear of it. */
  #setCursor(cursor: CursorShape | 'hidden'): void {
    if (!isDeepStrictEqual(cursor, this.#display.cursor)) this.#display.setCursor(cursor);
  }
}
