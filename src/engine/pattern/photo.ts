import type { Colour } from '../../paint/canvas.js';

/** A repeatable number from 0 to 255 for a grid point. */
function hash(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & 0xff;
}

/** Smooth noise: random values on a grid of `cell` pixels, interpolated between. */
function smooth(x: number, y: number, cell: number, seed: number): number {
  const column = Math.floor(x / cell);
  const row = Math.floor(y / cell);
  const fx = ease((x % cell) / cell);
  const fy = ease((y % cell) / cell);
  const top = mix(hash(column, row, seed), hash(column + 1, row, seed), fx);
  const bottom = mix(hash(column, row + 1, seed), hash(column + 1, row + 1, seed), fx);
  return mix(top, bottom, fy);
}

/**
 * The colour at a place of a picture that compresses as a photo does: soft shapes of several sizes and fine grain.
 * It depends on the place alone.
 */
export function photoAt(x: number, y: number): Colour {
  const grain = (hash(x, y, 9) - 128) / 16;
  const light = smooth(x, y, 48, 1) * 0.6 + smooth(x, y, 13, 2) * 0.3 + grain;
  const warm = smooth(x, y, 90, 3) * 0.4;
  return (level(light + warm) << 16) | (level(light + 20) << 8) | level(light + 60 - warm);
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}
function level(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}
