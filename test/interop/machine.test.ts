import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type ControlConnection, connectControl } from '../../server/ipc/control-client.js';
import { silentLog } from '../../src/base/log.js';
import { Catalog } from '../../src/catalog/catalog.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import { formatConfig } from '../../src/catalog/yaml.js';
import {
  ENABLE_KEYBOARD,
  fill,
  ifKey,
  keyLoop,
  multibootElf,
  TRIPLE_FAULT,
  VIDEO,
  vbeMode,
} from '../engine/emulator/guests.js';
import { untilSame, untilStable } from './harness/compare.js';
import { ASIDE, DemoReference, hasNoClock, TEXT_LINES, withoutTaskBar } from './harness/demo.js';
import { fromPng, type Picture } from './harness/picture.js';
import { atEnd, endEverything, type Program, scratch, start } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { until } from './harness/wait.js';

afterAll(endEverything);

const MAIN = fileURLToPath(new URL('../../dist/server/cli/machine-main.js', import.meta.url));

const [KEY_A, KEY_B, F10] = [0x1e, 0x30, 0x44];
/** As much as the guest's text field has room for. */
const TYPED = 'The QUICK fox: $4 & 50%; "yes" ~ (no) #1!';

/** One machine of the catalog in a process of its own, as the service runs it. */
class MachineProcess {
  readonly program: Program;
  readonly control: ControlConnection;
  readonly socket: string;

  private constructor(program: Program, control: ControlConnection, socket: string) {
    this.program = program;
    this.control = control;
    this.socket = socket;
  }

  static async start(folder: string, socket = join(scratch(), 'm.sock')): Promise<MachineProcess> {
    const program = start(process.execPath, [MAIN, folder, '--socket', socket, '--state-dir', scratch()]);
    const control = await until(
      'the machine answers',
      () => {
        if (program.exit !== undefined) throw new Error(`it ended (${program.exit.code}): ${program.output}`);
        return connectControl(socket).catch(() => undefined);
      },
      { state: () => program.output },
    );
    const machine = new MachineProcess(program, control, socket);
    await machine.state('running');
    return machine;
  }

  state(wanted: string): Promise<unknown> {
    return until(`the machine is ${wanted}`, async () => {
      const { state } = await this.control.request('status', {});
      return state === wanted;
    });
  }

  tap(code: number): Promise<unknown> {
    const keys = [true, false].map((down) => ({ code, down }));
    return this.control.request('keys', { keys });
  }

  readonly shown = async (maxWidth?: number): Promise<Picture> => {
    const { png } = await this.control.request('screenshot', maxWidth === undefined ? {} : { maxWidth });
    return fromPng(Buffer.from(png, 'base64'));
  };
}

function define(config: MachineConfig): string {
  const folder = join(scratch(), 'desk');
  mkdirSync(folder);
  writeFileSync(join(folder, 'machine.yaml'), formatConfig(config));
  return folder;
}

/** A green screen that turns red on B, and on A the guest kills itself. */
function fragileGuest(): string {
  const pixels = 640 * 480;
  const path = join(scratch(), 'fragile.elf');
  const onKey = [...ifKey(KEY_A, TRIPLE_FAULT), ...ifKey(KEY_B, fill(VIDEO, pixels, 0xc02020))];
  const code = [vbeMode(640, 480, 32), fill(VIDEO, pixels, 0x20c020), ENABLE_KEYBOARD, keyLoop(onKey)];
  writeFileSync(path, multibootElf(...code));
  return path;
}

function colours({ pixels }: Picture): string[] {
  return [...new Set(pixels)].map((pixel) => pixel.toString(16).padStart(6, '0'));
}

async function untilColour(machine: MachineProcess, colour: string): Promise<void> {
  await until(`the screen is ${colour}`, async () => colours(await machine.shown()).join() === colour);
}

/** What thumbnails are made by, said again: the mean of all pixels that one pixel stands for. */
function mean({ width, height, pixels }: Picture, factor: number): Picture {
  const small = {
    width: width / factor,
    height: height / factor,
    pixels: new Uint32Array(pixels.length / factor ** 2),
  };
  for (let at = 0; at < small.pixels.length; at++) {
    const sum = [0, 0, 0];
    for (let i = 0; i < factor ** 2; i++) {
      const x = (at % small.width) * factor + (i % factor);
      const y = Math.floor(at / small.width) * factor + Math.floor(i / factor);
      const pixel = pixels[y * width + x]!;
      for (const channel of [0, 1, 2]) sum[channel]! += (pixel >> (16 - 8 * channel)) & 0xff;
    }
    const [red, green, blue] = sum.map((value) => Math.round(value / factor ** 2)) as [number, number, number];
    small.pixels[at] = (red << 16) | (green << 8) | blue;
  }
  return small;
}

/** The demo in the scene of F10, where nothing moves by itself, with a line typed and the pointer aside. */
async function typeAsReference(machine: MachineProcess): Promise<Picture> {
  const reference = await DemoReference.boot();
  const same = (what: string) =>
    untilSame(
      what,
      async () => withoutTaskBar(await machine.shown()),
      async () => withoutTaskBar(await reference.picture()),
    );
  await machine.tap(F10);
  await machine.control.request('pointer', { x: ASIDE[0], y: ASIDE[1], buttons: 0 });
  await same('the idle scene');
  const text = `${TYPED}${'\n'.repeat(TEXT_LINES)}`.repeat(3) + TYPED;
  expect(await machine.control.request('type', { text })).toEqual({ untyped: 0 });
  for (let i = 0; i < 3; i++) {
    await reference.type(TYPED);
    await reference.clearText();
  }
  expect(await reference.type(TYPED)).toBe(TYPED);
  await same('what was typed');
  return machine.shown();
}

describe('a machine’s process', () => {
  test('shows, scales down, types, pauses, and ends when it is told', async () => {
    const machine = await MachineProcess.start(define({ demo: true }));
    const picture = await typeAsReference(machine);
    const thumbnail = await machine.shown(256);
    expect(thumbnail).toEqual(mean(picture, 4));
    const status = await machine.control.request('status', {});
    expect(status).toMatchObject({
      name: 'desk',
      pid: machine.program.pid,
      engine: 'emulator',
      width: 1024,
      height: 768,
    });
    expect(status.meters.inputs).toBeGreaterThan(0);
    expect(status.meters.framesPublished).toBeGreaterThan(TYPED.length);

    await machine.control.request('power', { action: 'pause' });
    await expect(machine.control.request('type', { text: 'x' })).rejects.toMatchObject({ code: 'wrong-state' });
    await machine.control.request('power', { action: 'resume' });
    // What a terminal sends to all that runs in it is not for a machine.
    machine.program.signal('SIGINT');
    machine.program.signal('SIGHUP');
    await machine.control.request('type', { text: 'x' });
    await until('the x is there', async () => !same(await machine.shown(), picture));
    expect(await machine.program.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(existsSync(machine.socket)).toBe(false);
    for (const line of machine.program.stdout.trimEnd().split('\n')) JSON.parse(line);
    expect(machine.program.stderr).toBe('');
  });

  test('starts a guest again that has killed itself, in front of everybody', async () => {
    const machine = await MachineProcess.start(define({ engine: 'emulator', kernel: fragileGuest(), memory: 16 }));
    await untilColour(machine, '20c020');
    await machine.tap(KEY_B);
    await untilColour(machine, 'c02020');
    await machine.tap(KEY_A);
    await machine.state('starting');
    const { reason } = await machine.control.request('status', {});
    expect(reason).toMatch(/^the guest crashed: guest stopped: triple fault.*; starting it again in 1 s$/);
    expect(colours(await machine.shown()).length).toBeGreaterThan(3);
    await machine.state('running');
    await untilColour(machine, '20c020');
    expect((await machine.control.request('status', {})).restarts).toBe(1);
    expect(await machine.control.request('power', { action: 'off' })).toEqual({});
    expect((await machine.program.exited).code).toBe(0);
  });

  test('ends with 3 and the reason where the guest may not come back', async () => {
    const config: MachineConfig = { engine: 'emulator', kernel: fragileGuest(), memory: 16, restart: 'never' };
    const machine = await MachineProcess.start(define(config));
    await untilColour(machine, '20c020');
    const told = until('it says why', async () => {
      const event = await machine.control.onEvent.next();
      return event.event === 'state' && event.state === 'crashed' && event.reason;
    });
    await machine.tap(KEY_A);
    expect(await told).toMatch(/triple fault/);
    expect(await machine.program.exited).toEqual({ code: 3, signal: null });
  });

  test('killed, it leaves its socket, which the next one replaces', async () => {
    const folder = define({ demo: true });
    const machine = await MachineProcess.start(folder);
    const lost = machine.control.onClose.next();
    machine.program.signal('SIGKILL');
    await lost;
    await machine.program.exited;
    expect(existsSync(machine.socket)).toBe(true);
    await expect(connectControl(machine.socket)).rejects.toMatchObject({ code: 'unavailable' });
    const next = await MachineProcess.start(folder, machine.socket);
    expect((await next.program.stop()).code).toBe(0);
  });

  test('says in one line what is wrong with a definition, and ends with 1', async () => {
    const folder = join(scratch(), 'desk');
    mkdirSync(folder);
    writeFileSync(join(folder, 'machine.yaml'), 'demo: true\nmemory: lots\n');
    const socket = join(scratch(), 'm.sock');
    const program = start(process.execPath, [MAIN, folder, '--socket', socket, '--state-dir', scratch()]);
    expect((await program.exited).code).toBe(1);
    expect(program.stderr).toMatch(/^vitrine: machine\.yaml line 2: memory.*\n$/);
  });

  describe.each([
    ['emulator', { demo: true }, requires()],
    ['qemu', { demo: true, engine: 'qemu', accel: 'tcg', memory: 64 }, requires('qemu')],
  ] as const)('on %s', (_engine, config, needs) => {
    test('is saved, and goes on from there in another process', needs, async () => {
      const catalog = await Catalog.open(scratch(), { log: silentLog });
      atEnd(() => catalog.close());
      const { folder } = await catalog.create('desk', config);
      const first = await MachineProcess.start(folder);
      await first.tap(F10);
      await until('the clock has gone', async () => hasNoClock(await first.shown()));
      await first.control.request('type', { text: TYPED });
      const picture = await untilStable('what was typed', first.shown, () => true, {
        quietMs: 1_000,
        deadlineMs: 20_000,
      });
      const stateFile = await catalog.savedStateFile('desk');
      await first.control.request('saveState', { stateFile });
      expect((await first.program.exited).code).toBe(0);
      await catalog.setSaved('desk', stateFile);

      const second = await MachineProcess.start(folder);
      await untilSame('the screen as it was', second.shown, () => picture);
      await second.control.request('type', { text: '!' });
      await until('it goes on', async () => !same(await second.shown(), picture));
      expect((await second.program.stop()).code).toBe(0);
    });
  });
});

function same(a: Picture, b: Picture): boolean {
  return Buffer.compare(new Uint8Array(a.pixels.buffer), new Uint8Array(b.pixels.buffer)) === 0;
}
