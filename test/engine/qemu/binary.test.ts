import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findQemu } from '../../../src/engine/qemu/binary.js';
import { Memo } from '../../../src/engine/qemu/memo.js';
import { fakeQemu } from './fake-qemu.js';

const nothing = new Memo(undefined);

const ANSWERS = `
echo asked >> "$0.log"
case "$*" in
  -version) echo 'QEMU emulator version 9.2.1 (Fedora)';;
  '-display help') printf 'Available display backend types:\\nnone\\nspice-app\\ndbus\\n\\nSome display backends support suboptions\\n';;
  '-accel help') printf 'Accelerators supported in QEMU binary:\\nkvm\\ntcg\\n';;
esac`;

async function installed(script: string, name?: string): Promise<string> {
  const folder = await fakeQemu(script, name);
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('finding QEMU', () => {
  test('learns version, displays and accelerators from the program itself', async () => {
    const folder = await installed(ANSWERS);
    expect(await findQemu(nothing, `/nowhere${delimiter}${delimiter}${folder}`)).toMatchObject({
      path: join(folder, 'qemu-system-x86_64'),
      version: '9.2.1',
      longMode: true,
      displays: ['none', 'spice-app', 'dbus'],
      accels: ['kvm', 'tcg'],
    });
  });

  test('prefers the 64 bit build, wherever it stands in PATH', async () => {
    const small = await installed(ANSWERS, 'qemu-system-i386');
    const large = await installed(ANSWERS);
    expect((await findQemu(nothing, [small, large].join(delimiter))).path).toBe(join(large, 'qemu-system-x86_64'));
    expect(await findQemu(nothing, small)).toMatchObject({ longMode: false });
  });

  test('asks once per file, and again when it was upgraded', async () => {
    const folder = await installed(ANSWERS);
    const memo = new Memo(join(folder, 'state', 'qemu.json'));
    const questions = async (): Promise<number> =>
      (await readFile(join(folder, 'qemu-system-x86_64.log'), 'utf8')).split('\n').length - 1;
    const first = await findQemu(memo, folder);
    expect(await findQemu(memo, folder)).toEqual(first);
    expect(await questions()).toBe(3);
    await writeFile(join(folder, 'qemu-system-x86_64'), `#!/bin/sh${ANSWERS.replace('9.2.1', '10.0.0')}`);
    expect((await findQemu(memo, folder)).version).toBe('10.0.0');
    expect(await questions()).toBe(6);
  });

  test('a damaged memory is no memory', async () => {
    const folder = await installed(ANSWERS);
    const path = join(folder, 'qemu.json');
    for (const damage of ['', '{', '[]', 'null', '{"x": 1}']) {
      await writeFile(path, damage);
      expect((await findQemu(new Memo(path), folder)).version).toBe('9.2.1');
    }
    const found = await findQemu(nothing, folder);
    await writeFile(path, JSON.stringify({ [found.fingerprint]: { path: found.path, version: 3 } }));
    expect((await findQemu(new Memo(path), folder)).version).toBe('9.2.1');
  });

  test('says what to do where there is none, or none of use', async () => {
    await expect(findQemu(nothing, '/nowhere')).rejects.toThrow(/^qemu is not installed: apt install qemu-system-x86 /);
    const old = await installed(ANSWERS.replace('9.2.1', '4.2.0'));
    await expect(findQemu(nothing, old)).rejects.toThrow('is version 4.2.0; vitrine needs QEMU 5 or newer');
    const other = await installed('echo hello');
    await expect(findQemu(nothing, other)).rejects.toThrow('is it QEMU?');
    const broken = await installed('echo lost a library >&2; exit 127');
    await expect(findQemu(nothing, broken)).rejects.toThrow(/does not run: [^\n]*$/);
  });
});

describe('memo', () => {
  test('keeps the newest entries and survives what it cannot write', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const memo = new Memo(join(folder, 'memo.json'));
    for (let i = 0; i < 40; i++) await memo.set(`key ${i}`, i);
    expect(await memo.get('key 7')).toBeUndefined();
    expect(await memo.get('key 8')).toBe(8);
    expect(await memo.get('key 39')).toBe(39);
    const nowhere = new Memo(join(folder, 'memo.json', 'below-a-file'));
    await nowhere.set('a', 1);
    expect(await nowhere.get('a')).toBeUndefined();
  });
});
