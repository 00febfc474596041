import type { Reader } from '../../../protocols/wire/reader.js';
import type { Rect } from '../../display/rect.js';

/** Pixels of three bytes: B, G, R. */
const CPIXEL_BYTES = 3;

const RAW = 0;
const SOLID = 1;
const MAX_PACKED_PALETTE = 16;
const PLAIN_RLE = 128;
const FIRST_PALETTE_RLE = 130;
const LENGTH_FOLLOWS = 0x80;

/** Reads one tile of ZRLE for 32 bits a pixel, little endian, depth 24. @spec RFC 6143 7.7.6 ZRLE */
export function readTile(r: Reader, tile: Rect, words: Uint32Array, stride: number): void {
  const type = r.u8('subencoding');
  if (type === RAW) readRaw(r, tile, words, stride);
  else if (type === SOLID) fill(tile, words, stride, cpixel(r));
  else if (type <= MAX_PACKED_PALETTE) readPacked(r, tile, words, stride, palette(r, type));
  else if (type === PLAIN_RLE) readRuns(r, tile, words, stride);
  else if (type >= FIRST_PALETTE_RLE) readRuns(r, tile, words, stride, palette(r, type - 128));
  else r.fail('invalid', 'subencoding', `${type} is not used`);
}

function readRaw(r: Reader, tile: Rect, words: Uint32Array, stride: number): void {
  const bytes = r.take(tile.width * tile.height * CPIXEL_BYTES, 'pixels');
  let at = 0;
  for (let y = tile.y; y < tile.y + tile.height; y++) {
    for (let to = y * stride + tile.x, end = to + tile.width; to < end; to++, at += CPIXEL_BYTES) {
      words[to] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    }
  }
}

function fill(tile: Rect, words: Uint32Array, stride: number, colour: number): void {
  for (let y = tile.y; y < tile.y + tile.height; y++) {
    words.fill(colour, y * stride + tile.x, y * stride + tile.x + tile.width);
  }
}

/** Indexes of 1, 2 or 4 bits, most significant first; every row begins with a new byte. */
function readPacked(r: Reader, tile: Rect, words: Uint32Array, stride: number, colours: readonly number[]): void {
  const bits = colours.length === 2 ? 1 : colours.length <= 4 ? 2 : 4;
  const mask = (1 << bits) - 1;
  const rowBytes = (tile.width * bits + 7) >> 3;
  for (let y = 0; y < tile.height; y++) {
    const row = r.take(rowBytes, 'packed-pixels');
    const to = (tile.y + y) * stride + tile.x;
    for (let x = 0; x < tile.width; x++) {
      const bit = x * bits;
      words[to + x] = entry(r, colours, (row[bit >> 3]! >> (8 - bits - (bit & 7))) & mask);
    }
  }
}

/**
 * Colours, each with how often it comes, in reading order over the whole tile. With a palette a colour is its index,
 * and the index's high bit says whether a length follows.
 */
function readRuns(r: Reader, tile: Rect, words: Uint32Array, stride: number, colours?: readonly number[]): void {
  const total = tile.width * tile.height;
  for (let at = 0; at < total; ) {
    const index = colours === undefined ? LENGTH_FOLLOWS : r.u8('palette-index');
    const colour = colours === undefined ? cpixel(r) : entry(r, colours, index & ~LENGTH_FOLLOWS);
    const length = index & LENGTH_FOLLOWS ? runLength(r) : 1;
    if (length > total - at) r.fail('invalid', 'run-length', `${length} pixels where ${total - at} are left`);
    for (const end = at + length; at < end; at++) {
      words[(tile.y + Math.floor(at / tile.width)) * stride + tile.x + (at % tile.width)] = colour;
    }
  }
}

/** One more than the sum of the bytes, of which all but the last are 255. */
function runLength(r: Reader): number {
  let length = 1;
  for (;;) {
    const byte = r.u8('run-length');
    length += byte;
    if (byte < 255) return length;
  }
}

function palette(r: Reader, size: number): number[] {
  return Array.from({ length: size }, () => cpixel(r));
}

function entry(r: Reader, colours: readonly number[], index: number): number {
  return colours[index] ?? r.fail('invalid', 'palette-index', `${index} of ${colours.length} colours`);
}

function cpixel(r: Reader): number {
  const bytes = r.take(CPIXEL_BYTES, 'pixel');
  return bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);
}
