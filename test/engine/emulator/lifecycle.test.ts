import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Display } from '../../../src/display/display.js';
import { EmulatorEngine } from '../../../src/engine/emulator/emulator.js';
import { fill, HALT, multibootElf, useBuiltWorker, useFolder, VIDEO, vbeMode } from './guests.js';

useBuiltWorker();
const save = useFolder();

/** Open descriptors where the system shows them. */
function descriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

test('twenty machines one after the other leave nothing behind', async () => {
  const kernel = save('paint.elf', multibootElf(vbeMode(1024, 768, 32), fill(VIDEO, 1024 * 768, 0x123456), HALT));
  const disk = save('disk.img', new Uint8Array(1 << 20));
  // One display for all, as a machine has: its memory is not what is measured here.
  const display = new Display(640, 480);
  const cycle = async () => {
    const engine = new EmulatorEngine({ kernel, memoryMiB: 64, disks: [{ path: disk }] });
    await engine.start(display);
    await engine.stop();
  };
  const bare = async () => {
    const engine = new EmulatorEngine({ kernel, memoryMiB: 64 });
    display.resize(640, 480);
    const sized = new Promise((resolve) => display.onResize.on(resolve));
    await engine.start(display);
    await sized;
    await engine.stop();
  };
  for (let i = 0; i < 4; i++) await bare();
  const before = {
    resources: process.getActiveResourcesInfo().length,
    descriptors: descriptors(),
    rss: process.memoryUsage().rss,
  };
  for (let i = 0; i < 16; i++) await (i % 4 === 0 ? cycle() : bare());
  expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before.resources);
  expect(descriptors()).toBeLessThanOrEqual(before.descriptors);
  // A machine that stays behind holds 20 MB and more.
  expect(process.memoryUsage().rss - before.rss).toBeLessThan(100 << 20);
}, 60_000);
