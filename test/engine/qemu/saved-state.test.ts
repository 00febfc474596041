import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Problem } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';
import { Display } from '../../../src/display/display.js';
import { DEMO_IMAGE } from '../../../src/engine/emulator/demo/image.js';
import { QemuEngine } from '../../../src/engine/qemu/qemu.js';
import { checkDefinition, type MachineDefinition, type MachineOptions } from '../../../src/machine/definition.js';
import { SerialLines } from '../demo/demo-guest.js';
import { guest, overlaysOf, scratch, written } from './guest.js';
import { isInstalled } from './installed.js';
import { killQemu } from './processes.js';

const [KEY_A, KEY_B, KEY_C] = [0x1e, 0x30, 0x2e] as const;
/** What the guest has written after typing these: the characters so far, combined. */
const AFTER_A = 0x61;
const AFTER_AB = 0x61 ^ 0x62;
const AFTER_AC = 0x61 ^ 0x63;
/** And what its screen shows then: VGA's colours 3 and 2, without the bits that QEMU's versions round differently. */
const CYAN = 0x00a8a8;
const GREEN = 0x00a800;

function engineOf(machine: MachineDefinition, resumeFrom?: string): QemuEngine {
  const engine = new QemuEngine(machine, { log: silentLog, ...(resumeFrom === undefined ? {} : { resumeFrom }) });
  onTestFinished(() => engine.stop());
  return engine;
}

async function started(machine: MachineDefinition, resumeFrom?: string) {
  const engine = engineOf(machine, resumeFrom);
  const display = new Display(640, 480);
  await engine.start(display);
  return { engine, display };
}

/** What the guest has written, in an image that nobody uses. */
function firstDisk(image: string, format: string): number {
  const copy = `${image}.copy`;
  execFileSync('qemu-img', ['convert', '-f', format, '-O', 'raw', image, copy]);
  return written(copy);
}

function middle({ framebuffer: { words, width, height } }: Display): number {
  return words[(height / 2) * width + width / 2]! & 0xf8f8f8;
}

/** Types until `look` sees `value` for good: keys typed while the guest boots are lost, or come all at once. */
async function type(engine: QemuEngine, key: number, value: number, look: () => number): Promise<void> {
  for (let last = -1; last !== value; ) {
    engine.key(key, true);
    engine.key(key, false);
    for (let same = 0; same < 8; same++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      const now = look();
      if (now !== last) same = 0;
      last = now;
    }
  }
}

/** The demo at rest, and its serial port. */
async function demo(folder: string, resumeFrom?: string) {
  const port = join(folder, 'serial.sock');
  const options: MachineOptions = { kernel: DEMO_IMAGE, memoryMiB: 32, accel: 'tcg', nic: 'none' };
  const machine = await checkDefinition({ ...options, qemuArgs: ['-serial', `unix:${port},server=on,wait=off`] });
  const lines = new SerialLines();
  const running = await started(machine, resumeFrom);
  const socket = connect(port).setEncoding('latin1');
  onTestFinished(() => void socket.destroy());
  socket.on('data', (text: string) => lines.receive(text));
  return { ...running, machine, lines, say: (line: string) => socket.write(`${line}\n`) };
}

async function settled(lines: SerialLines, say: (line: string) => void, ping: number): Promise<void> {
  say(`PING ${ping}`);
  await lines.next(`PONG ${ping}`);
}

describe.runIf(isInstalled('qemu-system-x86_64') && isInstalled('qemu-img'))(
  'states of QEMU',
  { timeout: 60_000 },
  () => {
    test('a snapshot freezes the disk with the guest; both come back together', async () => {
      const folder = scratch();
      const machine = await guest(folder);
      const disk = join(folder, 'disk.raw');
      const { engine, display } = await started(machine);
      await type(engine, KEY_A, AFTER_A, () => written(disk));
      const stateFile = join(folder, 'state');
      const [overlay] = overlaysOf(machine);
      await engine.snapshot({ stateFile, overlays: [overlay!] });
      await type(engine, KEY_B, CYAN, () => middle(display));
      await engine.stop();
      // What QEMU has not written out before it ends only it can read.
      expect([written(disk), firstDisk(overlay!, 'qcow2')]).toEqual([AFTER_A, AFTER_AB]);

      const [back] = overlaysOf(machine);
      const again = await started(await guestOn(machine, back!), stateFile);
      await type(again.engine, KEY_C, GREEN, () => middle(again.display));
      await again.engine.stop();
      expect([written(disk), firstDisk(back!, 'qcow2')]).toEqual([AFTER_A, AFTER_AC]);
    });

    test('a snapshot whose overlays cannot be used leaves the guest on its disk, and no state', async () => {
      const folder = scratch();
      const { engine } = await started(await guest(folder));
      const stateFile = join(folder, 'state');
      for (const overlays of [[], [join(folder, 'missing.qcow2')]]) {
        await expect(engine.snapshot({ stateFile, overlays })).rejects.toMatchObject({ code: 'failed' });
      }
      expect(readdirSync(folder).filter((name) => name.startsWith('state'))).toEqual([]);
      expect(engine.state).toBe('running');
      await type(engine, KEY_A, AFTER_A, () => written(join(folder, 'disk.raw')));
    });

    test('a paused guest stays paused, however often it is saved', async () => {
      const folder = scratch();
      const machine = await guest(folder);
      const { engine } = await started(machine);
      await engine.power('pause');
      const [first, second] = [join(folder, 'first'), join(folder, 'second')];
      await engine.snapshot({ stateFile: first, overlays: overlaysOf(machine) });
      expect(engine.state).toBe('paused');
      await engine.saveState(second);
      expect(engine.state).toBe('paused');
      expect([existsSync(first), existsSync(second)]).toEqual([true, true]);
    });

    test('a graphical guest goes on with its picture, keyboard, pointer and serial port', async () => {
      const folder = scratch();
      const { engine, display, lines, say } = await demo(folder);
      await lines.next(/^READY/);
      say('MODE 1280x800');
      await lines.next('MODE 1280x800');
      say('SCENE idle');
      await lines.next(/^SCENE idle/);
      await settled(lines, say, 1);
      await expect.poll(() => display.width).toBe(1280);
      const stateFile = join(folder, 'state');
      await engine.saveState(stateFile);
      // The guest stands still: what is on the way arrives.
      const picture = await still(display);
      await engine.stop();

      const again = await demo(folder, stateFile);
      await settled(again.lines, again.say, 2);
      await expect.poll(async () => (await still(again.display)).equals(picture)).toBe(true);
      again.engine.key(KEY_A, true);
      again.engine.key(KEY_A, false);
      await again.lines.next('KEY 1e up');
      again.engine.pointer({ x: 700, y: 500, buttons: 0 });
      await again.lines.next(/^POINTER (699|700|701) (499|500|501) 0$/);
    });

    test('a machine that has changed is told how', async () => {
      const folder = scratch();
      const machine = await guest(folder);
      const { engine } = await started(machine);
      const state = join(folder, 'state');
      await engine.saveState(state);
      await engine.stop();
      const refusal = async (changes: MachineOptions) =>
        (await engineOf(await guest(folder, changes), state)
          .start(new Display(640, 480))
          .catch((reason: unknown) => reason)) as Problem;
      const fits = `the saved state ${state} does not fit this machine: it was saved with`;
      expect((await refusal({ memoryMiB: 64 })).message).toBe(`${fits} memoryMiB 32, now it is 64`);
      expect((await refusal({ pointer: 'mouse' })).message).toBe(`${fits} 'usb-tablet', which is gone or changed`);
      expect((await refusal({ audio: true })).message).toBe(`${fits} no 'ich9-intel-hda'`);
      expect(await refusal({ audio: true })).toBeInstanceOf(Problem);
    });

    test('a device that cannot be saved is named, and the guest runs on', async () => {
      const folder = scratch();
      await guest(folder);
      const disks = [{ file: join(folder, 'disk.raw'), bus: 'nvme' as const }];
      const { engine } = await started(await checkDefinition({ disks, accel: 'tcg', memoryMiB: 32, nic: 'none' }));
      const error = await engine.saveState(join(folder, 'state')).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'not-supported', message: expect.stringContaining('nvme') });
      expect(engine.state).toBe('running');
      expect(readdirSync(folder).filter((name) => name.startsWith('state'))).toEqual([]);
    });

    test('a QEMU that dies or is stopped while it writes its state leaves no file, and nobody waits', async () => {
      for (const end of ['kill', 'stop'] as const) {
        const folder = scratch();
        const { engine } = await started(await guest(folder));
        const saving = engine.saveState(join(folder, 'state'));
        if (end === 'kill') killQemu(folder);
        else void engine.stop();
        await expect(saving).rejects.toBeInstanceOf(Problem);
        await engine.stop();
        expect(readdirSync(folder).filter((name) => name.startsWith('state'))).toEqual([]);
      }
    });
  },
);

/** The same machine with another image in its disk's place. */
async function guestOn(machine: MachineDefinition, file: string): Promise<MachineDefinition> {
  const { memoryMiB } = machine;
  return checkDefinition({ disks: [{ file, format: 'qcow2' }], accel: 'tcg', memoryMiB, nic: 'none' });
}

/** The picture, once nothing has arrived for a while. */
async function still(display: Display): Promise<Buffer> {
  const look = () => Buffer.from(display.framebuffer.words.map((word) => word & 0xffffff).buffer);
  let last = look();
  for (let same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    const now = look();
    same = now.equals(last) ? same + 1 : 0;
    last = now;
  }
  return last;
}
