import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { knownRuntimeFolder, runtimeFolder } from '../../../server/ipc/runtime-folder.js';

let folder: string;
let env: NodeJS.ProcessEnv;
const made: string[] = [];

beforeEach(() => {
  folder = mkdtempSync('/tmp/v-');
  const runtime = join(folder, 'r');
  mkdirSync(runtime, { mode: 0o700 });
  env = { RUNTIME_DIRECTORY: runtime };
});
afterEach(() => {
  for (const path of [folder, ...made.splice(0)]) rmSync(path, { recursive: true, force: true });
});

function stateDir(name = 'state'): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

test('is private, and the same for the same state folder, whatever the environment says then', () => {
  const first = runtimeFolder(stateDir(), env);
  expect(first.startsWith(`${env.RUNTIME_DIRECTORY}/vitrine-`)).toBe(true);
  expect(statSync(first).mode & 0o777).toBe(0o700);
  expect(runtimeFolder(stateDir(), env)).toBe(first);
  expect(runtimeFolder(stateDir(), {})).toBe(first);
  // Tidied up by the host.
  rmSync(first, { recursive: true });
  expect(runtimeFolder(stateDir(), env)).toBe(first);
  expect(existsSync(first)).toBe(true);
});

test('is another for another state folder, a copy as well', () => {
  const first = runtimeFolder(stateDir(), env);
  cpSync(stateDir(), join(folder, 'copy'), { recursive: true });
  expect(runtimeFolder(join(folder, 'copy'), env)).not.toBe(first);
});

test('leaves room for the longest name of a socket', () => {
  const long = join(folder, 'a'.repeat(60));
  mkdirSync(long, { mode: 0o700 });
  const path = runtimeFolder(stateDir(), { RUNTIME_DIRECTORY: long });
  made.push(path);
  expect(path.startsWith(tmpdir()) || path.startsWith('/tmp/')).toBe(true);
  expect(Buffer.byteLength(join(path, `${'n'.repeat(63)}.sock`))).toBeLessThanOrEqual(103);
});

test("a runtime folder that is not this user's own is not used", () => {
  chmodSync(env.RUNTIME_DIRECTORY!, 0o777);
  const path = runtimeFolder(stateDir(), env);
  made.push(path);
  expect(path.startsWith(env.RUNTIME_DIRECTORY!)).toBe(false);
});

test('one that others could enter, or that is a link to elsewhere, is refused by name', () => {
  const path = runtimeFolder(stateDir(), env);
  chmodSync(path, 0o755);
  expect(() => runtimeFolder(stateDir(), env)).toThrow(`${path} can be entered by others; remove it`);
  rmSync(path, { recursive: true });
  symlinkSync(stateDir('elsewhere'), path);
  expect(() => runtimeFolder(stateDir(), env)).toThrow(`${path} is not a folder; remove it`);
});

test('is found by those who only look, and made for nobody else’s state', () => {
  const state = stateDir();
  expect(knownRuntimeFolder(state)).toBeUndefined();
  const made = runtimeFolder(state, env);
  expect(knownRuntimeFolder(state)).toBe(made);
  const copy = join(folder, 'copy');
  cpSync(state, copy, { recursive: true });
  expect(knownRuntimeFolder(copy)).toBeUndefined();
  expect(knownRuntimeFolder(join(folder, 'nowhere'))).toBeUndefined();
  rmSync(made, { recursive: true });
  expect(knownRuntimeFolder(state)).toBeUndefined();
  expect(existsSync(made)).toBe(false);
});
