import type { Pixels } from '../display/framebuffer.js';
import { type Rect, split } from '../display/rect.js';
import { Palette } from './palette.js';
import { type PixelLayout, putBytes, readPixels } from './pixel-format.js';

const EDGE = 16;
const MAX_SUBRECTS = 255;

const RAW = 1;
const BACKGROUND_SPECIFIED = 2;
const FOREGROUND_SPECIFIED = 4;
const ANY_SUBRECTS = 8;
const SUBRECTS_COLOURED = 16;

/** What a decoder knows from the tiles before; undefined where it may not be carried over. */
interface Carried {
  background: number | undefined;
  foreground: number | undefined;
}

// One set for all callers: encoding is synchronous, and nothing of a tile outlives it.
const values = new Uint32Array(EDGE * EDGE);
const counts = new Uint16Array(EDGE * EDGE);
const covered = new Uint8Array(EDGE * EDGE);
const palette = new Palette(EDGE * EDGE);

/** @spec RFC 6143 7.7.4 Hextile Encoding */
export function encodeHextile(pixels: Pixels, rect: Rect, layout: PixelLayout): Uint8Array {
  const bytes = layout.bytesPerPixel;
  const tiles = Math.ceil(rect.width / EDGE) * Math.ceil(rect.height / EDGE);
  // Raw is the last resort of every tile, so that nothing gets longer than this.
  const out = new Uint8Array(tiles + rect.width * rect.height * bytes);
  const carried: Carried = { background: undefined, foreground: undefined };
  let at = 0;
  for (const tile of split(rect, EDGE, EDGE)) {
    readPixels(pixels, tile, layout, values);
    at = putTile(out, at, tile.width, tile.height, bytes, carried);
  }
  return out.subarray(0, at);
}

function putTile(out: Uint8Array, at: number, width: number, height: number, bytes: number, carried: Carried): number {
  const count = width * height;
  const rawEnd = at + 1 + count * bytes;
  const colours = countColours(count);
  const background = palette.colours[mostFrequent(colours)]!;
  const foreground = colours === 2 ? palette.colours[palette.colours[0] === background ? 1 : 0]! : undefined;

  let mask = 0;
  let end = at + 1;
  if (background !== carried.background) {
    mask |= BACKGROUND_SPECIFIED;
    if (end + bytes > rawEnd) return putRaw(out, at, count, bytes, carried);
    end = putBytes(out, end, background, bytes);
  }
  if (foreground !== undefined && foreground !== carried.foreground) {
    mask |= FOREGROUND_SPECIFIED;
    if (end + bytes > rawEnd) return putRaw(out, at, count, bytes, carried);
    end = putBytes(out, end, foreground, bytes);
  }
  if (colours > 1) {
    mask |= foreground === undefined ? ANY_SUBRECTS | SUBRECTS_COLOURED : ANY_SUBRECTS;
    const colourBytes = foreground === undefined ? bytes : 0;
    const subrectsEnd = putSubrects(out, end, rawEnd, width, height, background, colourBytes);
    if (subrectsEnd === undefined) return putRaw(out, at, count, bytes, carried);
    end = subrectsEnd;
  }
  out[at] = mask;
  carried.background = background;
  // Coloured subrectangles leave no foreground behind; a tile of one colour passes on what it was given.
  if (colours > 2) carried.foreground = undefined;
  else if (foreground !== undefined) carried.foreground = foreground;
  return end;
}

function putRaw(out: Uint8Array, at: number, count: number, bytes: number, carried: Carried): number {
  carried.background = undefined;
  carried.foreground = undefined;
  out[at++] = RAW;
  for (let i = 0; i < count; i++) at = putBytes(out, at, values[i]!, bytes);
  return at;
}

/** Fills `palette` and `counts`; returns the number of colours. */
function countColours(count: number): number {
  palette.clear();
  counts.fill(0);
  for (let i = 0; i < count; i++) counts[palette.add(values[i]!)]!++;
  return palette.size;
}

function mostFrequent(colours: number): number {
  let best = 0;
  for (let i = 1; i < colours; i++) if (counts[i]! > counts[best]!) best = i;
  return best;
}

/**
 * Number of subrectangles, then each with its colour (unless `colourBytes` is 0), place and size.
 * Returns undefined when there are too many, or when they would reach past `limit`.
 */
function putSubrects(
  out: Uint8Array,
  at: number,
  limit: number,
  width: number,
  height: number,
  background: number,
  colourBytes: number,
): number | undefined {
  covered.fill(0);
  let end = at + 1;
  let subrects = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const value = values[i]!;
      if (value === background || covered[i] === 1) continue;
      if (++subrects > MAX_SUBRECTS || end + colourBytes + 2 > limit) return undefined;
      const [w, h] = grow(x, y, width, height);
      if (colourBytes > 0) end = putBytes(out, end, value, colourBytes);
      out[end++] = (x << 4) | y;
      out[end++] = ((w - 1) << 4) | (h - 1);
    }
  }
  out[at] = subrects;
  return end;
}

/** The larger of the two rectangles that one gets by going right first or down first; marks it as covered. */
function grow(x: number, y: number, width: number, height: number): [width: number, height: number] {
  const value = values[y * width + x]!;
  const isFree = (column: number, row: number): boolean => {
    const i = row * width + column;
    return values[i] === value && covered[i] === 0;
  };
  const rowIsFree = (row: number, w: number): boolean => {
    for (let column = x; column < x + w; column++) if (!isFree(column, row)) return false;
    return true;
  };
  const columnIsFree = (column: number, h: number): boolean => {
    for (let row = y; row < y + h; row++) if (!isFree(column, row)) return false;
    return true;
  };
  let w = 1;
  while (x + w < width && isFree(x + w, y)) w++;
  let h = 1;
  while (y + h < height && rowIsFree(y + h, w)) h++;
  let tall = 1;
  while (y + tall < height && isFree(x, y + tall)) tall++;
  let wide = 1;
  while (x + wide < width && columnIsFree(x + wide, tall)) wide++;
  if (wide * tall > w * h) {
    w = wide;
    h = tall;
  }
  for (let row = y; row < y + h; row++) covered.fill(1, row * width + x, row * width + x + w);
  return [w, h];
}
