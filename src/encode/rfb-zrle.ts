import type { Pixels } from '../display/framebuffer.js';
import { type Rect, split } from '../display/rect.js';
import { Palette } from './palette.js';
import { type PixelLayout, putBytes, readPixels } from './pixel-format.js';

const EDGE = 64;
const MAX_PALETTE = 127;
const MAX_PACKED_PALETTE = 16;

/** Sub-encodings; `rle` alone is plain, with a palette's size added it has that palette. */
const RAW = 0;
const SOLID = 1;
const RLE = 128;
/** In palette RLE: a length follows this index. */
const RUN = 128;

/** What one pass over a tile finds out; it decides the cheapest sub-encoding. */
interface Survey {
  /** Different colours; Infinity where `palette` could not hold them. */
  readonly colours: number;
  /** Runs of equal pixels, of which `singles` are one pixel long. */
  readonly runs: number;
  readonly singles: number;
  /** Bytes that the lengths of all runs take. */
  readonly lengthBytes: number;
}

/** Nothing but raw pixels will do. */
const HOPELESS: Survey = { colours: Infinity, runs: Infinity, singles: 0, lengthBytes: 0 };

// One set for all callers: encoding is synchronous, and nothing of a tile outlives it.
const values = new Uint32Array(EDGE * EDGE);
const indices = new Uint8Array(EDGE * EDGE);
const palette = new Palette(MAX_PALETTE);

/** Raw is always among the candidates, so that the tiles of no rectangle of this size get longer than this. */
export function maxZrleBytes(width: number, height: number, layout: PixelLayout): number {
  return Math.ceil(width / EDGE) * Math.ceil(height / EDGE) + width * height * layout.cpixelBytes;
}

/** ZRLE's tiles before zlib, in the first bytes of `out`. @spec RFC 6143 7.7.6 ZRLE */
export function encodeZrleTiles(
  pixels: Pixels,
  rect: Rect,
  layout: PixelLayout,
  out = new Uint8Array(maxZrleBytes(rect.width, rect.height, layout)),
): Uint8Array {
  let at = 0;
  for (const tile of split(rect, EDGE, EDGE)) {
    readPixels(pixels, tile, layout, values);
    at = putTile(out, at, tile.width, tile.height, layout);
  }
  return out.subarray(0, at);
}

function putTile(out: Uint8Array, at: number, width: number, height: number, layout: PixelLayout): number {
  const count = width * height;
  const bytes = layout.cpixelBytes;
  const shift = layout.cpixelSkip * 8;
  const { colours, runs, singles, lengthBytes } = survey(count, bytes);
  if (colours === 1) {
    out[at] = SOLID;
    return putBytes(out, at + 1, values[0]! >>> shift, bytes);
  }
  const bits = colours <= 2 ? 1 : colours <= 4 ? 2 : 4;
  const rawBytes = count * bytes;
  const plainRleBytes = runs * bytes + lengthBytes;
  const packedBytes =
    colours <= MAX_PACKED_PALETTE ? colours * bytes + Math.ceil((width * bits) / 8) * height : Infinity;
  const paletteRleBytes = colours * bytes + runs + lengthBytes - singles;
  const least = Math.min(rawBytes, plainRleBytes, packedBytes, paletteRleBytes);
  if (least === packedBytes) {
    out[at] = colours;
    return putPacked(out, putPalette(out, at + 1, bytes, shift), width, height, bits);
  }
  if (least === paletteRleBytes) {
    out[at] = RLE + colours;
    return putPaletteRuns(out, putPalette(out, at + 1, bytes, shift), count);
  }
  if (least === plainRleBytes) {
    out[at] = RLE;
    return putPlainRuns(out, at + 1, count, bytes, shift);
  }
  out[at++] = RAW;
  return putPixels(out, at, count, bytes, shift);
}

/**
 * Fills `palette` and, as long as the colours fit into it, `indices`. Gives up early where runs alone would take more
 * than raw pixels do: photographs and gradients have a colour of its own for nearly every pixel.
 */
function survey(count: number, bytes: number): Survey {
  palette.clear();
  const mostRuns = (count * bytes) / (bytes + 1);
  let fits = true;
  let runs = 0;
  let singles = 0;
  let lengthBytes = 0;
  for (let i = 0; i < count; ) {
    const value = values[i]!;
    let end = i + 1;
    while (end < count && values[end] === value) end++;
    if (fits) {
      const index = palette.add(value);
      if (index < 0) fits = false;
      else if (end - i === 1) indices[i] = index;
      else indices.fill(index, i, end);
    } else if (runs > mostRuns) return HOPELESS;
    runs++;
    lengthBytes++;
    if (end - i === 1) singles++;
    else if (end - i > 255) lengthBytes += Math.floor((end - i - 1) / 255);
    i = end;
  }
  return { colours: fits ? palette.size : Infinity, runs, singles, lengthBytes };
}

function putPixels(out: Uint8Array, at: number, count: number, bytes: number, shift: number): number {
  if (bytes !== 3) {
    for (let i = 0; i < count; i++) at = putBytes(out, at, values[i]! >>> shift, bytes);
    return at;
  }
  // What nearly all clients ask for, without a question for each byte.
  for (let i = 0; i < count; i++, at += 3) {
    const value = values[i]! >>> shift;
    out[at] = value;
    out[at + 1] = value >>> 8;
    out[at + 2] = value >>> 16;
  }
  return at;
}

function putPalette(out: Uint8Array, at: number, bytes: number, shift: number): number {
  for (let i = 0; i < palette.size; i++) at = putBytes(out, at, palette.colours[i]! >>> shift, bytes);
  return at;
}

/** Indices of `bits` each, the leftmost highest; every row begins a byte. */
function putPacked(out: Uint8Array, at: number, width: number, height: number, bits: number): number {
  for (let y = 0; y < height; y++) {
    let byte = 0;
    let free = 8;
    for (let i = y * width; i < (y + 1) * width; i++) {
      free -= bits;
      byte |= indices[i]! << free;
      if (free === 0) {
        out[at++] = byte;
        byte = 0;
        free = 8;
      }
    }
    if (free < 8) out[at++] = byte;
  }
  return at;
}

function putPaletteRuns(out: Uint8Array, at: number, count: number): number {
  for (let i = 0; i < count; ) {
    const index = indices[i]!;
    let end = i + 1;
    while (end < count && indices[end] === index) end++;
    if (end - i === 1) out[at++] = index;
    else {
      out[at++] = index | RUN;
      at = putLength(out, at, end - i);
    }
    i = end;
  }
  return at;
}

function putPlainRuns(out: Uint8Array, at: number, count: number, bytes: number, shift: number): number {
  for (let i = 0; i < count; ) {
    const value = values[i]!;
    let end = i + 1;
    while (end < count && values[end] === value) end++;
    at = putLength(out, putBytes(out, at, value >>> shift, bytes), end - i);
    i = end;
  }
  return at;
}

/** A length is one more than the sum of its bytes; every byte but the last is 255. */
function putLength(out: Uint8Array, at: number, length: number): number {
  let left = length - 1;
  for (; left >= 255; left -= 255) out[at++] = 255;
  out[at++] = left;
  return at;
}
