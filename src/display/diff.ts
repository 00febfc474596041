import type { Pixels } from './framebuffer.js';
import { TILE, type TileSet } from './tile-set.js';

/**
 * Takes the tiles of `candidates` that are equal in `now` and `before` out of the set, and copies the others
 * over to `before`. Afterwards `before` equals `now` in every candidate tile.
 */
export function diffTiles(now: Uint32Array, before: Uint32Array, candidates: TileSet): void {
  const { columns, rows, width, height } = candidates;
  for (let row = 0; row < rows; row++) {
    const bottom = Math.min((row + 1) * TILE, height);
    for (let column = 0; column < columns; column++) {
      if (!candidates.has(column, row)) continue;
      const left = column * TILE;
      const right = Math.min(left + TILE, width);
      const firstY = firstDifference(now, before, width, left, right, row * TILE, bottom);
      if (firstY === bottom) candidates.unset(column, row);
      else for (let y = firstY; y < bottom; y++) copyRow(now, before, y * width + left, y * width + right);
    }
  }
}

/** The first row in which the tile differs, or `bottom`. */
function firstDifference(
  now: Uint32Array,
  before: Uint32Array,
  stride: number,
  left: number,
  right: number,
  top: number,
  bottom: number,
): number {
  for (let y = top; y < bottom; y++) {
    const end = y * stride + right;
    for (let i = y * stride + left; i < end; i++) if (now[i] !== before[i]) return y;
  }
  return bottom;
}

function copyRow(from: Uint32Array, to: Uint32Array, start: number, end: number): void {
  for (let i = start; i < end; i++) to[i] = from[i]!;
}

/** What viewers were last told: the other side of the diff. */
export function shadowOf(pixels: Pixels): Uint32Array {
  return new Uint32Array(pixels.width * pixels.height);
}
