import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { GuardedProcess } from '../../../src/engine/qemu/guarded-process.js';
import { processesWith, within } from './processes.js';

/** A number of seconds that no other process sleeps for. */
let next = 0;
const seconds = (): string => `9${process.pid}.${next++}`;

describe('guarded process', () => {
  test('passes on status and complaints, and keeps arguments apart', async () => {
    const words = ['a b', '', '$HOME', "it's", '-x', '*'];
    const script = 'printf "[%s]" "$@" >&2; exit 7';
    const guarded = await GuardedProcess.start('/bin/sh', ['-c', script, 'name', ...words]);
    expect(await guarded.exited).toEqual({ status: 7 });
    expect(guarded.stderr).toBe("[a b][][$HOME][it's][-x][*]");
    expect(guarded.isRunning).toBe(false);
    guarded.kill();
  });

  test('tells a signal by its number, and a command that is not there', async () => {
    const killed = await GuardedProcess.start('/bin/sh', ['-c', 'kill -TERM $$']);
    expect(await killed.exited).toEqual({ status: 128 + 15 });
    const missing = await GuardedProcess.start('/nowhere/qemu', []);
    expect(await missing.exited).toEqual({ status: 127 });
    expect(missing.stderr).toContain('/nowhere/qemu');
  });

  test('says in one line why it cannot start', async () => {
    const start = () => GuardedProcess.start('/bin/true', ['x'.repeat(1 << 20)]);
    await expect(start()).rejects.toThrow(new UserError('cannot start /bin/true: its command line is too long'));
  });

  test('keeps the end of what is written, not all of it', async () => {
    const guarded = await GuardedProcess.start('/bin/sh', [
      '-c',
      'i=0; while [ $i -lt 2000 ]; do echo "line $i of many" >&2; i=$((i+1)); done',
    ]);
    await guarded.exited;
    expect(guarded.stderr.length).toBe(16384);
    expect(guarded.stderr).toMatch(/line 1999 of many\n$/);
  });

  test('leaves nothing after kill, neither processes nor its folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
    writeFileSync(join(folder, 'qmp.sock'), '');
    const sleep = seconds();
    const guarded = await GuardedProcess.start('sleep', [sleep], folder);
    expect(await within(5000, () => processesWith(`sleep ${sleep}`).length > 0)).toBe(true);
    guarded.kill();
    expect(await guarded.exited).toEqual({ status: 128 + 9 });
    expect(processesWith(sleep)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });

  test('is in a process group of its own, where Ctrl-C in our terminal does not reach', async () => {
    const guarded = await GuardedProcess.start('/bin/sh', [
      '-c',
      'ps -o pgid= -p $$ >&2; ps -o pgid= -p $0 >&2',
      `${process.pid}`,
    ]);
    await guarded.exited;
    const [theirs, ours] = guarded.stderr.trim().split(/\s+/);
    expect(theirs).toMatch(/^\d+$/);
    expect(theirs).not.toBe(ours);
  });

  test('takes the command with it when somebody kills the guard', async () => {
    const sleep = seconds();
    const guarded = await GuardedProcess.start('sleep', [sleep]);
    onTestFinished(() => guarded.kill());
    const guard = (): number[] => processesWith(`vitrine-guard  sleep ${sleep}`);
    expect(await within(5000, () => guard().length === 2 && processesWith(sleep).length === 3)).toBe(true);
    // The older of the two shells is the one that waits for the command.
    process.kill(Math.min(...guard()), 'SIGKILL');
    expect(await guarded.exited).toEqual({ status: 128 + 9 });
    expect(await within(5000, () => processesWith(sleep).length === 0)).toBe(true);
  });
});
