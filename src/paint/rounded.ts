import type { Rect } from '../display/rect.js';
import type { Canvas, Colour } from './canvas.js';
import { mix } from './mix.js';

/** Points a pixel along each edge, in the corners. */
const SAMPLES = 4;

/** Fills a rectangle with round, smooth corners. `radius` is at most half of its edges. */
export function fillRounded(canvas: Canvas, rect: Rect, radius: number, colour: Colour): void {
  const r = Math.max(0, Math.min(radius, rect.width >> 1, rect.height >> 1));
  canvas.fill({ ...rect, y: rect.y + r, height: rect.height - 2 * r }, colour);
  for (const y of [rect.y, rect.y + rect.height - r]) {
    canvas.fill({ x: rect.x + r, y, width: rect.width - 2 * r, height: r }, colour);
  }
  if (r === 0) return;
  const corner = cornerOf(r);
  const right = rect.x + rect.width - 1;
  const bottom = rect.y + rect.height - 1;
  for (let row = 0; row < r; row++) {
    for (let column = 0; column < r; column++) {
      const alpha = corner[row * r + column]!;
      for (const x of [rect.x + column, right - column]) {
        for (const y of [rect.y + row, bottom - row]) {
          if (x < 0 || y < 0 || x >= canvas.width || y >= canvas.height) continue;
          const at = y * canvas.width + x;
          canvas.words[at] = mix(canvas.words[at]!, colour, alpha);
        }
      }
    }
  }
  canvas.touch(rect);
}

/** A disc. */
export function fillDisc(canvas: Canvas, x: number, y: number, diameter: number, colour: Colour): void {
  fillRounded(canvas, { x, y, width: diameter, height: diameter }, diameter >> 1, colour);
}

/** A frame of `thickness` around `rect`, with `rect`'s corners round by `radius`. `inside` is what it is filled with. */
export function frame(
  canvas: Canvas,
  rect: Rect,
  radius: number,
  thickness: number,
  colour: Colour,
  inside: Colour,
): void {
  const outer = {
    x: rect.x - thickness,
    y: rect.y - thickness,
    width: rect.width + 2 * thickness,
    height: rect.height + 2 * thickness,
  };
  fillRounded(canvas, outer, radius + thickness, colour);
  fillRounded(canvas, rect, radius, inside);
}

const corners = new Map<number, Uint16Array>();

/** Coverage 0 to 256 of the upper left corner, row by row. */
function cornerOf(radius: number): Uint16Array {
  let corner = corners.get(radius);
  if (corner !== undefined) return corner;
  corner = new Uint16Array(radius * radius);
  for (let i = 0; i < corner.length; i++) {
    let inside = 0;
    for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
      const x = (i % radius) + ((sample % SAMPLES) + 0.5) / SAMPLES;
      const y = Math.floor(i / radius) + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
      if ((radius - x) ** 2 + (radius - y) ** 2 <= radius ** 2) inside++;
    }
    corner[i] = (inside * 256) / (SAMPLES * SAMPLES);
  }
  corners.set(radius, corner);
  return corner;
}
