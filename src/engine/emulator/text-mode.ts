import type { Rect } from '../../display/rect.js';

/** The cell blinks; shown steadily, since every change of a blinking screen would go to every viewer. */
export const FLAG_BLINKING = 1;
/** The cell's glyph is in the second font page. */
export const FLAG_FONT_PAGE_B = 2;

/** Glyphs lie 32 bytes apart, 256 to a page. */
const GLYPH_BYTES = 32;
const GLYPHS = 256;
/** Line drawing characters: their ninth column repeats the eighth, so that lines join. */
const FIRST_JOINED = 0xc0;
const LAST_JOINED = 0xdf;
/** 256 characters at 8 dots and 1024 lines of the CRT controller, doubled: nothing a guest programs is larger. */
const MAX_COLUMNS = 256;
const MAX_ROWS = 2048;

export interface FontShape {
  /** Lines of a character, 1 to 32. */
  readonly height: number;
  readonly width: 8 | 9 | 16;
  /** With width 9: characters C0 to DF repeat their eighth column. */
  readonly joinLines: boolean;
  /** The guest's font memory. */
  readonly bitmap: Uint8Array;
}

/** A VGA text screen: characters, attributes, the guest's own font, a cursor; drawn cell by cell as they change. */
export class TextMode {
  #columns = 80;
  #rows = 25;
  #characters = new Uint8Array(80 * 25);
  #flags = new Uint8Array(80 * 25);
  #backgrounds = new Uint32Array(80 * 25);
  #colours = new Uint32Array(80 * 25);
  #dirty = new Uint8Array(80 * 25).fill(1);
  #isDirty = true;
  #font: FontShape | undefined;
  #pageA = 0;
  #pageB = 0;
  #cursor = { row: 0, column: 0, first: 0, last: 0, visible: false };

  /** Size of the screen in pixels; zero until the guest has set up a font. */
  get width(): number {
    return this.#columns * (this.#font?.width ?? 0);
  }
  get height(): number {
    return this.#rows * (this.#font?.height ?? 0);
  }
  get isDirty(): boolean {
    return this.#isDirty;
  }

  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return;
    this.#columns = Math.min(columns, MAX_COLUMNS);
    this.#rows = Math.min(rows, MAX_ROWS);
    const cells = this.#columns * this.#rows;
    this.#characters = new Uint8Array(cells);
    this.#flags = new Uint8Array(cells);
    this.#backgrounds = new Uint32Array(cells);
    this.#colours = new Uint32Array(cells);
    this.#dirty = new Uint8Array(cells);
    this.invalidate();
  }

  /** @param redrawn the guest wrote glyphs; otherwise only a new shape redraws the screen */
  setFont(font: FontShape, redrawn: boolean): void {
    const old = this.#font;
    this.#font = font;
    const same = old?.height === font.height && old.width === font.width && old.joinLines === font.joinLines;
    if (redrawn || !same) this.invalidate();
  }

  setFontPages(a: number, b: number): void {
    this.#pageA = a;
    this.#pageB = b;
    this.invalidate();
  }

  /** Colours are 0xRRGGBB. Cells outside the screen are ignored. */
  put(row: number, column: number, character: number, flags: number, background: number, colour: number): void {
    if (column >= this.#columns || row >= this.#rows) return;
    const at = row * this.#columns + column;
    if (
      this.#characters[at] === character &&
      this.#flags[at] === flags &&
      this.#backgrounds[at] === background >>> 0 &&
      this.#colours[at] === colour >>> 0
    ) {
      return;
    }
    this.#characters[at] = character;
    this.#flags[at] = flags;
    this.#backgrounds[at] = background;
    this.#colours[at] = colour;
    this.#touch(at);
  }

  /** @param first @param last scan lines of the character cell that the cursor fills */
  setCursorShape(first: number, last: number, visible: boolean): void {
    this.#cursor = { ...this.#cursor, first, last, visible };
    this.#touchCursor();
  }

  moveCursor(row: number, column: number): void {
    this.#touchCursor();
    this.#cursor = { ...this.#cursor, row, column };
    this.#touchCursor();
  }

  /** Everything is drawn again. */
  invalidate(): void {
    this.#dirty.fill(1);
    this.#isDirty = true;
  }

  /** Draws what changed into `words` (0x00RRGGBB, rows `width` long); the smallest rectangle around it, or undefined. */
  draw(words: Uint32Array): Rect | undefined {
    const font = this.#font;
    if (!this.#isDirty || font === undefined) return undefined;
    let left = this.#columns;
    let right = -1;
    let top = -1;
    let bottom = -1;
    for (let row = 0; row < this.#rows; row++) {
      for (let column = 0; column < this.#columns; column++) {
        const at = row * this.#columns + column;
        if (this.#dirty[at] === 0) continue;
        this.#dirty[at] = 0;
        this.#drawCell(words, font, row, column, at);
        if (top < 0) top = row;
        bottom = row;
        if (column < left) left = column;
        if (column > right) right = column;
      }
    }
    this.#isDirty = false;
    if (right < 0) return undefined;
    return {
      x: left * font.width,
      y: top * font.height,
      width: (right - left + 1) * font.width,
      height: (bottom - top + 1) * font.height,
    };
  }

  #drawCell(words: Uint32Array, font: FontShape, row: number, column: number, at: number): void {
    const { height, width, bitmap } = font;
    const character = this.#characters[at]!;
    const page = (this.#flags[at]! & FLAG_FONT_PAGE_B) !== 0 ? this.#pageB : this.#pageA;
    const glyph = (page * GLYPHS + character) * GLYPH_BYTES;
    const background = this.#backgrounds[at]!;
    const colour = this.#colours[at]!;
    const joined = font.joinLines && character >= FIRST_JOINED && character <= LAST_JOINED;
    const cursor = this.#cursor;
    const hasCursor = cursor.visible && cursor.row === row && cursor.column === column;
    const stride = this.width;
    let to = row * height * stride + column * width;
    for (let line = 0; line < height; line++, to += stride) {
      const full = hasCursor && line >= cursor.first && line <= cursor.last;
      const dots = full ? 0xff : bitmap[glyph + line]!;
      for (let x = 0; x < 8; x++) {
        const pixel = (dots & (0x80 >> x)) !== 0 ? colour : background;
        if (width === 16) {
          words[to + 2 * x] = pixel;
          words[to + 2 * x + 1] = pixel;
        } else words[to + x] = pixel;
      }
      if (width === 9) words[to + 8] = full || (joined && (dots & 1) !== 0) ? colour : background;
    }
  }

  #touchCursor(): void {
    const { row, column } = this.#cursor;
    if (row < this.#rows && column < this.#columns) this.#touch(row * this.#columns + column);
  }

  #touch(at: number): void {
    this.#dirty[at] = 1;
    this.#isDirty = true;
  }
}
