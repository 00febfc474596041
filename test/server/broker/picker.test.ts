import { describe, expect, test } from 'vitest';
import type { ReachableMachine } from '../../../server/broker/directory.js';
import { Picker } from '../../../server/broker/lobby/picker.js';
import { cardRect, layoutPicker, logOutRect } from '../../../server/broker/lobby/picker-layout.js';
import { THEME } from '../../../server/broker/lobby/theme.js';
import { keysForCodePoint } from '../../../src/input/layout-us.js';
import { Canvas } from '../../../src/paint/canvas.js';

const KEY = { enter: 0x1c, esc: 0x01, up: 0xc8, down: 0xd0, left: 0xcb, right: 0xcd, home: 0xc7, end: 0xcf } as const;
const PAGE = { up: 0xc9, down: 0xd1 } as const;
const LEFT_BUTTON = 1;

function machine(name: string): ReachableMachine {
  const facts = { role: 'use', state: 'running', reason: null, description: '', present: [] } as const;
  return { name, ...facts, lastUsedAt: null, screen: null, thumbnail: async () => undefined };
}

/** A picker on a screen of 1024x768, on which three cards stand side by side and two rows are seen. */
class Desk {
  readonly canvas = new Canvas(1024, 768);
  readonly did: string[] = [];
  names: string[];
  readonly picker: Picker;

  constructor(...names: string[]) {
    this.names = names;
    this.picker = new Picker({
      title: 'host',
      user: 'alice',
      machines: () => this.names.map(machine),
      picture: () => undefined,
      choose: ({ name }) => this.did.push(name),
      logOut: () => this.did.push('(log out)'),
    });
    this.picker.draw(this.canvas);
    this.picker.onChange.on(() => this.picker.draw(this.canvas));
  }

  /** The picture as it is now. */
  get drawn(): Buffer {
    return Buffer.from(Uint32Array.from(this.canvas.words).buffer);
  }

  press(...codes: number[]): string | undefined {
    for (const code of codes) this.picker.key(code, false);
    return this.picker.selected;
  }

  type(text: string): string | undefined {
    for (const character of text) this.press(keysForCodePoint(character.codePointAt(0)!)!.code);
    return this.picker.selected;
  }

  /** The middle of a card. */
  at(index: number, topRow = 0): { x: number; y: number } {
    const rect = cardRect(layoutPicker(1024, 768, this.names.length), index, topRow)!;
    return { x: rect.x + (rect.width >> 1), y: rect.y + (rect.height >> 1) };
  }

  point(where: { x: number; y: number }, pressed = 0, released = 0, wheelY = 0): string | undefined {
    this.picker.pointer({ ...where, buttons: pressed, wheelY }, pressed, released);
    return this.picker.selected;
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${String(i).padStart(2, '0')}`);

describe('keys', () => {
  test('arrows go through rows and columns and stop at the ends', () => {
    const desk = new Desk(...numbered(8));
    expect(layoutPicker(1024, 768, 8)).toMatchObject({ columns: 3, rows: 3, visibleRows: 2 });
    expect(desk.press(KEY.left)).toBe('m00');
    expect(desk.press(KEY.right)).toBe('m01');
    expect(desk.press(KEY.down)).toBe('m04');
    expect(desk.press(KEY.down)).toBe('m07');
    expect(desk.press(KEY.down)).toBe('m07');
    expect(desk.press(KEY.right)).toBe('m07');
    expect(desk.press(KEY.up)).toBe('m04');
    expect(desk.press(KEY.right)).toBe('m05');
    // Below it there is nothing, but a row.
    expect(desk.press(KEY.down)).toBe('m07');
    expect(desk.press(KEY.home)).toBe('m00');
    expect(desk.press(KEY.up)).toBe('m00');
    expect(desk.press(KEY.end)).toBe('m07');
    expect(desk.press(PAGE.up)).toBe('m01');
    expect(desk.press(PAGE.down)).toBe('m07');
    // The keypad without its lock.
    expect(desk.press(KEY.home & 0x7f)).toBe('m00');
  });

  test('Enter opens what is selected, once for each time it goes down', () => {
    const desk = new Desk('a', 'b');
    desk.press(KEY.right, KEY.enter);
    desk.picker.key(KEY.enter, true);
    expect(desk.did).toEqual(['b']);
  });

  test('letters leave the names that have them in them, those first that begin so', () => {
    const desk = new Desk('desk-1', 'lab-7', 'labs', 'old-lab', 'win-desk');
    expect(desk.type('la')).toBe('lab-7');
    expect(desk.press(KEY.end)).toBe('old-lab');
    expect(desk.type('bs')).toBe('labs');
    expect(desk.press(KEY.end)).toBe('labs');
    // All are there again, and the one that was found is still selected.
    expect(desk.press(KEY.esc)).toBe('labs');
    expect(desk.press(KEY.home)).toBe('desk-1');
    expect(desk.did).toEqual([]);
    expect(desk.type('-d')).toBe('win-desk');
    // Erasing goes back the way it came.
    expect(desk.press(0x0e)).toBe('desk-1');
    expect(desk.press(KEY.right)).toBe('lab-7');
    expect(desk.press(0x0e)).toBe('lab-7');
    expect(desk.picker.typed).toBe('');
  });

  test('what no name has in it finds nothing, and nothing is opened', () => {
    const desk = new Desk('desk-1', 'lab-7');
    desk.press(KEY.right);
    const before = desk.drawn;
    expect(desk.type('xyz')).toBeUndefined();
    expect(desk.drawn.equals(before)).toBe(false);
    desk.press(KEY.enter, KEY.down, KEY.end, PAGE.up);
    expect(desk.did).toEqual([]);
    expect(desk.press(KEY.esc)).toBe('lab-7');
    expect(desk.drawn.equals(before)).toBe(true);
  });

  test('of forty machines one is found by typing, by scrolling and by pointing', () => {
    const desk = new Desk(...numbered(40));
    const { columns, rows, visibleRows } = layoutPicker(1024, 768, 40);
    expect(rows).toBeGreaterThan(visibleRows);
    expect(desk.type('m37')).toBe('m37');
    desk.press(KEY.enter, KEY.esc);
    // Back among all, the row of the selected one is in sight.
    const topRow = Math.floor(37 / columns) - visibleRows + 1;
    expect(desk.point(desk.at(36, topRow))).toBe('m36');
    desk.press(KEY.home);
    for (let i = 0; i < rows; i++) desk.point({ x: 1, y: 1 }, 0, 0, -1);
    expect(desk.press(KEY.end)).toBe('m39');
    desk.type('m1');
    expect(desk.press(KEY.end)).toBe('m19');
    expect(desk.press(PAGE.down)).toBe('m19');
    expect(desk.did).toEqual(['m37']);
  });

  test('Esc logs out', () => {
    const desk = new Desk('a');
    desk.press(KEY.esc);
    expect(desk.did).toEqual(['(log out)']);
  });
});

describe('the pointer', () => {
  test('selects what it moves over and opens what is clicked', () => {
    const desk = new Desk(...numbered(5));
    expect(desk.point(desk.at(3))).toBe('m03');
    desk.point(desk.at(3), LEFT_BUTTON);
    expect(desk.did).toEqual([]);
    desk.point(desk.at(3), 0, LEFT_BUTTON);
    expect(desk.did).toEqual(['m03']);
  });

  test('a click that ends elsewhere is none', () => {
    const desk = new Desk('a', 'b');
    desk.point(desk.at(0), LEFT_BUTTON);
    desk.point(desk.at(1), 0, LEFT_BUTTON);
    expect(desk.did).toEqual([]);
  });

  test('logs out by the button', () => {
    const desk = new Desk('a');
    const { x, y } = logOutRect(layoutPicker(1024, 768, 1));
    desk.point({ x: x + 2, y: y + 2 }, LEFT_BUTTON);
    desk.point({ x: x + 2, y: y + 2 }, 0, LEFT_BUTTON);
    expect(desk.did).toEqual(['(log out)']);
  });

  test('the wheel scrolls by rows, and the selection stays in sight', () => {
    const desk = new Desk(...numbered(12));
    const nowhere = { x: 1, y: 1 };
    expect(desk.point(nowhere, 0, 0, -1)).toBe('m03');
    expect(desk.point(nowhere, 0, 0, -1)).toBe('m06');
    expect(desk.point(nowhere, 0, 0, -1)).toBe('m06');
    expect(desk.point(desk.at(11, 2))).toBe('m11');
    expect(desk.point(nowhere, 0, 0, 1)).toBe('m08');
  });
});

describe('what changes while it is shown', () => {
  test('the selection stays with its machine', () => {
    const desk = new Desk('b', 'd');
    desk.press(KEY.right);
    desk.names = ['a', 'b', 'c', 'd', 'e'];
    desk.picker.update();
    expect(desk.picker.selected).toBe('d');
    desk.names = ['a', 'e'];
    desk.picker.update();
    expect(desk.picker.selected).toBe('e');
    desk.names = [];
    desk.picker.update();
    expect(desk.picker.selected).toBeUndefined();
    desk.press(KEY.down, KEY.enter, KEY.end, PAGE.down);
    expect(desk.did).toEqual([]);
  });

  test('only the selected card is framed', () => {
    const desk = new Desk('a', 'b');
    const layout = layoutPicker(1024, 768, 2);
    const framed = (index: number): boolean => {
      const { x, y, height } = cardRect(layout, index, 0)!;
      return desk.canvas.words[(y + (height >> 1)) * 1024 + x - 1] === THEME.accent;
    };
    expect([framed(0), framed(1)]).toEqual([true, false]);
    desk.press(KEY.right);
    expect([framed(0), framed(1)]).toEqual([false, true]);
  });
});

test.each([
  [320, 240],
  [640, 480],
  [800, 600],
  [1024, 768],
  [1280, 720],
  [1366, 768],
  [1920, 1080],
  [3840, 2160],
  [768, 1366],
])('on %ix%i every card is whole, apart from the others, and wide enough for a name', (width, height) => {
  for (const count of [1, 2, 3, 7, 40, 200]) {
    const layout = layoutPicker(width, height, count);
    const { list, footer, header, cell, columns, rows, visibleRows } = layout;
    expect(columns * rows).toBeGreaterThanOrEqual(count);
    expect(layout.cardWidth).toBeGreaterThanOrEqual(14 * cell);
    expect(layout.pictureHeight).toBeGreaterThan(0);
    const taken: boolean[] = [];
    for (let i = 0; i < Math.min(count, columns * visibleRows); i++) {
      const r = cardRect(layout, i, 0)!;
      expect(r.x).toBeGreaterThanOrEqual(list.x);
      expect(r.x + r.width).toBeLessThanOrEqual(list.x + list.width);
      expect(r.y).toBeGreaterThanOrEqual(header.y + header.height);
      expect(r.y + r.height).toBeLessThanOrEqual(footer.y);
      const key = r.y * width + r.x;
      expect(taken[key]).toBeUndefined();
      taken[key] = true;
    }
    expect(cardRect(layout, columns * visibleRows, 0)).toBeUndefined();
  }
});
