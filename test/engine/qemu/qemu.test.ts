import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';
import type { EngineStateChange } from '../../../src/engine/engine.js';
import { QemuEngine } from '../../../src/engine/qemu/qemu.js';
import type { MachineDefinition } from '../../../src/machine/definition.js';
import { Machine } from '../../../src/machine/machine.js';
import { built } from './built.js';
import { guest, scratch } from './guest.js';
import { isInstalled } from './installed.js';
import { killQemu, processesWith, qemusWith, within } from './processes.js';

const ESCAPE = 0x01;
const KEY_A = 0x1e;
const KEY_B = 0x30;

/** What the engine leaves on the disk: QEMU's folder. */
const leftovers = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('vitrine-'));

afterEach(() => {
  vi.unstubAllEnvs();
});

class Running {
  readonly engine: QemuEngine;
  readonly machine: Machine;
  readonly states: EngineStateChange[] = [];

  constructor(definition: MachineDefinition) {
    this.engine = new QemuEngine(definition, { log: silentLog });
    this.machine = new Machine('test', this.engine);
    this.machine.onState.on((change) => this.states.push(change));
    onTestFinished(() => this.machine.stop());
  }
  get stateNames(): string[] {
    return this.states.map(({ state }) => state);
  }
  /** The middle of the screen, without the bits in which QEMU's versions round the 6 bits of the VGA differently. */
  pixel(): number {
    const { words, width, height } = this.machine.display.framebuffer;
    return words[(height / 2) * width + width / 2]! & 0xf8f8f8;
  }
  tap(code: number): void {
    this.engine.key(code, true);
    this.engine.key(code, false);
  }
  /** Types until the guest has booted far enough to show it. */
  async showsKey(code: number, colour: number): Promise<boolean> {
    for (let i = 0; i < 50; i++) {
      this.tap(code);
      if (await within(200, () => this.pixel() === colour)) return true;
    }
    return false;
  }
}

describe.runIf(isInstalled('qemu-system-x86_64'))('QEMU engine', { timeout: 60_000 }, () => {
  test('starts, shows what keys do, pauses, resumes, resets, and leaves nothing', async () => {
    const folder = scratch();
    vi.stubEnv('TMPDIR', folder);
    const running = new Running(await guest(folder));
    const { engine, machine } = running;
    expect(engine.state).toBe('off');
    await machine.start();
    expect([engine.kind, engine.accel, engine.state]).toEqual(['qemu', 'tcg', 'running']);
    expect([...engine.capabilities.power].sort()).toEqual(['off', 'pause', 'reset', 'resume', 'shutdown']);
    expect(leftovers(folder)).toHaveLength(1);
    // VGA colours 1 and 3: 'a', then 'a' xor 'b'.
    expect(await running.showsKey(KEY_A, 0x0000a8)).toBe(true);
    expect(await running.showsKey(KEY_B, 0x00a8a8)).toBe(true);

    await machine.power('pause');
    expect(running.states.at(-1)).toEqual({ state: 'paused' });
    running.tap(KEY_A);
    await expect(machine.power('pause')).rejects.toThrow('cannot pause: the machine is paused');
    await expect(machine.power('shutdown')).rejects.toBeInstanceOf(UserError);
    await machine.power('resume');
    expect(engine.state).toBe('running');
    expect(running.pixel()).toBe(0x00a8a8);

    await machine.power('reset');
    expect(await within(10_000, () => running.pixel() !== 0x00a8a8)).toBe(true);
    expect(await running.showsKey(KEY_A, 0x0000a8)).toBe(true);

    await machine.stop();
    await machine.stop();
    expect(running.stateNames).toEqual(['starting', 'running', 'paused', 'running', 'off']);
    expect(leftovers(folder)).toEqual([]);
    expect(processesWith(folder)).toEqual([]);
    running.tap(KEY_A);
    engine.pointer({ x: 1, y: 1, buttons: 31 });
    expect(await engine.requestSize(800, 600)).toBe(false);
    await expect(machine.power('off')).rejects.toThrow('cannot off: the machine is off');
  });

  test('a guest that powers off is stopped, not crashed', async () => {
    const folder = scratch();
    vi.stubEnv('TMPDIR', folder);
    const running = new Running(await guest(folder));
    await running.machine.start();
    expect(await running.showsKey(KEY_A, 0x0000a8)).toBe(true);
    running.tap(ESCAPE);
    expect(await within(10_000, () => running.engine.state === 'stopped')).toBe(true);
    expect(running.states.at(-1)).toEqual({ state: 'stopped', reason: 'the guest powered off' });
    expect(await within(2000, () => leftovers(folder).length === 0)).toBe(true);
    await running.machine.stop();
    expect(running.stateNames).toEqual(['starting', 'running', 'stopped', 'off']);
  });

  test('a QEMU that is killed has crashed, and says by what', async () => {
    const folder = scratch();
    const running = new Running(await guest(folder));
    await running.machine.start();
    killQemu(folder);
    expect(await within(10_000, () => running.engine.state === 'crashed')).toBe(true);
    expect(running.states.at(-1)?.reason).toBe('qemu: killed by signal 9');
    await expect(running.machine.power('reset')).rejects.toThrow('the machine is crashed');
  });

  test('start fails with the words of QEMU, in one line, and leaves nothing', async () => {
    const folder = scratch();
    vi.stubEnv('TMPDIR', folder);
    const wrong = new Running(await guest(folder, { qemuArgs: ['-device', 'nope'] }));
    await expect(wrong.machine.start()).rejects.toThrow(
      new UserError("qemu: -device nope: 'nope' is not a valid device model name"),
    );
    expect(wrong.stateNames).toEqual(['starting', 'off']);

    const first = new Running(await guest(folder));
    await first.machine.start();
    const second = new Running(await guest(folder));
    await expect(second.machine.start()).rejects.toThrow(`qemu: another process uses ${join(folder, 'disk.raw')}`);
    await first.machine.stop();
    expect(leftovers(folder)).toEqual([]);
  });

  test('a start can be called off, by its signal and by stop', async () => {
    const folder = scratch();
    vi.stubEnv('TMPDIR', folder);
    const aborted = new Running(await guest(folder));
    const reason = new Error('not now');
    await expect(aborted.machine.start(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(aborted.engine.state).toBe('off');

    const stopped = new Running(await guest(folder));
    const start = stopped.machine.start();
    const outcome = expect(start).rejects.toThrow('stopped');
    await stopped.machine.stop();
    await outcome;
    expect(stopped.engine.state).toBe('off');
    await expect(stopped.machine.start()).rejects.toThrow('an engine starts once');
    expect(leftovers(folder)).toEqual([]);
    expect(processesWith(folder)).toEqual([]);
  });

  test('asks for the extra buttons through the monitor without upsetting anything', async () => {
    const running = new Running(await guest(scratch()));
    await running.machine.start();
    for (const buttons of [8, 24, 16, 0, 31, 0]) running.engine.pointer({ x: 10, y: 10, buttons, wheelY: 1 });
    await running.machine.power('pause');
    expect(running.engine.state).toBe('paused');
  });
});

describe.runIf(isInstalled('qemu-system-x86_64'))('no QEMU outlives us', { timeout: 60_000 }, () => {
  let code: string;
  beforeAll(async () => {
    code = await built();
  });
  afterAll(() => rmSync(code, { recursive: true }));

  test('kill -9 of the process that runs the engine takes QEMU and its folder along', async () => {
    const folder = scratch();
    const definition = await guest(folder);
    const script = `
      import { QemuEngine } from ${JSON.stringify(join(code, 'src/engine/qemu/qemu.js'))};
      import { Machine } from ${JSON.stringify(join(code, 'src/machine/machine.js'))};
      const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
      const machine = new Machine('m', new QemuEngine(JSON.parse(process.argv[1]), { log }));
      await machine.start();
      console.log('running');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', JSON.stringify(definition)], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect(qemusWith(folder)).toHaveLength(1);
    expect(leftovers(folder)).toHaveLength(1);
    child.kill('SIGKILL');
    expect(await within(2000, () => processesWith(folder).length === 0)).toBe(true);
    expect(await within(2000, () => leftovers(folder).length === 0)).toBe(true);
  });

  test('a process without a descriptor left says so', () => {
    const script = `
      import { openSync } from 'node:fs';
      import { GuardedProcess } from ${JSON.stringify(join(code, 'src/engine/qemu/guarded-process.js'))};
      try { for (;;) openSync('/dev/null'); } catch {}
      await GuardedProcess.start('/bin/true', []).catch((error) => console.log(error.message));`;
    const withFew = 'ulimit -n 60; exec "$0" --input-type=module -e "$1"';
    const said = execFileSync('/bin/sh', ['-c', withFew, process.execPath, script], { encoding: 'utf8' });
    expect(said).toBe('cannot start /bin/true: too many files are open\n');
  });
});
