import { describe, expect, test } from 'vitest';
import { Display } from '../../src/display/display.js';
import { moveWords } from '../../src/display/framebuffer.js';
import type { DisplayView } from '../../src/display/view.js';
import { FakeClock } from '../fake-clock.js';

/** A client's model: what it would show after applying every update it took. */
class Client {
  words: Uint32Array;
  readonly display: Display;
  readonly view: DisplayView;
  constructor(display: Display) {
    this.display = display;
    this.view = display.view();
    this.words = new Uint32Array(display.width * display.height);
  }
  update(): void {
    const update = this.view.take();
    const { framebuffer } = this.display;
    if (update.size) this.words = new Uint32Array(update.size.width * update.size.height);
    for (const copy of update.copies) moveWords(this.words, framebuffer.width, copy.to, copy.fromX, copy.fromY);
    for (const r of update.rects) {
      for (let y = r.y; y < r.y + r.height; y++) {
        const at = y * framebuffer.width + r.x;
        this.words.set(framebuffer.words.subarray(at, at + r.width), at);
      }
    }
    this.view.sent();
  }
}

function fill(display: Display, x: number, y: number, width: number, height: number, word: number): void {
  for (let row = y; row < y + height; row++) {
    display.framebuffer.words.fill(word, row * display.width + x, row * display.width + x + width);
  }
  display.damage({ x, y, width, height });
}

describe('display', () => {
  test('a new view has the whole screen and the size pending; afterwards only what changed', () => {
    const display = new Display(300, 200, new FakeClock());
    const view = display.view();
    expect(view.take()).toMatchObject({ size: { width: 300, height: 200 }, cursor: 'unknown' });
    expect(view.isPending).toBe(false);
    fill(display, 70, 10, 5, 5, 1);
    expect(view.isPending).toBe(false);
    display.commit();
    expect(view.take()).toEqual({
      size: undefined,
      cursor: undefined,
      copies: [],
      rects: [{ x: 64, y: 0, width: 64, height: 64 }],
    });
  });

  test('damage without a change of pixels reaches nobody', () => {
    const display = new Display(300, 200, new FakeClock());
    const view = display.view();
    view.take();
    display.damage({ x: 0, y: 0, width: 300, height: 200 });
    display.commit();
    expect(view.isPending).toBe(false);
  });

  test('frames keep 60 Hz, except after an input', () => {
    const clock = new FakeClock();
    const display = new Display(300, 200, clock);
    const view = display.view();
    let changes = 0;
    view.onChange = () => changes++;
    for (let i = 1; i <= 3; i++) {
      fill(display, 0, 0, 5, 5, i);
      display.commit();
    }
    expect(changes).toBe(1);
    clock.advance(17);
    expect(changes).toBe(2);
    display.hasten();
    fill(display, 0, 0, 5, 5, 9);
    display.commit();
    expect(changes).toBe(3);
  });

  test('what a viewer is only being sent is not moved on it', () => {
    const display = new Display(300, 200, new FakeClock());
    const view = display.view();
    const copy = () => {
      display.copy({ x: 0, y: 0, width: 10, height: 10 }, 20, 20);
      return view.take();
    };
    view.take();
    expect(copy()).toMatchObject({ copies: [], rects: [{ x: 0, y: 0, width: 64, height: 64 }] });
    view.sent();
    expect(copy()).toMatchObject({ copies: [{ fromX: 20, fromY: 20 }], rects: [] });
  });

  test('a resize drops copies and old damage and asks for everything', () => {
    const display = new Display(300, 200, new FakeClock());
    const view = display.view();
    view.take();
    display.copy({ x: 0, y: 0, width: 10, height: 10 }, 20, 20);
    display.resize(100, 100);
    expect(view.take()).toMatchObject({
      size: { width: 100, height: 100 },
      copies: [],
      rects: [{ x: 0, y: 0, width: 100, height: 100 }],
    });
  });

  test('a client that applies its updates shows the guest, whatever it skipped', () => {
    let seed = 3;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return (seed >> 8) % n;
    };
    const clock = new FakeClock();
    const display = new Display(400, 300, clock);
    const clients = [new Client(display), new Client(display), new Client(display)];
    for (let round = 0; round < 600; round++) {
      if (random(150) === 0) display.resize(200 + random(300), 150 + random(300));
      const width = 1 + random(150);
      const height = 1 + random(120);
      const x = random(display.width - width);
      const y = random(display.height - height);
      if (random(3) === 0)
        display.copy({ x, y, width, height }, random(display.width - width), random(display.height - height));
      else fill(display, x, y, width, height, random(1 << 24));
      if (random(2) === 0) display.commit();
      if (random(3) === 0) clock.advance(20);
      clients.forEach((client, i) => {
        if (random(1 + i * 6) === 0) client.update();
      });
    }
    display.commit();
    clock.advance(20);
    for (const client of clients) {
      client.update();
      expect(Buffer.from(client.words.buffer).equals(Buffer.from(display.framebuffer.bytes))).toBe(true);
    }
  });
});

test('the meter counts pictures that differ, and how long after an input they came', () => {
  const clock = new FakeClock();
  const display = new Display(64, 64, clock);
  const change = (word: number): void => {
    display.framebuffer.words[0] = word;
    display.damage({ x: 0, y: 0, width: 1, height: 1 });
    display.commit();
    clock.advance(20);
  };
  change(1);
  display.hasten();
  clock.advance(5);
  display.hasten();
  clock.advance(7);
  change(2);
  // The same pixels again are no picture.
  change(2);
  expect(display.meter).toEqual({ framesPublished: 2, inputToDamageMs: 12, inputs: 1 });
  // Nothing came of this one; the clock that ticks later is not its doing.
  display.hasten();
  clock.advance(5_000);
  change(3);
  expect(display.meter).toEqual({ framesPublished: 3, inputToDamageMs: 12, inputs: 1 });
});
