import { constants, inflateRawSync } from 'node:zlib';
import { DecodeError } from '../../../protocols/wire/errors.js';
import { Reader } from '../../../protocols/wire/reader.js';
import { type Rect, split } from '../../display/rect.js';
import { readTile } from './zrle-tile.js';

const TILE = 64;
/** Deflate refers back no further than this. */
const WINDOW_BYTES = 32 << 10;
const ZLIB_HEADER_BYTES = 2;
/** Most bytes of a tile: its type, a palette of 127 colours, and run lengths or pixels of three bytes. */
const MAX_TILE_BYTES = 1 + 127 * 3 + TILE * TILE * 4;

/**
 * Decodes ZRLE rectangles, whose bytes are one zlib stream over the whole connection.
 * Every rectangle ends at a flush, so each is inflated by itself, synchronously, with the last 32 KiB of what
 * came out before as its dictionary: the order of rectangles needs no queue. @spec RFC 6143 7.7.6 ZRLE
 */
export class ZrleDecoder {
  #window = new Uint8Array(0);
  #started = false;

  /** Writes the pixels of `rect` into rows of `stride` words. Throws for what is not ZRLE. */
  decode(bytes: Uint8Array, rect: Rect, words: Uint32Array, stride: number): void {
    const reader = new Reader(this.#inflate(bytes, rect));
    for (const tile of split(rect, TILE, TILE)) readTile(reader, tile, words, stride);
  }

  #inflate(bytes: Uint8Array, rect: Rect): Uint8Array {
    const tiles = Math.ceil(rect.width / TILE) * Math.ceil(rect.height / TILE);
    let deflated = bytes;
    if (!this.#started) {
      const head = new Reader(bytes);
      const method = head.u8('zlib-method');
      head.u8('zlib-flags');
      if ((method & 0x0f) !== 8) throw new DecodeError('invalid', 'zlib-method', `${method} is not deflate`);
      deflated = bytes.subarray(ZLIB_HEADER_BYTES);
      this.#started = true;
    }
    if (tiles === 0) return new Uint8Array(0);
    const inflated = inflateRawSync(deflated, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: tiles * MAX_TILE_BYTES,
      ...(this.#window.length > 0 ? { dictionary: this.#window } : {}),
    });
    this.#remember(inflated);
    return inflated;
  }

  #remember(inflated: Uint8Array): void {
    const kept = this.#window.subarray(Math.max(0, this.#window.length + inflated.length - WINDOW_BYTES));
    const added = inflated.subarray(Math.max(0, inflated.length - WINDOW_BYTES));
    const window = new Uint8Array(kept.length + added.length);
    window.set(kept);
    window.set(added, kept.length);
    this.#window = window;
  }
}
