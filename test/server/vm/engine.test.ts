import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { engineFor } from '../../../server/vm/engine.js';
import { qemuOptions } from '../../../server/vm/engine-options.js';
import { silentLog } from '../../../src/base/log.js';
import type { MachineConfig } from '../../../src/catalog/config.js';
import { chooseEngine, memoryOf } from '../../../src/catalog/engine-choice.js';
import type { MachineEntry } from '../../../src/catalog/entry.js';
import { checkDefinition } from '../../../src/machine/definition.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const around = { stateDir: folder, log: silentLog };

function entry(config: MachineConfig | undefined, disks: readonly (string | undefined)[] = []): MachineEntry {
  const problem = config === undefined ? 'machine.yaml line 1: cpu: no such field; cpus?' : undefined;
  return { name: 'desk', folder, config, problem, stored: { disks, snapshot: null, saved: null } };
}

test.each([
  [{ demo: true }, 'emulator', 'emulator'],
  [{ cdrom: 'a.iso' }, 'qemu', 'emulator'],
  [{ cdrom: 'a.iso', engine: 'emulator' }, 'emulator', 'emulator'],
  [{ demo: true, engine: 'qemu' }, 'qemu', 'qemu'],
  [{ demo: true, cpus: 2 }, 'qemu', 'has no second processor'],
  [{ cdrom: 'a.iso', firmware: 'uefi' }, 'qemu', 'has no UEFI'],
  [{ cdrom: 'a.iso', nics: [{ type: 'user' }] }, 'qemu', 'has no network'],
  [{ engine: 'emulator', demo: true, tpm: true }, 'has no TPM', 'has no TPM'],
] as const)('%j runs on what there is', (config, withQemu, without) => {
  for (const [has, expected] of [
    [true, withQemu],
    [false, without],
  ] as const) {
    const { engine, problem } = chooseEngine(config, has);
    if (expected.startsWith('has no')) expect(problem?.message).toContain(expected);
    else expect([engine, problem]).toEqual([expected, undefined]);
  }
});

test('memory is what the definition says, or what its engine usually gives', () => {
  const given = (config: MachineConfig) => [memoryOf(config, 'emulator'), memoryOf(config, 'qemu')];
  expect(given({})).toEqual([512, 1024]);
  expect(given({ demo: true })).toEqual([64, 64]);
  expect(given({ demo: true, memory: 33 })).toEqual([33, 33]);
});

test('what cannot be read and what is a template is not started', async () => {
  await expect(engineFor(entry(undefined), around, null)).rejects.toMatchObject({
    code: 'invalid-definition',
    message: 'machine.yaml line 1: cpu: no such field; cpus?',
  });
  await expect(engineFor(entry({ demo: true, template: true }), around, null)).rejects.toMatchObject({
    code: 'wrong-state',
  });
});

test('disks are at their heads, and paths count from the machine’s folder', async () => {
  const [base, head, iso] = ['base.img', 'head.qcow2', 'a.iso'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const file of [base, iso]) writeFileSync(file, 'x'.repeat(512));
  writeFileSync(head, Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), Buffer.alloc(504)]));
  const config: MachineConfig = {
    memory: 512,
    cdrom: 'a.iso',
    disks: [
      { file: 'base.img', format: 'raw', size: '10G', bus: 'virtio' },
      { file: 'base.img', format: 'raw', bus: 'virtio', readOnly: true },
    ],
  };
  const definition = await checkDefinition(qemuOptions(config, folder, [head, base]));
  expect(definition).toMatchObject({
    memoryMiB: 512,
    cdrom: iso,
    disks: [
      { path: head, format: 'qcow2', bus: 'virtio', readOnly: false },
      { path: base, format: 'raw', readOnly: true },
    ],
  });
});
