import type { CursorShape } from '../display/cursor.js';

/** A pointer as RDP has it: both masks bottom row first, rows padded to an even number of bytes. */
export interface PointerMasks {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** 24 bits: B G R; 32 bits: B G R A. Black where the pointer is transparent. */
  readonly xorMask: Uint8Array;
  /** A bit a pixel, most significant first, set where the pointer is transparent. */
  readonly andMask: Uint8Array;
}

/**
 * Clients disagree on the padding of mask rows; at a width that is a multiple of 16 there is none.
 * The multiple never goes over the largest edges, which are multiples themselves.
 */
const WIDTH_UNIT = 16;

/** The shape at most `maxEdge` wide and high: its transparent margins go first, then it is scaled down. */
export function fitPointer(shape: CursorShape, maxEdge: number): CursorShape {
  if (shape.width <= maxEdge && shape.height <= maxEdge) return shape;
  const trimmed = trim(shape);
  const longest = Math.max(trimmed.width, trimmed.height);
  return longest <= maxEdge ? trimmed : scale(trimmed, maxEdge / longest);
}

/** A shape's masks. At 24 bits a pixel is there or is not: half transparent ones are. */
export function pointerMasks(shape: CursorShape, bitsPerPixel: 24 | 32): PointerMasks {
  const { height, bgra } = shape;
  const width = Math.ceil(shape.width / WIDTH_UNIT) * WIDTH_UNIT;
  const pixelBytes = bitsPerPixel / 8;
  const xorMask = new Uint8Array(width * height * pixelBytes);
  const andMask = new Uint8Array((width / 8) * height).fill(0xff);
  const threshold = bitsPerPixel === 32 ? 1 : 128;
  for (let y = 0; y < height; y++) {
    const row = height - 1 - y;
    for (let x = 0; x < shape.width; x++) {
      const from = (y * shape.width + x) * 4;
      if (bgra[from + 3]! < threshold) continue;
      andMask[row * (width / 8) + (x >> 3)]! &= ~(0x80 >> (x & 7));
      xorMask.set(bgra.subarray(from, from + pixelBytes), (row * width + x) * pixelBytes);
    }
  }
  return {
    width,
    height,
    hotX: Math.min(shape.hotX, width - 1),
    hotY: Math.min(shape.hotY, height - 1),
    xorMask,
    andMask,
  };
}

/** Cuts off rows and columns that are wholly transparent and do not hold the hot spot. */
function trim(shape: CursorShape): CursorShape {
  const { width, height, hotX, hotY, bgra } = shape;
  let left = Math.min(hotX, width - 1);
  let top = Math.min(hotY, height - 1);
  let right = left;
  let bottom = top;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bgra[(y * width + x) * 4 + 3] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  const trimmed = { width: right - left + 1, height: bottom - top + 1, hotX: hotX - left, hotY: hotY - top };
  const out = new Uint8Array(trimmed.width * trimmed.height * 4);
  for (let y = 0; y < trimmed.height; y++) {
    const from = ((top + y) * width + left) * 4;
    out.set(bgra.subarray(from, from + trimmed.width * 4), y * trimmed.width * 4);
  }
  return { ...trimmed, bgra: out };
}

/** Scales down; each pixel is the average of those it stands for, weighted by their opacity. */
function scale(shape: CursorShape, factor: number): CursorShape {
  const width = Math.max(1, Math.floor(shape.width * factor));
  const height = Math.max(1, Math.floor(shape.height * factor));
  const bgra = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const fromY = Math.floor((y * shape.height) / height);
    const toY = Math.max(fromY + 1, Math.floor(((y + 1) * shape.height) / height));
    for (let x = 0; x < width; x++) {
      const fromX = Math.floor((x * shape.width) / width);
      const toX = Math.max(fromX + 1, Math.floor(((x + 1) * shape.width) / width));
      average(shape, fromX, fromY, toX, toY, bgra, (y * width + x) * 4);
    }
  }
  return { width, height, hotX: Math.floor(shape.hotX * factor), hotY: Math.floor(shape.hotY * factor), bgra };
}

function average(
  { width, bgra }: CursorShape,
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  out: Uint8Array,
  at: number,
): void {
  let blue = 0;
  let green = 0;
  let red = 0;
  let opacity = 0;
  for (let y = fromY; y < toY; y++) {
    for (let x = fromX; x < toX; x++) {
      const from = (y * width + x) * 4;
      const alpha = bgra[from + 3]!;
      blue += bgra[from]! * alpha;
      green += bgra[from + 1]! * alpha;
      red += bgra[from + 2]! * alpha;
      opacity += alpha;
    }
  }
  if (opacity === 0) return;
  out[at] = Math.round(blue / opacity);
  out[at + 1] = Math.round(green / opacity);
  out[at + 2] = Math.round(red / opacity);
  out[at + 3] = Math.round(opacity / ((toX - fromX) * (toY - fromY)));
}
