import { clip, isEmpty, type Rect } from '../display/rect.js';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRow } from './font.js';

/** A colour as a framebuffer word: 0xRRGGBB. */
export type Colour = number;

/** Drawing into a picture in memory. Everything is clipped; what was drawn on is remembered until it is taken. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly words: Uint32Array;
  #dirty: Rect[] = [];

  /** @param words what is drawn on, row by row; a picture of the canvas's own unless given */
  constructor(width: number, height: number, words: Uint32Array = new Uint32Array(width * height)) {
    this.width = width;
    this.height = height;
    this.words = words;
  }

  fill(rect: Rect, colour: Colour): void {
    const r = clip(rect, this.width, this.height);
    for (let y = r.y; y < r.y + r.height; y++) {
      this.words.fill(colour, y * this.width + r.x, y * this.width + r.x + r.width);
    }
    this.touch(r);
  }

  /** Gives every pixel of `rect` the colour of its place, counted from the rectangle's corner. */
  paint(rect: Rect, colourAt: (x: number, y: number) => Colour): void {
    const r = clip(rect, this.width, this.height);
    for (let y = r.y; y < r.y + r.height; y++) {
      for (let x = r.x; x < r.x + r.width; x++) this.words[y * this.width + x] = colourAt(x - rect.x, y - rect.y);
    }
    this.touch(r);
  }

  /** One line of text on a background that fills the cells; `scale` is the edge of a glyph's pixel. */
  text(x: number, y: number, line: string, scale: number, ink: Colour, paper: Colour): void {
    this.fill({ x, y, ...textSize(line.length, scale) }, paper);
    for (let i = 0; i < line.length; i++) {
      const left = x + i * cellWidth(scale);
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        const bits = glyphRow(line.charCodeAt(i), row);
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if ((bits >> (GLYPH_WIDTH - 1 - column)) & 1) this.#block(left + column * scale, y + row * scale, scale, ink);
        }
      }
    }
  }

  /** Reports pixels that were written through `words`. */
  touch(rect: Rect): void {
    if (!isEmpty(rect)) this.#dirty.push(rect);
  }

  /** What was drawn on since the last call. */
  takeDirty(): readonly Rect[] {
    const dirty = this.#dirty;
    this.#dirty = [];
    return dirty;
  }

  #block(x: number, y: number, edge: number, colour: Colour): void {
    const right = Math.min(x + edge, this.width);
    const bottom = Math.min(y + edge, this.height);
    for (let row = y; row < bottom; row++) this.words.fill(colour, row * this.width + x, row * this.width + right);
  }
}

export function cellWidth(scale: number): number {
  return (GLYPH_WIDTH + 1) * scale;
}
export function cellHeight(scale: number): number {
  return (GLYPH_HEIGHT + 1) * scale;
}
function textSize(characters: number, scale: number): { width: number; height: number } {
  return { width: characters * cellWidth(scale), height: cellHeight(scale) };
}
