import { isEmpty, type Rect } from '../display/rect.js';
import type { Canvas, Colour } from './canvas.js';

/** Pixels as a canvas has them. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 0xXXRRGGBB, row by row. */
  readonly words: Uint32Array;
}

/** The largest rectangle of the picture's shape within `area`, in its middle. */
export function fitInto({ width, height }: Picture, area: Rect): Rect {
  const scale = Math.min(area.width / width, area.height / height);
  const fitted = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return {
    x: area.x + ((area.width - fitted.width) >> 1),
    y: area.y + ((area.height - fitted.height) >> 1),
    ...fitted,
  };
}

/** Draws the whole picture into `to`; each pixel is the mean of what it covers, or the nearest where that is less than one. */
export function drawPicture(canvas: Canvas, to: Rect, picture: Picture): void {
  if (isEmpty(to)) return;
  const left = Math.max(0, -to.x);
  const top = Math.max(0, -to.y);
  const right = Math.min(to.width, canvas.width - to.x);
  const bottom = Math.min(to.height, canvas.height - to.y);
  for (let y = top; y < bottom; y++) {
    const [y0, y1] = span(y, to.height, picture.height);
    for (let x = left; x < right; x++) {
      const [x0, x1] = span(x, to.width, picture.width);
      canvas.words[(to.y + y) * canvas.width + to.x + x] = mean(picture, x0, y0, x1, y1);
    }
  }
  canvas.touch({ x: to.x + left, y: to.y + top, width: right - left, height: bottom - top });
}

/** The source pixels behind target pixel `i`: at least one. */
function span(i: number, target: number, source: number): readonly [from: number, to: number] {
  const from = Math.floor((i * source) / target);
  return [from, Math.max(from + 1, Math.floor(((i + 1) * source) / target))];
}

function mean({ words, width }: Picture, x0: number, y0: number, x1: number, y1: number): Colour {
  if (x1 - x0 === 1 && y1 - y0 === 1) return words[y0 * width + x0]! & 0xffffff;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const word = words[y * width + x]!;
      red += (word >> 16) & 0xff;
      green += (word >> 8) & 0xff;
      blue += word & 0xff;
    }
  }
  const count = (x1 - x0) * (y1 - y0);
  return (Math.round(red / count) << 16) | (Math.round(green / count) << 8) | Math.round(blue / count);
}
