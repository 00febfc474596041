import { afterEach, describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import type { EmulatorOptions } from '../../../src/engine/emulator/options.js';
import type { EngineStateChange } from '../../../src/engine/engine.js';
import {
  addToScreen,
  ENABLE_KEYBOARD,
  fill,
  HALT,
  keyLoop,
  multibootElf,
  outb,
  outw,
  SPIN,
  TRIPLE_FAULT,
  useBuiltWorker,
  useFolder,
  VIDEO,
  vbeMode,
} from './guests.js';

useBuiltWorker();
const save = useFolder();

const GUESTS = {
  /** 320x200, blue; each key adds 1 to every pixel. */
  keys: multibootElf(
    ENABLE_KEYBOARD,
    vbeMode(320, 200, 32),
    fill(VIDEO, 320 * 200, 0x0000f0),
    keyLoop(addToScreen(320 * 200, 1)),
  ),
  halted: multibootElf(vbeMode(320, 200, 32), fill(VIDEO, 320 * 200, 0x00ff00), HALT),
  spinning: multibootElf(vbeMode(320, 200, 32), fill(VIDEO, 320 * 200, 0xff0000), SPIN),
  tripleFault: multibootElf(TRIPLE_FAULT),
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
  /** mov ecx, -1; rep outsb to COM1, without interrupts: one instruction that v86 does not leave for minutes. */
  hanging: multibootElf([0xb9, 0xff, 0xff, 0xff, 0xff, 0x66, 0xba, 0xf8, 0x03, 0x31, 0xf6, 0xf3, 0x6e]),
  /** '#' and a line end on COM1, over and over. */
  counting: multibootElf([0x66, 0xba, 0xf8, 0x03, 0xb0, 0x23, 0xee, 0xb0, 0x0a, 0xee, 0xeb, 0xf8]),
  /** Num and caps lock on, '>' and a line end on COM1, then every byte from there back to there. */
  echo: multibootElf(
    [...outb(0x60, 0xed), ...outb(0x60, 0x06), ...outb(0x3f8, 0x3e), ...outb(0x3f8, 0x0a)],
    // wait: mov dx, 0x3fd; in al, dx; test al, 1; jz wait; mov dx, 0x3f8; in al, dx; out dx, al; jmp wait
    [0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xf7, 0x66, 0xba, 0xf8, 0x03, 0xec, 0xee, 0xeb, 0xef],
  ),
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

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
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

  test.each([
    ['8 bits: the palette', 8, 0x05050505, 0xff8000],
    ['15 bits', 15, 0x7c007c00, 0xff0000],
    ['16 bits', 16, 0x07e007e0, 0x00ff00],
    ['24 bits, grey', 24, 0x77777777, 0x777777],
    ['32 bits', 32, 0x00123456, 0x123456],
  ] as const)('%s', async (_, bits, word, colour) => {
    // Entry 5 of the palette is 63, 32, 0 of 63.
    const palette = [[0x3c8, 5] as const, [0x3c9, 63] as const, [0x3c9, 32] as const, [0x3c9, 0] as const];
    const setPalette = palette.flatMap(([port, value]) => outb(port, value));
    const paint = fill(VIDEO, 320 * 200, word);
    const { display } = await run(multibootElf(vbeMode(320, 200, bits), setPalette, paint, HALT));
    await pixel(display, colour);
  });

  test('a picture that starts further down in video memory: page flips', async () => {
    const pages = [fill(VIDEO, 320 * 200, 0x0000aa), fill(VIDEO + 320 * 200 * 4, 320 * 200, 0x00bb00)];
    const { display } = await run(
      multibootElf(vbeMode(320, 200, 32), ...pages, outw(0x1ce, 9), outw(0x1cf, 200), HALT),
    );
    await pixel(display, 0x00bb00);
  });

  test('a power off is not a crash', async () => {
    const { ended } = await run(GUESTS.powerOff);
    expect(await ended).toEqual({ state: 'stopped', reason: 'the guest powered off' });
  });

  test('a machine that crashes leaves another one alone', async () => {
    const other = await run(GUESTS.keys);
    await pixel(other.display, 0x0000f0);
    for (const name of ['tripleFault', 'resetVector', 'pae'] as const) await (await run(GUESTS[name])).ended;
    other.engine.key(0x1e, true);
    await pixel(other.display, 0x0000f1);
    expect(other.engine.state).toBe('running');
  });

  test.each(['halted', 'spinning', 'wildWrites', 'farOffset', 'oddDepths'] as const)(
    '%s: the guest goes on, and so does the engine',
    async (name) => {
      const { engine, display, states } = await run(GUESTS[name]);
      await until(() => display.width !== 640 || name === 'oddDepths');
      await engine.power('pause');
      await engine.power('resume');
      expect((await engine.capture()).length).toBeGreaterThan(1 << 16);
      await engine.stop();
      expect(states.map(({ state }) => state)).toEqual(['starting', 'running', 'paused', 'running', 'off']);
    },
  );

  test('a guest that resets itself boots again', async () => {
    const { engine } = await run(GUESTS.reset);
    for (let life = 0; life < 2; life++) expect(await engine.onSerial.next()).toBe('R');
    expect(engine.state).toBe('running');
  });

  test('reset boots again, also a paused machine', async () => {
    const { engine, display } = await run(GUESTS.keys);
    await pixel(display, 0x0000f0);
    engine.key(0x1e, true);
    await pixel(display, 0x0000f1);
    await engine.power('reset');
    await pixel(display, 0x0000f0);
    engine.key(0x1e, true);
    await pixel(display, 0x0000f1);
    await engine.power('pause');
    await engine.power('reset');
    expect(engine.state).toBe('running');
    await pixel(display, 0x0000f0);
    engine.key(0x1e, true);
    await pixel(display, 0x0000f1);
  });

  test('a paused guest does nothing until it is resumed', async () => {
    const { engine } = await run(GUESTS.counting);
    await engine.onSerial.next();
    await engine.power('pause');
    let lines = 0;
    await engine.capture();
    engine.onSerial.on(() => lines++);
    await engine.capture();
    await engine.capture();
    expect(lines).toBe(0);
    await engine.power('resume');
    await engine.onSerial.next();
  });

  test('a saved state is the machine as it was', async () => {
    const { engine, display } = await run(GUESTS.keys);
    await pixel(display, 0x0000f0);
    const state = await engine.capture();
    engine.key(0x1e, true);
    await pixel(display, 0x0000f1);
    await engine.restore(state);
    await pixel(display, 0x0000f0);
    const other = await run(GUESTS.keys);
    await pixel(other.display, 0x0000f0);
    other.engine.key(0x1e, true);
    await pixel(other.display, 0x0000f1);
    await other.engine.restore(state);
    await pixel(other.display, 0x0000f0);
  });

  test('a state of another machine is refused without harm; a damaged one ends the machine, not the process', async () => {
    const { engine, ended } = await run(GUESTS.keys);
    const state = await engine.capture();
    await expect(engine.restore(state.subarray(0, 20))).rejects.toThrow('this is no saved state');
    const smaller = await run(GUESTS.keys, { memoryMiB: 8 });
    await expect(smaller.engine.restore(state)).rejects.toThrow('another size of memory');
    expect(smaller.engine.state).toBe('running');
    const damaged = state.slice();
    damaged.fill(0x7b, 40, 400);
    await expect(engine.restore(damaged)).rejects.toThrow('the saved state is damaged');
    expect(await ended).toMatchObject({ state: 'crashed' });
  });

  test('serial lines in both directions, and keyboard lights', async () => {
    const { engine } = await run(GUESTS.echo);
    const leds = engine.onLeds.next();
    expect(await engine.onSerial.next()).toBe('>');
    expect(await leds).toEqual({ scrollLock: false, numLock: true, capsLock: true });
    const line = engine.onSerial.next();
    engine.serialWrite('hello\r\n');
    expect(await line).toBe('hello');
  });

  test('an emulator that hangs is given up, while another goes on', async () => {
    const other = await run(GUESTS.keys);
    const { ended } = await run(GUESTS.hanging, { hangTimeoutMs: 2000 });
    expect(await ended).toEqual({ state: 'crashed', reason: 'guest stopped: the emulator does not answer' });
    other.engine.key(0x1e, true);
    await pixel(other.display, 0x0000f1);
  }, 30_000);

  test('a guest that hangs the emulator can be stopped', async () => {
    const { engine, states } = await run(GUESTS.hanging);
    await engine.stop();
    expect(states.at(-1)).toEqual({ state: 'off' });
  });

  test('power actions are refused where they make no sense', async () => {
    const { engine, ended } = await run(GUESTS.powerOff);
    await ended;
    await expect(engine.power('pause')).rejects.toThrow('cannot pause a machine that is stopped');
    await expect(engine.power('shutdown')).rejects.toThrow('the emulator cannot shutdown');
    await expect(engine.capture()).rejects.toThrow('the machine is stopped');
    expect(await engine.requestSize()).toBe(false);
  });

  test('stop at any time, twice, and before start; abort while it starts', async () => {
    const kernel = save('halted.elf', GUESTS.halted);
    const never = new EmulatorEngine({ kernel });
    await never.stop();
    for (const turns of [0, 1, 5]) {
      const engine = new EmulatorEngine({ kernel });
      const started = engine.start(new Display(640, 480)).then(
        () => 'started',
        (error: Error) => error.message,
      );
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([engine.stop(), engine.stop()]);
      expect(await started).toMatch(/stopped/);
      expect(engine.state).toBe('off');
    }
    const aborted = new EmulatorEngine({ kernel });
    const starting = aborted.start(new Display(640, 480), AbortSignal.timeout(1));
    await expect(starting).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(aborted.state).toBe('off');
  });
});
