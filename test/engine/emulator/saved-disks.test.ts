import { copyFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import type { EmulatorOptions } from '../../../src/engine/emulator/options.js';
import { guestDisk, written } from '../qemu/guest.js';
import { counterDisk, useBuiltWorker, useFolder } from './guests.js';

useBuiltWorker();
const save = useFolder();

const hasSeaBios = existsSync('/usr/share/seabios/bios.bin') && existsSync('/usr/share/seabios/vgabios-stdvga.bin');
const [KEY_A, KEY_B, KEY_C] = [0x1e, 0x30, 0x2e] as const;
/** What the guest has written after typing these: the characters so far, combined. */
const AFTER_A = 0x61;
const AFTER_AB = 0x61 ^ 0x62;
const AFTER_AC = 0x61 ^ 0x63;

const engines: EmulatorEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
});

async function start(options: EmulatorOptions): Promise<EmulatorEngine> {
  const engine = new EmulatorEngine({ memoryMiB: 16, ...options });
  engines.push(engine);
  await engine.start(new Display(640, 480));
  return engine;
}

/** Types until the disk holds `value` for good: keys typed while the guest boots are lost, or come all at once. */
async function type(engine: EmulatorEngine, key: number, disk: string, value: number): Promise<void> {
  for (let last = -1; last !== value; ) {
    engine.key(key, true);
    engine.key(key, false);
    for (let same = 0; same < 8; same++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      const now = written(disk);
      if (now !== last) same = 0;
      last = now;
    }
  }
}

describe.runIf(hasSeaBios)("the emulator's disks and its states", { timeout: 30_000 }, () => {
  test('a snapshot freezes the images, and the guest writes to their copies from then on', async () => {
    const disk = save('disk.raw', guestDisk());
    const folder = dirname(disk);
    const [overlay, stateFile] = [join(folder, 'overlay.raw'), join(folder, 'frozen')];
    // Made before the guest wrote what it has written by the time of the snapshot.
    copyFileSync(disk, overlay);
    const engine = await start({ disks: [{ path: disk, keep: true }] });
    await type(engine, KEY_A, disk, AFTER_A);
    await engine.snapshot({ stateFile, overlays: [overlay] });
    expect(engine.state).toBe('running');
    expect(written(overlay)).toBe(AFTER_A);
    // Set as a fraction of a second, which rounds it.
    expect(statSync(overlay).mtimeMs).toBeLessThanOrEqual(statSync(disk).mtimeMs + 1);
    await type(engine, KEY_B, overlay, AFTER_AB);
    expect(written(disk)).toBe(AFTER_A);
    await engine.stop();

    const back = join(folder, 'back.raw');
    copyFileSync(disk, back);
    const again = await start({ disks: [{ path: back, keep: true }], resumeFrom: stateFile });
    await type(again, KEY_C, back, AFTER_AC);
    expect([written(disk), written(overlay)]).toEqual([AFTER_A, AFTER_AB]);
  });

  test('a snapshot that fails leaves the guest on its own images, and no state', async () => {
    const disk = save('disk.raw', guestDisk());
    const folder = dirname(disk);
    const overlay = join(folder, 'overlay.raw');
    copyFileSync(disk, overlay);
    const engine = await start({ disks: [{ path: disk, keep: true }] });
    const snapshot = (name: string, overlays: readonly string[]) =>
      engine.snapshot({ stateFile: join(folder, name), overlays });
    await expect(snapshot('state', [])).rejects.toMatchObject({ code: 'failed' });
    await expect(snapshot('state', [join(folder, 'missing')])).rejects.toMatchObject({ code: 'failed' });
    await expect(snapshot('nowhere/state', [overlay])).rejects.toMatchObject({ code: 'failed' });
    expect(readdirSync(folder).filter((name) => name.startsWith('state'))).toEqual([]);
    expect(engine.state).toBe('running');
    await type(engine, KEY_A, disk, AFTER_A);
    expect(written(overlay)).toBe(0);
  });

  test('changes that are not kept come back with the state', async () => {
    const disk = save('counter.raw', counterDisk());
    const stateFile = join(dirname(disk), 'counter.state');
    const engine = await start({ disks: [{ path: disk }] });
    const lines: string[] = [];
    engine.onSerial.on((line) => lines.push(line));
    while (lines.length < 3) await engine.onSerial.next();
    // This guest resets itself all the time, also while it is asked to stand still.
    for (;;) {
      const error = await engine.saveState(stateFile).catch((reason: unknown) => reason);
      if (error === undefined) break;
      expect(error).toMatchObject({ code: 'failed', message: 'the state was not saved: the guest reset itself' });
    }
    await engine.stop();
    const again = new EmulatorEngine({ memoryMiB: 16, disks: [{ path: disk }], resumeFrom: stateFile });
    engines.push(again);
    const next = again.onSerial.next();
    await again.start(new Display(640, 480));
    // From the image alone it would begin with A.
    expect(await next).toBe(String.fromCharCode(lines.at(-1)!.charCodeAt(0) + 1));
    expect(written(disk)).toBe('A'.charCodeAt(0));
  });

  test('a state of a machine with another disk is refused', async () => {
    const disk = save('disk.raw', guestDisk());
    const stateFile = join(dirname(disk), 'disk.state');
    const engine = await start({ disks: [{ path: disk }] });
    await engine.saveState(stateFile);
    await engine.stop();
    const smaller = save('smaller.raw', guestDisk().subarray(0, 1 << 19));
    const starting = start({ disks: [{ path: smaller }], resumeFrom: stateFile });
    await expect(starting).rejects.toThrow("it was saved with 'a disk of 1048576 bytes', which is gone or changed");
  });
});
