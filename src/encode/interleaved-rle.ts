import { type BitmapEncoder, MAX_BITMAP_PIXELS } from './encoder.js';
import { bytesPerPixel, loadRgb, packRgb } from './rgb-pixels.js';

/** How the length of an order is written; its code lies in the highest bits of the first byte. */
interface Order {
  /** First byte where the length lies in its lower bits, or, when these are zero, in the second byte. */
  readonly short: number;
  /** Highest length in these lower bits. */
  readonly shortMax: number;
  /** First byte where the length lies in the two bytes after it. */
  readonly mega: number;
}

/** @spec MS-RDPBCGR 2.2.9.1.1.3.1.2.4 RLE Compressed Bitmap Stream (RLE_BITMAP_STREAM) */
const ORDER = {
  backgroundRun: { short: 0x00, shortMax: 31, mega: 0xf0 },
  foregroundRun: { short: 0x20, shortMax: 31, mega: 0xf1 },
  bitmask: { short: 0x40, shortMax: 31, mega: 0xf2 },
  colorRun: { short: 0x60, shortMax: 31, mega: 0xf3 },
  colorImage: { short: 0x80, shortMax: 31, mega: 0xf4 },
  setForegroundRun: { short: 0xc0, shortMax: 15, mega: 0xf6 },
  setForegroundBitmask: { short: 0xd0, shortMax: 15, mega: 0xf7 },
  ditheredRun: { short: 0xe0, shortMax: 15, mega: 0xf8 },
} as const satisfies Record<string, Order>;
const WHITE_PIXEL = 0xfd;
const BLACK_PIXEL = 0xfe;

/** A run of background this long ends a bitmask: as an order of its own it costs less than its bits. */
const LONG_BACKGROUND = 24;
/** A bitmask shorter than this is not looked at. */
const MIN_BITMASK = 5;

/**
 * Interleaved RLE of 15, 16 and 24 bit pixels: runs of "as in the row before" (background), of one colour combined
 * with that by exclusive or (foreground), bitmasks of these two, runs of one or two colours, and pixels as they are.
 */
export function interleavedEncoder(depth: 15 | 16 | 24): BitmapEncoder {
  const pixelBytes = bytesPerPixel(depth);
  const compressor = new Compressor(pixelBytes, { 15: 0x7fff, 16: 0xffff, 24: 0xffffff }[depth]);
  return {
    bitsPerPixel: depth,
    raw: (pixels, rect, paddedWidth, out) => packRgb(pixels, rect, paddedWidth, depth, out),
    compress(pixels, rect, paddedWidth, out) {
      scratch.fill(0, 0, paddedWidth);
      loadRgb(pixels, rect, paddedWidth, depth, scratch, paddedWidth);
      const count = paddedWidth * rect.height;
      const size = compressor.run(paddedWidth, count, out);
      return size < count * pixelBytes ? size : 0;
    },
  };
}

/** One row of zeros, then the pixels: what the first row is compared with is black. */
const scratch = new Int32Array(MAX_BITMAP_PIXELS * 2);

/**
 * Greedy: at each pixel the order that costs least for each pixel it covers, or the pixel as it is when none is
 * worth its start. No order crosses from the first row into the second, where background changes its meaning.
 */
class Compressor {
  readonly #pixelBytes: number;
  readonly #white: number;
  #width = 0;
  #foreground = 0;
  /** The last order was a background run: another one would begin with a pixel of foreground. */
  #afterBackground = false;
  #out: Uint8Array = new Uint8Array(0);
  #at = 0;
  // The best order for the current pixel, what it costs in bytes, how many pixels it covers, its foreground.
  #order: Order | undefined;
  #cost = 0;
  #length = 0;
  #ink = 0;

  constructor(pixelBytes: number, white: number) {
    this.#pixelBytes = pixelBytes;
    this.#white = white;
  }

  run(width: number, count: number, out: Uint8Array): number {
    this.#width = width;
    this.#foreground = this.#white;
    this.#afterBackground = false;
    this.#out = out;
    this.#at = 0;
    const end = width + count;
    const secondRow = width * 2;
    let rawFrom = width;
    let i = width;
    while (i < end) {
      if (i === secondRow) this.#afterBackground = false;
      this.#choose(i, i < secondRow ? secondRow : end, rawFrom === i);
      if (this.#order === undefined) {
        const value = scratch[i]!;
        if (rawFrom === i && (value === 0 || value === this.#white)) {
          out[this.#at++] = value === 0 ? BLACK_PIXEL : WHITE_PIXEL;
          this.#afterBackground = false;
          rawFrom++;
        }
        i++;
        continue;
      }
      this.#writeRaw(rawFrom, i);
      this.#writeChosen(this.#order, i);
      i += this.#length;
      rawFrom = i;
    }
    this.#writeRaw(rawFrom, end);
    return this.#at;
  }

  /** Finds the best order for the pixels from `i` to `limit`, if any is better than raw pixels. */
  #choose(i: number, limit: number, isFresh: boolean): void {
    this.#order = undefined;
    this.#length = 1;
    // An order that interrupts raw pixels costs the start of the next ones too.
    this.#cost = isFresh ? this.#pixelBytes + 1 : this.#pixelBytes;
    const value = scratch[i]!;
    const difference = value ^ scratch[i - this.#width]!;

    let background = 0;
    if (difference === 0) {
      background = this.#inkRun(i, limit, 0);
      this.#offer(ORDER.backgroundRun, background, lengthCost(background, 31), 0);
      if (background >= LONG_BACKGROUND) return;
    } else if (isFresh && this.#afterBackground && difference === this.#foreground) {
      background = this.#inkRun(i + 1, limit, 0);
      if (background > 0) this.#offer(ORDER.backgroundRun, background + 1, lengthCost(background + 1, 31), 0);
      background = 0;
    }
    this.#chooseColors(i, limit, value);
    if (i + background < limit) this.#chooseInk(i, i + background, limit);
  }

  /** Offers runs of one colour, and of two in turn. */
  #chooseColors(i: number, limit: number, value: number): void {
    let run = 1;
    while (i + run < limit && scratch[i + run] === value) run++;
    if (run > 1) {
      this.#offer(ORDER.colorRun, run, lengthCost(run, 31) + this.#pixelBytes, 0);
      return;
    }
    let pairs = 1;
    while (
      i + 2 * pairs + 1 < limit &&
      scratch[i + 2 * pairs] === value &&
      scratch[i + 2 * pairs + 1] === scratch[i + 1]
    ) {
      pairs++;
    }
    if (pairs > 1) this.#offer(ORDER.ditheredRun, pairs * 2, lengthCost(pairs, 15) + 2 * this.#pixelBytes, 0);
  }

  /** Offers runs and bitmasks of the foreground that the first pixel has which is not background. */
  #chooseInk(i: number, first: number, limit: number): void {
    const ink = scratch[first]! ^ scratch[first - this.#width]!;
    const isSet = ink === this.#foreground;
    const setCost = isSet ? 0 : this.#pixelBytes;
    if (first === i) {
      const run = this.#inkRun(i, limit, ink);
      const order = isSet ? ORDER.foregroundRun : ORDER.setForegroundRun;
      this.#offer(order, run, lengthCost(run, order.shortMax) + setCost, ink);
    }
    const length = this.#bitmaskLength(i, limit, ink);
    if (length >= MIN_BITMASK) {
      const order = isSet ? ORDER.bitmask : ORDER.setForegroundBitmask;
      this.#offer(order, length, 2 + ((length + 7) >> 3) + setCost, ink);
    }
  }

  #offer(order: Order, length: number, cost: number, ink: number): void {
    if (cost * this.#length >= this.#cost * length) return;
    this.#order = order;
    this.#length = length;
    this.#cost = cost;
    this.#ink = ink;
  }

  /** How many pixels from `i` on differ from the row before by exactly `ink`. */
  #inkRun(i: number, limit: number, ink: number): number {
    const width = this.#width;
    let at = i;
    while (at < limit && (scratch[at]! ^ scratch[at - width]!) === ink) at++;
    return at - i;
  }

  /** How many pixels from `i` on are background or differ from it by `ink`; the last of them does. */
  #bitmaskLength(i: number, limit: number, ink: number): number {
    const width = this.#width;
    let lastInk = i - 1;
    for (let at = i; at < limit && at - lastInk <= LONG_BACKGROUND; at++) {
      const difference = scratch[at]! ^ scratch[at - width]!;
      if (difference === ink) lastInk = at;
      else if (difference !== 0) break;
    }
    return lastInk + 1 - i;
  }

  #writeChosen(order: Order, i: number): void {
    const length = this.#length;
    this.#afterBackground = order === ORDER.backgroundRun;
    switch (order) {
      case ORDER.bitmask:
      case ORDER.setForegroundBitmask:
        this.#writeBitmaskOrder(order, length);
        break;
      case ORDER.ditheredRun:
        this.#writeOrder(order, length / 2);
        this.#writePixel(scratch[i]!);
        this.#writePixel(scratch[i + 1]!);
        return;
      default:
        this.#writeOrder(order, length);
        if (order === ORDER.colorRun) this.#writePixel(scratch[i]!);
    }
    if (order === ORDER.setForegroundRun || order === ORDER.setForegroundBitmask) {
      this.#foreground = this.#ink;
      this.#writePixel(this.#ink);
    }
    if (order === ORDER.bitmask || order === ORDER.setForegroundBitmask) this.#writeBits(i, i + length);
  }

  #writeOrder(order: Order, length: number): void {
    const beyond = length - order.shortMax - 1;
    if (beyond < 0) this.#out[this.#at++] = order.short | length;
    else if (beyond < 256) {
      this.#out[this.#at++] = order.short;
      this.#out[this.#at++] = beyond;
    } else this.#writeMega(order, length);
  }

  /** Bitmasks have their short lengths in units of eight pixels. */
  #writeBitmaskOrder(order: Order, length: number): void {
    if (length % 8 === 0 && length / 8 <= order.shortMax) this.#out[this.#at++] = order.short | (length / 8);
    else if (length <= 256) {
      this.#out[this.#at++] = order.short;
      this.#out[this.#at++] = length - 1;
    } else this.#writeMega(order, length);
  }

  #writeMega(order: Order, length: number): void {
    this.#out[this.#at++] = order.mega;
    this.#out[this.#at++] = length;
    this.#out[this.#at++] = length >> 8;
  }

  /** A bit a pixel, least significant first: foreground where it is set. */
  #writeBits(from: number, to: number): void {
    for (let i = from; i < to; i += 8) {
      let bits = 0;
      for (let bit = 0; bit < 8 && i + bit < to; bit++) {
        if (scratch[i + bit] !== scratch[i + bit - this.#width]) bits |= 1 << bit;
      }
      this.#out[this.#at++] = bits;
    }
  }

  #writeRaw(from: number, to: number): void {
    if (from === to) return;
    this.#writeOrder(ORDER.colorImage, to - from);
    for (let i = from; i < to; i++) this.#writePixel(scratch[i]!);
    this.#afterBackground = false;
  }

  #writePixel(value: number): void {
    this.#out[this.#at++] = value;
    this.#out[this.#at++] = value >> 8;
    if (this.#pixelBytes === 3) this.#out[this.#at++] = value >> 16;
  }
}

/** Bytes of an order's code and length. */
function lengthCost(length: number, shortMax: number): number {
  if (length <= shortMax) return 1;
  return length <= shortMax + 256 ? 2 : 3;
}
