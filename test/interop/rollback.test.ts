import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MachineConfig } from '../../src/catalog/config.js';
import { readEntry } from '../../src/catalog/read-entry.js';
import { guestDisk } from '../engine/qemu/guest.js';
import { untilSame, untilStable } from './harness/compare.js';
import { colourCount, fromPng, type Picture } from './harness/picture.js';
import { endEverything, run, scratch } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { ServiceUnderTest } from './harness/service.js';
import { vitrineCommand } from './harness/vitrine.js';
import { until } from './harness/wait.js';

const ENGINES = { emulator: requires('SeaBIOS'), qemu: requires('qemu') } as const;
type EngineName = keyof typeof ENGINES;
/** The demo's desktop has hundreds; what comes before it has few. */
const DESKTOP_COLOURS = 100;
/** A guest under TCG that others run beside: it boots, and writes its state, within this time. */
const DEADLINE_MS = 30_000;

let service: ServiceUnderTest;
beforeAll(async () => {
  service = await ServiceUnderTest.start();
});
afterAll(endEverything);

const screen = async (machine: string): Promise<Picture> =>
  fromPng(Buffer.from(await service.api.call('console.screenshot', { machine })));
const still = (machine: string, accept: (picture: Picture) => boolean) =>
  untilStable(machine, () => screen(machine), accept, { quietMs: 1_000, deadlineMs: DEADLINE_MS });
const untilShown = (machine: string, expected: Picture) =>
  untilSame(
    machine,
    () => screen(machine),
    () => expected,
    { deadlineMs: DEADLINE_MS },
  );

async function vitrine(...words: string[]): Promise<void> {
  const program = vitrineCommand([...words, '--state-dir', service.stateDir]);
  expect(await program.exited, program.output).toEqual({ code: 0, signal: null });
}

async function start(machine: string, config: MachineConfig): Promise<void> {
  await service.api.call('machine.create', { name: machine, config });
  await service.api.call('machine.start', { machine });
}

/** What the machine's disk holds at present, where the guest on it writes to. */
async function onDisk(machine: string, byte: number): Promise<boolean> {
  const { folder } = await service.api.call('machine.show', { machine });
  const image = (await readEntry(folder)).stored.disks[0]!;
  const format = image.endsWith('.qcow2') ? 'qcow2' : 'raw';
  const said = await run('qemu-io', ['-r', '-f', format, '-c', `read -P ${byte} 512 1`, image]).catch(String);
  return !said.includes('failed');
}

for (const engine of Object.keys(ENGINES) as EngineName[]) {
  const config = { engine, memory: 32, ...(engine === 'qemu' && { accel: 'tcg' as const }) };

  describe(`a running machine on ${engine}`, ENGINES[engine], () => {
    test('a desktop: each pixel is back, and it goes on from there', async () => {
      const machine = `desktop-${engine}`;
      await start(machine, { ...config, demo: true });
      await until('the desktop is shown', async () => colourCount(await screen(machine)) > DESKTOP_COLOURS, {
        deadlineMs: DEADLINE_MS,
      });
      // Nothing moves by itself then, not even the clock.
      await service.api.call('console.keys', { machine, keys: 'f10' });
      await service.api.call('console.type', { machine, text: 'before' });
      const before = await still(machine, (picture) => colourCount(picture) > DESKTOP_COLOURS);
      await vitrine('snapshot', 'take', machine, 'clean');
      await service.api.call('console.keys', { machine, keys: 'f2' });
      await until('it has another size', async () => (await screen(machine)).width !== before.width);
      await vitrine('rollback', machine);
      await untilShown(machine, before);
      await service.api.call('console.type', { machine, text: ', and after' });
      await until('it takes keys', async () => (await screen(machine)).pixels.some((p, i) => p !== before.pixels[i]));
    });

    test('a guest that writes to its disk: memory, screen and disk go back together', async () => {
      const machine = `writer-${engine}`;
      const disk = join(scratch(), 'disk.raw');
      writeFileSync(disk, guestDisk());
      await start(machine, { ...config, disks: [{ file: disk }] });
      const press = (keys: string) => service.api.call('console.keys', { machine, keys });
      const isFilled = ({ pixels }: Picture) => pixels[0]! > 0 && pixels.every((pixel) => pixel === pixels[0]);
      // It fills the screen with a colour for the keys so far; two of the same are none. Early ones may be lost.
      await until(
        'the guest takes a key',
        async () => {
          if (isFilled(await screen(machine))) return true;
          await press('a');
          return isFilled(await screen(machine));
        },
        { deadlineMs: DEADLINE_MS, everyMs: 700 },
      );
      const before = await still(machine, isFilled);
      await vitrine('snapshot', 'take', machine, 'clean');
      const change = async () => {
        await press('g');
        return still(machine, (picture) => isFilled(picture) && picture.pixels[0] !== before.pixels[0]);
      };
      const changed = await change();
      await vitrine('rollback', machine);
      await untilShown(machine, before);
      // Its memory is back too: the same key has the same effect again.
      expect((await change()).pixels[0]).toBe(changed.pixels[0]);
      await vitrine('rollback', machine);
      await untilShown(machine, before);
      await service.api.call('machine.stop', { machine });
      expect([await onDisk(machine, 0x61), await onDisk(machine, 0x61 ^ 0x67)]).toEqual([true, false]);
    });
  });
}
