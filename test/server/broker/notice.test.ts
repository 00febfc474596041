import { describe, expect, test, vi } from 'vitest';
import { LobbyEngine } from '../../../server/broker/lobby/engine.js';
import { Notice, type NoticeText } from '../../../server/broker/lobby/notice.js';
import { THEME } from '../../../server/broker/lobby/theme.js';
import { Display } from '../../../src/display/display.js';
import { Canvas } from '../../../src/paint/canvas.js';
import { FakeClock } from '../../fake-clock.js';

const ENTER = 0x1c;
const ESC = 0x01;

/** Where a colour is: the box around all its pixels. */
function box(canvas: Canvas, colour: number): { left: number; top: number; right: number; bottom: number } {
  let [left, top, right, bottom] = [canvas.width, canvas.height, -1, -1];
  canvas.words.forEach((word, i) => {
    if (word !== colour) return;
    const [x, y] = [i % canvas.width, Math.floor(i / canvas.width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  });
  return { left, top, right, bottom };
}

function notice(more: Partial<NoticeText> = {}): { notice: Notice; did: string[] } {
  const did: string[] = [];
  const text = { title: 'bob has taken over the screen', text: 'what to do. '.repeat(20) };
  const actions = [
    { key: 'Enter', label: 'take it back', run: () => did.push('back') },
    { key: 'Esc', label: 'to the list', run: () => did.push('list') },
  ] as const;
  return { notice: new Notice({ ...text, actions, ...more }), did };
}

describe.each([
  [320, 240],
  [640, 480],
  [1024, 768],
  [1920, 1080],
])('a notice on %ix%i', (width, height) => {
  test('is whole, in the middle', () => {
    const canvas = new Canvas(width, height);
    notice().notice.draw(canvas);
    const panel = box(canvas, THEME.line);
    expect(panel.left).toBeGreaterThan(0);
    expect(panel.top).toBeGreaterThan(0);
    expect(Math.abs(panel.left - (width - 1 - panel.right))).toBeLessThanOrEqual(1);
    expect(Math.abs(panel.top - (height - 1 - panel.bottom))).toBeLessThanOrEqual(1);
  });

  test('is answered by a click on a button', () => {
    const canvas = new Canvas(width, height);
    const { notice: shown, did } = notice();
    shown.draw(canvas);
    const button = box(canvas, THEME.accent);
    const where = { x: button.left + 4, y: button.top + 4, buttons: 0 };
    shown.pointer(where, 1, 0);
    shown.pointer(where, 0, 1);
    expect(did).toEqual(['back']);
    shown.pointer({ ...where, x: button.right + (button.bottom - button.top) }, 1, 0);
    shown.pointer({ ...where, x: button.right + (button.bottom - button.top) }, 0, 1);
    expect(did).toEqual(['back', 'list']);
  });
});

test('keys do what their buttons say, and a key that is held does nothing', () => {
  const { notice: shown, did } = notice();
  shown.key(ENTER, true);
  shown.key(ENTER, false);
  shown.key(ESC, false);
  shown.key(0x1e, false);
  expect(did).toEqual(['back', 'list']);
});

test('while somebody works on it the dots move, and nothing else is drawn again', () => {
  const canvas = new Canvas(640, 480);
  const { notice: shown } = notice({ busy: true });
  shown.draw(canvas);
  canvas.takeDirty();
  const before = canvas.words.slice();
  shown.step(canvas);
  const changed = canvas.words.reduce((count, word, i) => count + (word === before[i] ? 0 : 1), 0);
  expect(changed).toBeGreaterThan(0);
  for (const { width, height } of canvas.takeDirty()) expect(width * height).toBeLessThan(2_000);
});

describe('the lobby as an engine', () => {
  function open(shown: Notice, size?: { width: number; height: number }) {
    const clock = new FakeClock();
    const display = new Display(640, 480, clock);
    const engine = new LobbyEngine(clock, shown, size);
    return { clock, display, engine };
  }

  test('takes the client’s size, or the nearest that can be drawn on', async () => {
    for (const [asked, got] of [
      [{ width: 1600, height: 900 }, '1600x900'],
      [{ width: 200, height: 200 }, '320x240'],
      [{ width: 5120, height: 2880 }, '2560x1440'],
      [{ width: 60_000, height: 60_000 }, '1024x768'],
      [undefined, '1024x768'],
    ] as const) {
      const { display, engine } = open(notice().notice, asked);
      await engine.start(display);
      expect(`${display.width}x${display.height}`).toBe(got);
      expect(display.hasFrame).toBe(true);
      await engine.stop();
    }
  });

  test('draws again at another size, and at rest has no timer', async () => {
    const { clock, display, engine } = open(notice().notice);
    await engine.start(display);
    expect(await engine.requestSize(640, 480)).toBe(true);
    expect(display.framebuffer.words[0]).toBe(THEME.paper);
    expect(await engine.requestSize(100, 100)).toBe(false);
    expect(await engine.requestSize(1 << 20, 1 << 20)).toBe(false);
    expect(await engine.requestSize(4096, 2160)).toBe(false);
    clock.advance(20);
    expect(clock.timers.size).toBe(0);
  });

  test('what moves stops with its screen and with the engine', async () => {
    const { clock, display, engine } = open(notice({ busy: true }).notice);
    await engine.start(display);
    clock.advance(400);
    engine.show(notice().notice);
    clock.advance(20);
    expect(clock.timers.size).toBe(0);
    const busy = notice({ busy: true }).notice;
    engine.show(busy);
    await engine.stop();
    display.close();
    expect(clock.timers.size).toBe(0);
    expect(busy.onChange.listenerCount).toBe(0);
  });

  test('is drawn once for all that changes at a time, and at once after a pause', async () => {
    const shown = notice().notice;
    const { clock, display, engine } = open(shown);
    await engine.start(display);
    const draw = vi.spyOn(shown, 'draw');
    for (let i = 0; i < 1_000; i++) shown.onChange.emit();
    expect(draw).toHaveBeenCalledTimes(1);
    clock.advance(20);
    expect(draw).toHaveBeenCalledTimes(2);
    clock.advance(20);
    shown.onChange.emit();
    expect(draw).toHaveBeenCalledTimes(3);
    shown.onChange.emit();
    await engine.stop();
    clock.advance(20);
    expect(draw).toHaveBeenCalledTimes(3);
    expect(clock.timers.size).toBe(0);
  });

  test('other screens and other sizes, too, are drawn once for all at a time', async () => {
    const { clock, display, engine } = open(notice().notice);
    await engine.start(display);
    const draw = vi.spyOn(Notice.prototype, 'draw');
    for (let i = 0; i < 1_000; i++) {
      engine.show(notice().notice);
      await engine.requestSize(640 + i, 480);
    }
    expect(draw).toHaveBeenCalledTimes(1);
    clock.advance(20);
    expect(draw).toHaveBeenCalledTimes(2);
    expect(display.width).toBe(1_639);
    draw.mockRestore();
    await engine.stop();
  });

  test('does not do all that a program sends, and is there for people again at once', async () => {
    const { clock, display, engine } = open(notice().notice);
    await engine.start(display);
    let taken = 0;
    engine.onInput.on(() => taken++);
    for (let i = 0; i < 1_000; i++) {
      engine.key(ENTER, i % 2 === 0);
      engine.pointer({ x: i, y: i, buttons: 0 });
    }
    expect(taken).toBeLessThan(100);
    clock.advance(40);
    const before = taken;
    engine.key(ENTER, true);
    expect(taken).toBe(before + 1);
    await engine.stop();
  });

  test('keys that were held before a screen came are repeats to it', async () => {
    const { display, engine } = open(notice().notice);
    await engine.start(display);
    engine.key(ENTER, true);
    const { notice: next, did } = notice();
    engine.show(next);
    engine.key(ENTER, true);
    engine.key(ENTER, false);
    expect(did).toEqual([]);
    engine.key(ENTER, true);
    expect(did).toEqual(['back']);
  });
});
