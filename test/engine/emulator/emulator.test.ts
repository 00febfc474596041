import { afterEach, describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import type { EmulatorOptions } from '../../../src/engine/emulator/options.js';
import type { EngineStateChange } from '../../../src/engine/engine.js';
import {
  fill,
  HALT,
  keyLoop,
  multibootElf,
  outb,
  outw,
  SPIN,
  useBuiltWorker,
  useFolder,
  VIDEO,
  vbeMode,
} from './guests.js';

useBuiltWorker();
const save = useFolder();

/** mov edi, VIDEO; mov ecx, pixels; add dword [edi], step; add edi, 4; loop: every pixel changes. */
const addToScreen = (pixels: number, step: number) => [
  ...[0xbf, 0x00, 0x00, 0x00, 0xe0],
  ...[0xb9, pixels & 0xff, (pixels >> 8) & 0xff, 0x00, 0x00],
  ...[0x83, 0x07, step, 0x83, 0xc7, 0x04, 0xe2, 0xf8],
];

const GUESTS = {
  /** 320x200, blue; each key adds 1 to every pixel. */
  keys: multibootElf(vbeMode(320, 200, 32), fill(VIDEO, 320 * 200, 0x0000f0), keyLoop(addToScreen(320 * 200, 1))),
  halted: multibootElf(vbeMode(320, 200, 32), fill(VIDEO, 320 * 200, 0x00ff00), HALT),
  spinning: multibootElf(vbeMode(320, 200, 32), fill(VIDEO, 320 * 200, 0xff0000), SPIN),
  // lidt [0], whose limit is 0; int3
  tripleFault: multibootElf([0x0f, 0x01, 0x1d, 0, 0, 0, 0, 0xcd, 0x03]),
  // CR4.PAE, CR3 = 0, CR0.PG
  pae: multibootElf(
    [0x0f, 0x20, 0xe0, 0x83, 0xc8, 0x20, 0x0f, 0x22, 0xe0, 0x31, 0xc0, 0x0f, 0x22, 0xd8],
    [0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, 0xeb, 0xfe],
  ),
  undefinedOpcode: multibootElf([0x0f, 0x0b]),
  // jmp to the reset vector of a machine without firmware
  resetVector: multibootElf([0xb8, 0xf0, 0xff, 0xff, 0xff, 0xff, 0xe0]),
  // mov dword [0xf0000000], …, over and over: nothing is there
  wildWrites: multibootElf(vbeMode(320, 200, 32), [0xb8, 0, 0, 0, 0xf0, 0xc7, 0x00, 1, 2, 3, 4, 0xeb, 0xf8]),
  reset: multibootElf(outb(0x3f8, 0x52), outb(0x3f8, 0x0a), outb(0x64, 0xfe), SPIN),
  powerOff: multibootElf(outw(0x604, 0x2000), SPIN),
  // writes at the end of a 32 bit mode whose picture starts far outside of video memory
  farOffset: multibootElf(vbeMode(2560, 1600, 32), outw(0x1ce, 9), outw(0x1cf, 0xffff), fill(VIDEO, 64, 1), HALT),
  oddDepths: multibootElf(
    ...[0, 1, 7, 8, 15, 16, 24, 31].map((bits) => vbeMode(640, 480, bits)),
    fill(VIDEO, 9, 1),
    HALT,
  ),
};

const open: { engine: EmulatorEngine; display: Display }[] = [];
afterEach(async () => {
  for (const { engine, display } of open.splice(0)) {
    await engine.stop();
    display.close();
  }
});

async function run(image: Uint8Array, options: EmulatorOptions = {}) {
  const engine = new EmulatorEngine({ memoryMiB: 16, kernel: save('guest.elf', image), ...options });
  const display = new Display(640, 480);
  open.push({ engine, display });
  const states: EngineStateChange[] = [];
  engine.onState.on((change) => states.push(change));
  const ended = new Promise<EngineStateChange>((resolve) => {
    engine.onState.on((change) => {
      if (change.state === 'crashed' || change.state === 'stopped') resolve(change);
    });
  });
  await engine.start(display);
  return { engine, display, states, ended };
}

/** Resolves when the pixel in the middle of the screen has a colour. */
async function pixel(display: Display, colour: number): Promise<void> {
  const view = display.view();
  const isThere = () => {
    const {
      framebuffer: { words },
      width,
      height,
    } = display;
    return ((words[(height >> 1) * width + (width >> 1)] ?? 0) & 0xffffff) === colour;
  };
  while (!isThere()) {
    await new Promise<void>((resolve) => {
      view.onChange = resolve;
      if (isThere()) resolve();
    });
    view.take();
  }
  view.close();
}

describe('emulator', () => {
  test('boot, pixel, key, pixel: what everything else relies on in v86', async () => {
    const { engine, display } = await run(GUESTS.keys);
    expect(engine.state).toBe('running');
    await pixel(display, 0x0000f0);
    expect([display.width, display.height]).toEqual([320, 200]);
    engine.key(0x1e, true);
    engine.key(0x1e, false);
    await pixel(display, 0x0000f1);
    engine.key(0xcd, true);
    engine.key(0xcd, false);
    await pixel(display, 0x0000f2);
  });

  test.each(['tripleFault', 'pae', 'undefinedOpcode', 'resetVector'] as const)('%s is a state', async (name) => {
    const { ended } = await run(GUESTS[name]);
    expect(await ended).toEqual({ state: 'crashed', reason: expect.stringMatching(/^guest stopped: ./) });
  });

  test('a power off is not a crash', async () => {
    const { ended } = await run(GUESTS.powerOff);
    expect(await ended).toEqual({ state: 'stopped', reason: 'the guest powered off' });
  });
});
