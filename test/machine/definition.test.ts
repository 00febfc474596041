import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import { checkDefinition, type MachineOptions } from '../../src/machine/definition.js';

let folder: string;
let iso: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-test-'));
  iso = join(folder, 'a.iso');
  await writeFile(iso, 'CD001');
  await writeFile(join(folder, 'empty.img'), '');
  await writeFile(join(folder, 'disk.img'), 'boot');
});
afterAll(() => rm(folder, { recursive: true }));

async function failure(options: MachineOptions): Promise<UserError> {
  const error = await checkDefinition(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).not.toContain('\n');
  return error as UserError;
}

describe('machine definition', () => {
  test('fills in what was not said and makes paths absolute', async () => {
    expect(await checkDefinition({ cdrom: relative(process.cwd(), iso) })).toEqual({
      name: 'vitrine',
      memoryMiB: 1024,
      cpus: 1,
      board: 'q35',
      cdrom: iso,
      disks: [],
      floppy: undefined,
      kernel: undefined,
      initrd: undefined,
      append: undefined,
      nics: [{ type: 'user', model: undefined, mac: undefined, bridge: undefined, forwards: [] }],
      accel: 'auto',
      pointer: 'tablet',
      firmware: 'bios',
      tpm: false,
      boot: ['floppy', 'cdrom', 'disk'],
      sharedFolders: [],
      usb: [],
      audio: false,
      display: undefined,
      balloon: false,
      folder: undefined,
      qemuArgs: [],
    });
  });

  test('settles the format of disks', async () => {
    const path = join(folder, 'disk.img');
    expect((await checkDefinition({ disks: [path] })).disks).toEqual([
      { path, format: 'raw', bus: undefined, readOnly: false },
    ]);
  });

  test('says in one line what is wrong with a file', async () => {
    expect((await failure({ cdrom: '/nowhere/a.iso' })).message).toBe(
      'cannot read the ISO /nowhere/a.iso: no such file',
    );
    expect((await failure({ cdrom: join(iso, 'x') })).message).toContain('no such file');
    expect((await failure({ floppy: folder })).message).toBe(`cannot read the floppy image ${folder}: it is a folder`);
    expect((await failure({ disks: [join(folder, 'empty.img')] })).message).toContain('it is empty');
    expect((await failure({ kernel: '/dev/null' })).message).toBe('cannot read the kernel /dev/null: it is not a file');
    expect((await failure({ kernel: 'a\0b' })).message).toContain('not a file name');
    expect((await failure({ cdrom: '' })).message).toContain('nothing to boot');
    expect((await failure({ cdrom: '', floppy: iso })).message).toContain('not a file name');
  });

  // Root may read everything.
  test.skipIf(process.getuid?.() === 0)('says that a file may not be used', async () => {
    const closed = join(folder, 'closed.img');
    await writeFile(closed, 'x', { mode: 0o400 });
    expect((await failure({ disks: [closed] })).message).toBe(`cannot use the disk ${closed}: permission denied`);
    await chmod(closed, 0);
    expect((await failure({ cdrom: closed })).message).toBe(`cannot read the ISO ${closed}: permission denied`);
  });

  test('usage mistakes are told from failures', async () => {
    for (const options of [
      {},
      { append: 'quiet', cdrom: iso },
      { initrd: iso, cdrom: iso },
      { cdrom: iso, memoryMiB: 1.5 },
      { cdrom: iso, memoryMiB: 0 },
      { cdrom: iso, memoryMiB: Number.NaN },
      { cdrom: iso, cpus: 0 },
      { cdrom: iso, cpus: 256 },
      { cdrom: iso, name: '' },
      { cdrom: iso, name: 'a\nb' },
      { cdrom: iso, name: 'x'.repeat(65) },
      { cdrom: iso, qemuArgs: ['-x\0'] },
      { disks: Array.from({ length: 7 }, () => join(folder, 'disk.img')) },
      { cdrom: iso, disks: Array.from({ length: 6 }, () => join(folder, 'disk.img')) },
    ]) {
      expect((await failure(options)).exitCode, JSON.stringify(options)).toBe(2);
    }
    expect((await failure({ cdrom: '/nowhere/a.iso' })).exitCode).toBe(1);
  });

  test('arguments for QEMU may name what boots in their own way', async () => {
    expect((await checkDefinition({ qemuArgs: ['-hda', 'x'] })).qemuArgs).toEqual(['-hda', 'x']);
  });
});
