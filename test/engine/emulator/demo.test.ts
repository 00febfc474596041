import { afterEach, describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { DEMO_IMAGE } from '../../../src/engine/emulator/demo/image.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import { BUTTON } from '../../../src/input/events.js';
import { useBuiltWorker } from './guests.js';

useBuiltWorker();

const open: EmulatorEngine[] = [];
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.stop();
});

async function run() {
  const engine = new EmulatorEngine({ kernel: DEMO_IMAGE, memoryMiB: 64 });
  open.push(engine);
  const display = new Display(640, 480);
  const lines: string[] = [];
  engine.onSerial.on((line) => lines.push(line));
  /** Resolves with the first line that matches and has not been taken yet. */
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const at = lines.findIndex((text) => pattern.test(text));
      if (at >= 0) return lines.splice(0, at + 1).at(-1)!;
      await engine.onSerial.next();
    }
  };
  await engine.start(display);
  await line(/^MOUSE/);
  return { engine, display, line };
}

describe('the demo guest', () => {
  test('sees keys and the pointer where they are, in every mode', async () => {
    const { engine, display, line } = await run();
    expect([display.width, display.height]).toEqual([1024, 768]);
    expect(engine.capabilities.absolutePointer).toBe(true);
    for (const code of [0x23, 0x17]) {
      engine.key(code, true);
      engine.key(code, false);
    }
    expect(await line(/^TEXT ../)).toBe('TEXT hi');
    engine.key(0xc8, true);
    await line(/^KEY e048 down$/);
    for (const mode of ['1280x800', '640x480']) {
      engine.serialWrite(`MODE ${mode}\n`);
      await line(/^MODE/);
      const [width, height] = mode.split('x').map(Number) as [number, number];
      for (const [x, y] of [
        [0, 0],
        [width - 1, height - 1],
        [width >> 1, 7],
      ] as const) {
        engine.pointer({ x, y, buttons: 0 });
        await line(new RegExp(`^POINTER ${x} ${y} 0$`));
      }
    }
    engine.pointer({ x: 320, y: 7, buttons: BUTTON.left | BUTTON.middle });
    await line(/^POINTER 320 7 5$/);
    engine.pointer({ x: 320, y: 7, buttons: 0, wheelY: 1 });
    expect(await line(/^WHEEL/)).toBe('WHEEL -1');
  });

  test.each(['triple', 'pae'])('CRASH %s is a state', async (how) => {
    const { engine } = await run();
    const ended = engine.onState.next();
    engine.serialWrite(`CRASH ${how}\n`);
    expect(await ended).toMatchObject({ state: 'crashed', reason: expect.stringContaining('triple fault') });
  });

  test('CRASH reset is a new start', async () => {
    const { engine, line } = await run();
    engine.serialWrite('CRASH reset\n');
    await line(/^READY/);
    expect(engine.state).toBe('running');
  });

  test('the same picture for the same scene, after a saved state too', async () => {
    const { engine, display, line } = await run();
    const settle = async (ping: number) => {
      engine.serialWrite(`PING ${ping}\n`);
      await line(new RegExp(`^PONG ${ping}$`));
    };
    engine.serialWrite('SCENE idle\n');
    await line(/^SCENE idle/);
    await settle(1);
    const state = await engine.capture();
    engine.serialWrite('MODE 800x600\n');
    await line(/^MODE 800x600/);
    await settle(2);
    expect(display.width).toBe(800);
    const resized = display.onResize.next();
    await engine.restore(state);
    expect(await resized).toEqual({ width: 1024, height: 768 });
  });
});
