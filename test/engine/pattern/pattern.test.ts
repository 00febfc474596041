import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.js';
import { UserError } from '../../../src/base/errors.js';
import { Display } from '../../../src/display/display.js';
import type { EngineStateChange } from '../../../src/engine/engine.js';
import { PatternEngine, type PatternOptions } from '../../../src/engine/pattern/pattern.js';
import { BUTTON, type Leds } from '../../../src/input/events.js';
import { keysForCodePoint } from '../../../src/input/layout-us.js';
import { Canvas } from '../../../src/paint/canvas.js';

const F = (n: number): number => 0x3a + n;
const LEFT_SHIFT = 0x2a;

/** Runs timers when the test says so; publishes every frame at once. */
class ManualClock implements Clock {
  #ms = 0;
  #due: (() => void)[] = [];
  now(): number {
    this.#ms += 1000;
    return this.#ms;
  }
  after(_ms: number, callback: () => void): () => void {
    this.#due.push(callback);
    return () => {
      this.#due = this.#due.filter((d) => d !== callback);
    };
  }
  get timers(): number {
    return this.#due.length;
  }
  fire(): void {
    for (const callback of this.#due.splice(0)) callback();
  }
}

async function started(options: PatternOptions = { fps: 0 }) {
  const clock = new ManualClock();
  const engine = new PatternEngine({ ...options, clock });
  const display = new Display(640, 480, clock);
  const states: EngineStateChange[] = [];
  const leds: Leds[] = [];
  engine.onState.on((change) => states.push(change));
  engine.onLeds.on((l) => leds.push(l));
  await engine.start(display);
  const press = (...codes: number[]): void => {
    for (const code of codes) {
      engine.key(code, true);
      engine.key(code, false);
    }
  };
  return { engine, display, clock, states, leds, press };
}

function snapshot(display: Display): Uint32Array {
  return display.framebuffer.words.slice();
}

/** Much faster than toEqual for a million elements. */
function same(a: Uint32Array, b: Uint32Array): boolean {
  return Buffer.from(a.buffer).equals(Buffer.from(b.buffer));
}

describe('pattern engine', () => {
  test('echoes every printable character, as a US keyboard types it', async () => {
    const { engine, press } = await started();
    let text = '';
    for (let c = 0x20; c < 0x7f; c++) {
      const { code, shift } = keysForCodePoint(c)!;
      if (shift) engine.key(LEFT_SHIFT, true);
      press(code);
      if (shift) engine.key(LEFT_SHIFT, false);
      text += String.fromCharCode(c);
    }
    expect(engine.typed).toBe(text);
    press(0x0e);
    expect(engine.typed).toBe(text.slice(0, -1));
    press(0x1c);
    expect(engine.typed).toBe('');
  });

  test('keeps the lights, and types by them', async () => {
    const { engine, leds, press } = await started();
    expect(leds).toEqual([{ scrollLock: false, numLock: false, capsLock: false }]);
    press(0x3a, 0x1e, 0x02);
    expect(leds.at(-1)).toEqual({ scrollLock: false, numLock: false, capsLock: true });
    expect(engine.typed).toBe('A1');
    press(0x3a, 0x1e, 0x45, 0x46);
    expect(engine.typed).toBe('A1a');
    expect(leds.at(-1)).toEqual({ scrollLock: true, numLock: true, capsLock: false });
  });

  test('F1 to F4 change the size', async () => {
    const { display, press } = await started();
    const sizes = [1, 2, 3, 4].map((n) => {
      press(F(n));
      return `${display.width}x${display.height}`;
    });
    expect(sizes).toEqual(['640x480', '1024x768', '1280x800', '1920x1080']);
  });

  test('at rest it has no timer; F5 starts and stops the motion', async () => {
    const { display, clock, press } = await started();
    expect(clock.timers).toBe(0);
    const still = snapshot(display);
    press(F(5));
    const idle = snapshot(display);
    clock.fire();
    expect(same(snapshot(display), idle)).toBe(false);
    expect(same(still, idle)).toBe(false);
    press(F(5));
    clock.fire();
    expect(clock.timers).toBe(0);
  });

  test('moves by itself at the pace that was asked for, and the same way every time', async () => {
    const runs = await Promise.all([started({ fps: 25 }), started({ fps: 25 })]);
    for (const { clock } of runs) for (let i = 0; i < 7; i++) clock.fire();
    expect(same(snapshot(runs[0].display), snapshot(runs[1].display))).toBe(true);
  });

  test('F6 scrolls by copies, which leave the crosshair where it is', async () => {
    const { engine, display, clock, press } = await started();
    press(F(6));
    engine.pointer({ x: 10, y: 10, buttons: 0 });
    const view = display.view();
    for (let i = 0; i < 5; i++) {
      view.take();
      view.sent();
      clock.fire();
    }
    expect(view.take().copies.length).toBe(1);
    // Into the scrolling text, where it must be lifted and put back.
    engine.pointer({ x: 500, y: 400, buttons: 0 });
    for (let i = 0; i < 5; i++) clock.fire();
    const scrolled = snapshot(display);
    press(F(6));
    // Drawn anew from what the card holds, the picture is the same.
    engine.pointer({ x: 10, y: 10, buttons: 0 });
    engine.pointer({ x: 500, y: 400, buttons: 0 });
    const again = snapshot(display);
    const { width } = display;
    for (let y = 256; y < 500; y++) {
      const row = (words: Uint32Array) => words.slice(y * width + 341, y * width + 682);
      expect(same(row(again), row(scrolled)), `row ${y}`).toBe(true);
    }
  });

  test('F7 shows a hardware pointer instead of the crosshair', async () => {
    const { engine, display, press } = await started();
    expect(display.cursor).toBe('unknown');
    press(F(7));
    const { cursor } = display;
    if (typeof cursor === 'string') throw new Error('no shape');
    expect(cursor.bgra.length).toBe(cursor.width * cursor.height * 4);
    const alphas = new Set(cursor.bgra.filter((_, i) => i % 4 === 3));
    expect(alphas.has(0) && alphas.has(255) && alphas.size > 2).toBe(true);
    const still = snapshot(display);
    engine.pointer({ x: 900, y: 450, buttons: 0 });
    const at = 450 * display.width + 900;
    expect(display.framebuffer.words[at]).toBe(still[at]);
    press(F(7));
    expect(display.cursor).toBe('hidden');
    expect(display.framebuffer.words[at]).toBe(0xffffff);
  });

  test('F8 shows a square that inverts with every key', async () => {
    const { display, press } = await started();
    const centre = (): number => display.framebuffer.words[(256 + 64 + 64) * 1024 + 682 + 64 + 64]!;
    press(F(8));
    expect(centre()).toBe(0x000000);
    press(0x1e);
    expect(centre()).toBe(0xffffff);
    press(0x1e);
    expect(centre()).toBe(0x000000);
  });

  test('paints while a button is held, and counts the wheel', async () => {
    const { engine, display } = await started();
    const before = snapshot(display);
    engine.pointer({ x: 700, y: 700, buttons: BUTTON.left });
    engine.pointer({ x: 800, y: 720, buttons: BUTTON.left });
    engine.pointer({ x: 20, y: 20, buttons: 0 });
    const at = 710 * 1024 + 750;
    expect(before[at]).not.toBe(0xffb000);
    expect(display.framebuffer.words[at]).toBe(0xffb000);
    const counted = snapshot(display);
    engine.pointer({ x: 20, y: 20, buttons: 0, wheelY: -1 });
    expect(same(snapshot(display), counted)).toBe(false);
  });

  test('F9 crashes, F10 powers off; both say why', async () => {
    const crashed = await started();
    crashed.press(F(9));
    expect(crashed.states.at(-1)).toMatchObject({ state: 'crashed', reason: expect.stringContaining('crash') });
    await expect(crashed.engine.power('reset')).rejects.toThrow(UserError);
    const off = await started({ fps: 10 });
    off.press(F(10));
    expect(off.states.at(-1)).toMatchObject({ state: 'stopped', reason: 'the guest powered off' });
    expect(off.clock.timers).toBe(0);
  });

  test('a reset starts over, with the size it had at first', async () => {
    const { engine, display, press } = await started();
    const first = snapshot(display);
    press(0x1e, F(7), F(3));
    engine.pointer({ x: 5, y: 5, buttons: 1 });
    await engine.power('reset');
    expect(engine.typed).toBe('');
    expect(display.cursor).toBe('unknown');
    expect(same(snapshot(display), first)).toBe(true);
  });

  test('while it is paused nothing moves', async () => {
    const { engine, display, clock } = await started({ fps: 10 });
    await engine.power('pause');
    const still = snapshot(display);
    clock.fire();
    engine.key(0x1e, true);
    engine.pointer({ x: 1, y: 1, buttons: 1 });
    expect(same(snapshot(display), still)).toBe(true);
    await engine.power('resume');
    clock.fire();
    expect(same(snapshot(display), still)).toBe(false);
  });

  test.each([
    [{ width: 100, height: 100 }],
    [{ width: 9000, height: 600 }],
    [{ width: 800.5, height: 600 }],
    [{ fps: -1 }],
    [{ fps: Number.NaN }],
    [{ fps: 1000 }],
  ])('rejects %j', (options) => {
    expect(() => new PatternEngine(options)).toThrow(UserError);
  });

  test.each([
    [320, 200],
    [333, 777],
    [2560, 250],
  ])('draws at %ix%i too, pointer at the edges included', async (width, height) => {
    const { engine, display } = await started({ width, height, fps: 0 });
    for (const [x, y] of [
      [0, 0],
      [width - 1, height - 1],
      [-50, 5000],
    ] as const) {
      engine.pointer({ x, y, buttons: 31 });
    }
    expect([display.width, display.height]).toEqual([width, height]);
    expect(engine.state).toBe('running');
  });
});

describe('canvas', () => {
  test('clips text and fills, and remembers where it drew', () => {
    const canvas = new Canvas(20, 10);
    canvas.text(14, 5, 'WW', 1, 1, 2);
    canvas.fill({ x: -5, y: -5, width: 6, height: 6 }, 3);
    expect(canvas.takeDirty()).toEqual([
      { x: 14, y: 5, width: 6, height: 5 },
      { x: 0, y: 0, width: 1, height: 1 },
    ]);
    expect(canvas.takeDirty()).toEqual([]);
    expect(canvas.words[0]).toBe(3);
    // The left stroke of the W, its gap, and nothing in the row below that wraps around.
    expect([...canvas.words.slice(5 * 20 + 13, 5 * 20 + 20)]).toEqual([0, 1, 2, 2, 2, 1, 2]);
    expect(canvas.words[6 * 20]).toBe(0);
  });

  test('no two characters look the same', () => {
    const looks = new Set<string>();
    for (let c = 0x20; c < 0x7f; c++) {
      const canvas = new Canvas(6, 9);
      canvas.text(0, 0, String.fromCharCode(c), 1, 1, 0);
      looks.add(canvas.words.join(''));
    }
    expect(looks.size).toBe(0x7f - 0x20);
  });
});
