import type { Pixels } from '../display/framebuffer.js';
import type { Rect } from '../display/rect.js';
import { type BitmapEncoder, MAX_BITMAP_PIXELS } from './encoder.js';
import { packRgb } from './rgb-pixels.js';

/** FormatHeader: every plane is run-length encoded. */
const RLE = 0x10;
/** FormatHeader: there is no alpha plane. */
const NO_ALPHA = 0x20;
/** FormatHeader: the planes are luma and chroma, at the least colour loss. Greys lose nothing. */
const COLOR_LOSS = 0x01;

const RED = 16;
const GREEN = 8;
const BLUE = 0;

const MIN_RUN = 3;
const MAX_RAW = 15;
/** Longest run that a segment with raw bytes takes, and longest of all. */
const MAX_SHORT_RUN = 15;
const MAX_RUN = 47;

/** What a loaded row holds: nothing but zeros, the same byte for all three colours of each pixel, or anything. */
const ZERO = 0;
const GREY = 1;
const COLOR = 2;

/** Scratch for one row, one word a pixel: absolute values in the first row, zigzag deltas in the others. */
const deltas = new Int32Array(MAX_BITMAP_PIXELS);
/** Scratch for the second and third plane, while their predecessor's length is not known. */
const PLANE_BOUND = MAX_BITMAP_PIXELS * 2;
const green = new Uint8Array(PLANE_BOUND);
const blue = new Uint8Array(PLANE_BOUND);

export interface PlanarOptions {
  /** Keep an alpha plane, all opaque: for clients that do not allow to skip it. */
  readonly alpha: boolean;
  /** The client takes luma and chroma planes. Used for bitmaps without colour, where nothing is lost by it. */
  readonly luma: boolean;
}

/**
 * RDP 6.0 bitmap compression of 32 bit pixels: one plane a colour, each row the difference to the row before it,
 * runs within rows. Lossless: a bitmap of greys becomes luma and two empty planes of chroma, others stay RGB.
 *
 * @spec MS-RDPEGDI 2.2.2.5.1 RDP6_BITMAP_STREAM; 3.1.9 RDP 6.0 Bitmap Compression
 */
export function planarEncoder({ alpha, luma }: PlanarOptions): BitmapEncoder {
  return {
    bitsPerPixel: 32,
    raw: (pixels, rect, paddedWidth, out) => packRgb(pixels, rect, paddedWidth, 32, out),
    compress(pixels, rect, paddedWidth, out) {
      const size = paddedWidth * rect.height;
      out[0] = alpha ? RLE : RLE | NO_ALPHA;
      let at = 1;
      if (alpha) at = opaquePlane(paddedWidth, rect.height, out, at);
      at = encodePlanes(pixels, rect, paddedWidth, luma, out, at);
      // Raw planes with alpha would be no smaller than raw pixels, and some of these clients do not know them.
      if (alpha) return at < size * 4 ? at : 0;
      return at <= size * 3 + 2 ? at : encodeRaw(pixels, rect, paddedWidth, out);
    },
  };
}

/** Appends the three planes in RLE and returns the new end; sets the format's colour loss where they are luma. */
function encodePlanes(
  pixels: Pixels,
  rect: Rect,
  paddedWidth: number,
  luma: boolean,
  out: Uint8Array,
  start: number,
): number {
  const { words, width: stride } = pixels;
  const { width, height } = rect;
  // As long as every row is grey the planes are the same, and only the first is written.
  let isGrey = true;
  let redAt = start;
  let greenAt = 0;
  let blueAt = 0;
  for (let row = 0; row < height; row++) {
    const from = (rect.y + height - 1 - row) * stride + rect.x;
    const kind = row === 0 ? loadRow(words, from, width) : loadDeltas(words, from, from + stride, width);
    if (isGrey && kind === COLOR) {
      isGrey = false;
      green.set(out.subarray(start, redAt));
      blue.set(out.subarray(start, redAt));
      greenAt = redAt - start;
      blueAt = greenAt;
    }
    if (paddedWidth > width) deltas.fill(deltas[width - 1]!, width, paddedWidth);
    const redStart = redAt;
    redAt = kind === ZERO ? writeRun(paddedWidth, out, redAt) : writeRow(paddedWidth, RED, out, redAt);
    if (isGrey) continue;
    if (kind === COLOR) {
      greenAt = writeRow(paddedWidth, GREEN, green, greenAt);
      blueAt = writeRow(paddedWidth, BLUE, blue, blueAt);
    } else {
      for (let i = redStart; i < redAt; i++) {
        green[greenAt++] = out[i]!;
        blue[blueAt++] = out[i]!;
      }
    }
  }
  if (!isGrey) {
    out.set(green.subarray(0, greenAt), redAt);
    out.set(blue.subarray(0, blueAt), redAt + greenAt);
    return redAt + greenAt + blueAt;
  }
  let at = redAt;
  if (luma) {
    out[0]! |= COLOR_LOSS;
    for (let row = 0; row < height; row++) at = writeRun(paddedWidth, out, at);
  } else {
    out.copyWithin(redAt, start, redAt);
    at += redAt - start;
  }
  // The third plane is as the second.
  out.copyWithin(at, redAt, at);
  return at + (at - redAt);
}

function encodeRaw(pixels: Pixels, rect: Rect, paddedWidth: number, out: Uint8Array): number {
  out[0] = NO_ALPHA;
  let at = rawPlane(pixels, rect, paddedWidth, RED, out, 1);
  at = rawPlane(pixels, rect, paddedWidth, GREEN, out, at);
  at = rawPlane(pixels, rect, paddedWidth, BLUE, out, at);
  out[at++] = 0; // Pad: only streams without RLE have it
  return at;
}

/** Loads the first row as it is. */
function loadRow(words: Uint32Array, from: number, width: number): number {
  let any = 0;
  let color = 0;
  for (let x = 0; x < width; x++) {
    const word = words[from + x]! & 0xffffff;
    deltas[x] = word;
    any |= word;
    color |= (word ^ (word >>> 8)) & 0xffff;
  }
  return any === 0 ? ZERO : color === 0 ? GREY : COLOR;
}

/**
 * Loads the differences to the previous row, all colours of a pixel at once: subtraction without borrow between
 * the bytes, then the sign moved to the lowest bit of each (0, -1, 1, -2, … become 0, 1, 2, 3, …).
 */
function loadDeltas(words: Uint32Array, from: number, previous: number, width: number): number {
  let any = 0;
  let color = 0;
  for (let x = 0; x < width; x++) {
    const a = words[from + x]! | 0;
    const b = words[previous + x]! | 0;
    if (((a ^ b) & 0xffffff) === 0) {
      deltas[x] = 0;
      continue;
    }
    const difference = ((a | 0x80808080) - (b & 0x7f7f7f7f)) ^ (~(a ^ b) & 0x80808080);
    const signs = (difference >>> 7) & 0x010101;
    const zigzag = ((difference & 0x7f7f7f) << 1) ^ ((signs << 8) - signs);
    deltas[x] = zigzag;
    any |= zigzag;
    color |= (zigzag ^ (zigzag >>> 8)) & 0xffff;
  }
  return any === 0 ? ZERO : color === 0 ? GREY : COLOR;
}

/** Appends one colour of the loaded row in segments. @spec MS-RDPEGDI 2.2.2.5.1.2 RDP6_RLE_SEGMENT */
function writeRow(width: number, shift: number, out: Uint8Array, start: number): number {
  let at = start;
  let rawFrom = 0;
  let run = 0;
  let last = 0;
  for (let x = 0; x < width; x++) {
    const value = (deltas[x]! >> shift) & 255;
    if (value === last) {
      run++;
      continue;
    }
    if (run >= MIN_RUN) {
      at = writeSegment(rawFrom, x - run, run, shift, out, at);
      rawFrom = x;
    }
    run = 0;
    last = value;
  }
  if (run < MIN_RUN) run = 0;
  return writeSegment(rawFrom, width - run, run, shift, out, at);
}

/** Appends the raw bytes of the pixels from `rawFrom` to `rawEnd`, then `run` repetitions of the last of them. */
function writeSegment(
  rawFrom: number,
  rawEnd: number,
  run: number,
  shift: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  let x = rawFrom;
  while (rawEnd - x > MAX_RAW) {
    out[at++] = MAX_RAW << 4;
    for (const end = x + MAX_RAW; x < end; x++) out[at++] = deltas[x]! >> shift;
  }
  let rest = run;
  if (x < rawEnd) {
    let short = Math.min(run, MAX_SHORT_RUN);
    // What is left for the next segment is a run of its own, which has its least length too.
    if (run > short && run - short < MIN_RUN) short = run - MIN_RUN;
    out[at++] = ((rawEnd - x) << 4) | short;
    for (; x < rawEnd; x++) out[at++] = deltas[x]! >> shift;
    rest -= short;
  }
  return rest > 0 ? writeRun(rest, out, at) : at;
}

/** Appends a run without raw bytes: of what was there last in this row, or of zeros at its start. */
function writeRun(length: number, out: Uint8Array, start: number): number {
  let at = start;
  let rest = length;
  while (rest > 0) {
    let run = Math.min(rest, MAX_RUN);
    if (rest > run && rest - run < MIN_RUN) run = rest - MIN_RUN;
    if (run > 31) out[at++] = ((run - 32) << 4) | 2;
    else if (run > 15) out[at++] = ((run - 16) << 4) | 1;
    else out[at++] = run;
    rest -= run;
  }
  return at;
}

function opaquePlane(width: number, height: number, out: Uint8Array, start: number): number {
  deltas.fill(0xff, 0, width);
  let at = writeRow(width, 0, out, start);
  for (let row = 1; row < height; row++) at = writeRun(width, out, at);
  return at;
}

function rawPlane(
  pixels: Pixels,
  rect: Rect,
  paddedWidth: number,
  shift: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  for (let y = rect.y + rect.height - 1; y >= rect.y; y--) {
    const from = y * pixels.width + rect.x;
    for (let x = 0; x < rect.width; x++) out[at++] = pixels.words[from + x]! >> shift;
    const last = out[at - 1]!;
    for (let x = rect.width; x < paddedWidth; x++) out[at++] = last;
  }
  return at;
}
