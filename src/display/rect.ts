/** A rectangle in pixels; x, y, width, height are integers, width and height not negative. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function isEmpty(r: Rect): boolean {
  return r.width <= 0 || r.height <= 0;
}

/** The part of `r` inside a `width` x `height` area at the origin; may be empty. */
export function clip(r: Rect, width: number, height: number): Rect {
  const x = Math.min(Math.max(r.x, 0), width);
  const y = Math.min(Math.max(r.y, 0), height);
  return {
    x,
    y,
    width: Math.max(0, Math.min(r.x + r.width, width) - x),
    height: Math.max(0, Math.min(r.y + r.height, height) - y),
  };
}

export function area(r: Rect): number {
  return r.width * r.height;
}

/** Cuts `r` into rectangles of at most `maxWidth` x `maxHeight`, in reading order. */
export function* split(r: Rect, maxWidth: number, maxHeight: number): Generator<Rect> {
  for (let y = r.y; y < r.y + r.height; y += maxHeight) {
    for (let x = r.x; x < r.x + r.width; x += maxWidth) {
      yield { x, y, width: Math.min(maxWidth, r.x + r.width - x), height: Math.min(maxHeight, r.y + r.height - y) };
    }
  }
}
