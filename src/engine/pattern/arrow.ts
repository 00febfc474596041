import type { CursorShape } from '../../display/cursor.js';

const EDGE = 24;

/** A pointer with every kind of alpha: an opaque arrow, a soft edge, and a half transparent shadow. */
export const ARROW: CursorShape = {
  width: EDGE,
  height: EDGE,
  hotX: 1,
  hotY: 1,
  bgra: Uint8Array.from({ length: EDGE * EDGE * 4 }, (_, i) => {
    const pixel = i >> 2;
    return colourAt(pixel % EDGE, Math.floor(pixel / EDGE))[i & 3]!;
  }),
};

/** B, G, R, A: a right triangle with a white edge, black inside. */
function colourAt(x: number, y: number): readonly [number, number, number, number] {
  const depth = Math.min(x - 1, y - 1 - x, 18 - y + Math.floor(x / 8));
  if (depth >= 2) return [0, 0, 0, 255];
  if (depth >= 0) return [255, 255, 255, 255];
  if (depth === -1) return [255, 255, 255, 96];
  const shadow = Math.min(x - 4, y - 4 - (x - 3), 21 - y);
  return shadow >= 0 ? [0, 0, 0, 80] : [0, 0, 0, 0];
}
