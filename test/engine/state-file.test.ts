import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStateFile, type StateFacts, writeStateFile } from '../../src/engine/state-file.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'vitrine-test-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}
const write = (path: string, facts: StateFacts) => writeStateFile(path, 'qemu', facts, [Buffer.from('the guest')]);

test.each(['virtio-9p-pci,fsdev=share0,mount_tag=docs', 'virtio-9p-pci,fsdev=share0,mount_tag=Übungen 図'])(
  'what is saved with %s can be gone on from',
  async (device) => {
    const path = join(await folder(), 'state');
    await write(path, { memoryMiB: 64, hardware: [device] });
    const file = await openStateFile(path, 'qemu');
    expect(file.facts).toEqual({ memoryMiB: 64, hardware: [device] });
    expect(Buffer.concat(await file.read().toArray()).toString()).toBe('the guest');
  },
);

test('facts that have no room are refused, and what was there stays', async () => {
  const path = join(await folder(), 'state');
  await write(path, { memoryMiB: 64 });
  const before = await readFile(path);
  const hardware = Array.from({ length: 500 }, (_, i) => `virtio-net-pci,netdev=nic${i},mac=52:54:00:12:34:56`);
  await expect(write(path, { hardware })).rejects.toThrow('cannot write the state');
  expect(await readFile(path)).toEqual(before);
});
