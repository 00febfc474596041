import { describe, expect, test } from 'vitest';
import { keyBytes } from '../../../src/engine/emulator/keyboard.js';
import { type MousePort, onScale, Pointer } from '../../../src/engine/emulator/pointer.js';
import { BUTTON } from '../../../src/input/events.js';

describe('keyboard', () => {
  test.each([
    ['A down', 0x1e, true, [0x1e]],
    ['A up', 0x1e, false, [0x9e]],
    ['right Ctrl down: E0 prefix', 0x9d, true, [0xe0, 0x1d]],
    ['right Ctrl up', 0x9d, false, [0xe0, 0x9d]],
    ['Pause, all of it at once', 0xc6, true, [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5]],
    ['Pause has no release', 0xc6, false, []],
    ['no key', 0, true, []],
    ['no key either', 0x180, true, []],
  ] as const)('%s', (_, code, down, bytes) => {
    expect(keyBytes(code, down)).toEqual(bytes);
  });
});

/** Follows what a guest's driver would make of the movements, without acceleration. */
class FakePort implements MousePort {
  isStreaming = true;
  queuedBytes = 0;
  x = 300;
  y = 200;
  log: [name: string, data: readonly number[]][] = [];
  send(name: string, data: readonly number[]): void {
    if (name === 'mouse-delta') {
      const [dx, dy] = data as [number, number];
      expect(Math.max(Math.abs(dx), Math.abs(dy))).toBeLessThanOrEqual(127);
      this.x = Math.max(0, Math.min(639, this.x + dx));
      this.y = Math.max(0, Math.min(479, this.y - dy));
    } else this.log.push([name, data]);
  }
}

describe('pointer', () => {
  test('movements bring the guest’s pointer where the viewer’s is, wherever it was', () => {
    const port = new FakePort();
    const pointer = new Pointer(port);
    for (const [x, y] of [
      [320, 240],
      [10, 470],
      [639, 0],
      [0, 479],
      [5, 6],
    ] as const) {
      pointer.handle({ x, y, buttons: 0 }, 640, 480);
      expect([port.x, port.y]).toEqual([x, y]);
    }
  });

  test('a guest that does not read its mouse is still told that a button came up', () => {
    const port = new FakePort();
    const pointer = new Pointer(port);
    pointer.handle({ x: 10, y: 10, buttons: BUTTON.left }, 640, 480);
    port.queuedBytes = 1000;
    pointer.handle({ x: 20, y: 20, buttons: BUTTON.left | BUTTON.right }, 640, 480);
    expect(port.log).toEqual([['mouse-click', [1, 0, 0]]]);
    pointer.handle({ x: 30, y: 30, buttons: 0 }, 640, 480);
    expect(port.log.at(-1)).toEqual(['mouse-click', [0, 0, 0]]);
    expect([port.x, port.y]).toEqual([10, 10]);
  });

  test('a pointer that went astray comes back at the edge', () => {
    const port = new FakePort();
    const pointer = new Pointer(port);
    pointer.handle({ x: 100, y: 100, buttons: 0 }, 640, 480);
    port.x = 140;
    port.y = 90;
    pointer.handle({ x: 0, y: 0, buttons: 0 }, 640, 480);
    pointer.handle({ x: 50, y: 60, buttons: 0 }, 640, 480);
    expect([port.x, port.y]).toEqual([50, 60]);
  });

  test('positions, where the guest takes them: and a movement that raises the interrupt', () => {
    const port = new FakePort();
    const pointer = new Pointer(port);
    pointer.setAbsolute(true);
    const start = port.x;
    pointer.handle({ x: 3, y: 4, buttons: 0 }, 640, 480);
    expect(port.log).toEqual([['mouse-absolute', [308, 547, 65535, 65535]]]);
    expect(port.x).not.toBe(start);
    pointer.handle({ x: 3, y: 5, buttons: 0 }, 640, 480);
    expect(port.x).toBe(start);
  });

  test.each([320, 640, 1024, 1280, 1366, 1920, 2560])('a position comes back as the same one of %i', (length) => {
    for (let x = 0; x < length; x++) {
      const value = onScale(x, length);
      expect(Math.floor((value * length) / 0x10000)).toBe(x);
      expect(Math.round((value * length) / 0xffff)).toBe(x);
    }
  });

  test('buttons when they change, left middle right; the wheel in portions a PS/2 packet holds', () => {
    const port = new FakePort();
    const pointer = new Pointer(port);
    pointer.handle({ x: 1, y: 1, buttons: BUTTON.left | BUTTON.right }, 640, 480);
    pointer.handle({ x: 1, y: 1, buttons: BUTTON.left | BUTTON.right, wheelY: -9, wheelX: 3 }, 640, 480);
    pointer.handle({ x: 1, y: 1, buttons: BUTTON.middle }, 640, 480);
    expect(port.log).toEqual([
      ['mouse-click', [1, 0, 1]],
      ['mouse-wheel', [-7, 0]],
      ['mouse-wheel', [-2, 0]],
      ['mouse-click', [0, 1, 0]],
    ]);
  });

  test('nothing is sent to a guest without a mouse driver, or one that does not read', () => {
    const port = new FakePort();
    const pointer = new Pointer(port);
    port.isStreaming = false;
    pointer.handle({ x: 1, y: 1, buttons: 1 }, 640, 480);
    port.isStreaming = true;
    port.queuedBytes = 1000;
    pointer.handle({ x: 1, y: 1, buttons: 1 }, 640, 480);
    expect([port.x, port.y, port.log]).toEqual([300, 200, []]);
    port.queuedBytes = 0;
    pointer.handle({ x: 9, y: 8, buttons: 1 }, 640, 480);
    expect([port.x, port.y, port.log]).toEqual([9, 8, [['mouse-click', [1, 0, 0]]]]);
  });
});
