import { describe, expect, test } from 'vitest';
import { FLAG_BLINKING, FLAG_FONT_PAGE_B, type FontShape, TextMode } from '../../../src/engine/emulator/text-mode.js';

const COLOUR = 0xffffff;
const BACK = 0x0000aa;
const A = 0x41;
const LINE = 0xc4;

/** A font of two lines: in page 0 'A' is `#......#` over `.######.`, the line is solid; in page 1 'A' is solid. */
function font(width: 8 | 9 | 16, joinLines = true): FontShape {
  const bitmap = new Uint8Array(65536);
  bitmap.set([0b1000_0001, 0b0111_1110], A * 32);
  bitmap.set([0b1111_1111, 0b1111_1111], LINE * 32);
  bitmap.set([0b1111_1111, 0b1111_1111], (256 + A) * 32);
  return { height: 2, width, joinLines, bitmap };
}

/** A screen with that font; what it drew first is forgotten. */
function screen(columns: number, rows: number, shape: FontShape) {
  const text = new TextMode();
  text.resize(columns, rows);
  text.setFont(shape, true);
  const words = new Uint32Array(text.width * text.height);
  text.draw(words);
  const picture = () => {
    const lines: string[] = [];
    for (let y = 0; y < text.height; y++) {
      const line = words.subarray(y * text.width, (y + 1) * text.width);
      lines.push(Array.from(line, (word) => (word === COLOUR ? '#' : word === BACK ? '.' : ' ')).join(''));
    }
    return lines;
  };
  return { text, words, picture };
}

describe('text mode', () => {
  test('has no size until the guest has a font', () => {
    const text = new TextMode();
    expect([text.width, text.height]).toEqual([0, 0]);
    expect(text.draw(new Uint32Array(0))).toBeUndefined();
  });

  test.each([
    [40, 25, 16, 640],
    [80, 25, 9, 720],
    [80, 50, 8, 640],
  ] as const)('%i columns, %i rows, %i dots', (columns, rows, dots, width) => {
    const { text } = screen(columns, rows, font(dots));
    expect([text.width, text.height]).toEqual([width, rows * 2]);
  });

  test('draws the cell that changed, in its colours, and says where', () => {
    const { text, words, picture } = screen(3, 2, font(8));
    text.put(1, 1, A, 0, BACK, COLOUR);
    expect(text.draw(words)).toEqual({ x: 8, y: 2, width: 8, height: 2 });
    expect(picture().slice(2)).toEqual(['        #......#        ', '        .######.        ']);
    expect(text.draw(words)).toBeUndefined();
    text.put(1, 1, A, 0, BACK, COLOUR);
    expect(text.isDirty).toBe(false);
  });

  test('the ninth column is empty, but joins line drawing characters', () => {
    const { text, words, picture } = screen(2, 1, font(9));
    text.put(0, 0, A, 0, BACK, COLOUR);
    text.put(0, 1, LINE, 0, BACK, COLOUR);
    text.draw(words);
    expect(picture()).toEqual(['#......#.#########', '.######..#########']);
    text.setFont(font(9, false), false);
    text.draw(words);
    expect(picture()).toEqual(['#......#.########.', '.######..########.']);
  });

  test('sixteen dots are eight, doubled', () => {
    const { text, words, picture } = screen(1, 1, font(16));
    text.put(0, 0, A, 0, BACK, COLOUR);
    text.draw(words);
    expect(picture()).toEqual(['##............##', '..############..']);
  });

  test('the second font page, for the cells that ask for it', () => {
    const { text, words, picture } = screen(2, 1, font(8));
    text.setFontPages(0, 1);
    text.put(0, 0, A, FLAG_BLINKING, BACK, COLOUR);
    text.put(0, 1, A, FLAG_FONT_PAGE_B, BACK, COLOUR);
    text.draw(words);
    expect(picture()).toEqual(['#......#########', '.######.########']);
  });

  test('the cursor covers its lines and leaves nothing behind', () => {
    const { text, words, picture } = screen(2, 1, font(8));
    text.put(0, 0, A, 0, BACK, COLOUR);
    text.put(0, 1, A, 0, BACK, COLOUR);
    text.setCursorShape(1, 1, true);
    text.moveCursor(0, 0);
    text.draw(words);
    expect(picture()).toEqual(['#......##......#', '########.######.']);
    text.moveCursor(0, 1);
    expect(text.draw(words)).toEqual({ x: 0, y: 0, width: 16, height: 2 });
    expect(picture()).toEqual(['#......##......#', '.######.########']);
    text.setCursorShape(1, 1, false);
    text.draw(words);
    expect(picture()).toEqual(['#......##......#', '.######..######.']);
  });

  test('cells and cursors outside of the screen are nobody’s', () => {
    const { text, words } = screen(2, 1, font(8));
    text.put(0, 2, A, 0, BACK, COLOUR);
    text.put(1, 0, A, 0, BACK, COLOUR);
    text.moveCursor(7, 0);
    text.moveCursor(0, 99);
    expect(text.draw(words)?.height).not.toBeGreaterThan(2);
    expect(words.includes(COLOUR)).toBe(false);
  });
});
