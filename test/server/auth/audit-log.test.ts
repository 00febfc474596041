import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AuditLog } from '../../../server/auth/audit-log.js';
import { silentLog } from '../../../src/base/log.js';
import { scratchFolder } from './scratch.js';

const open = (fileBytes?: number, path = join(scratchFolder(), 'audit.log')) => ({
  path,
  audit: new AuditLog(path, silentLog, fileBytes),
});

test('what was done is found by machine and by user, the last ones, oldest first', async () => {
  const { audit, path } = open();
  for (let i = 0; i < 10; i++) {
    audit.append({
      action: 'start',
      ok: true,
      user: i % 2 ? 'alice' : 'Bob',
      machine: `desk-${i % 3}`,
      detail: `${i}`,
    });
  }
  const details = async (query: object) => (await audit.query(query)).map(({ detail }) => detail);
  expect(await details({})).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(await details({ user: 'bob' })).toEqual(['0', '2', '4', '6', '8']);
  expect(await details({ user: 'alice', machine: 'desk-0' })).toEqual(['3', '9']);
  expect(await details({ limit: 2 })).toEqual(['8', '9']);
  expect(await details({ machine: 'none' })).toEqual([]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await open(undefined, path).audit.query({ limit: 1 })).toMatchObject([
    { action: 'start', ok: true, user: 'alice', remote: null, machine: 'desk-0', detail: '9' },
  ]);
});

test('one entry is one line, whatever strangers put into it, and is bounded', async () => {
  const { audit, path } = open();
  const user = `mallory\n{"action":"fake"}\u2028${'x'.repeat(10_000)}`;
  audit.append({ action: 'login', ok: false, user, remote: '10.0.0.1' });
  await audit.settled();
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  expect(statSync(path).size).toBeLessThan(2_000);
  const [entry] = await audit.query();
  expect(entry?.user).toBe(user.slice(0, 500));
});

test('lines longer than a chunk’s rest and more than a chunk are read backwards whole', async () => {
  const { audit, path } = open();
  const detail = (i: number): string => `${i}:${'ä'.repeat(i % 499)}`.slice(0, 500);
  for (let i = 0; i < 1_000; i++) audit.append({ action: 'type', ok: true, detail: detail(i) });
  const entries = await audit.query({ limit: 1_000 });
  expect(statSync(path).size).toBeGreaterThan(4 * 65_536);
  expect(entries.map((entry) => entry.detail)).toEqual(Array.from({ length: 1_000 }, (_, i) => detail(i)));
});

test('a full file is put aside; the oldest goes; a search goes through all of them', async () => {
  const { audit, path } = open(1_000);
  for (let i = 0; i < 100; i++) {
    audit.append({ action: 'start', ok: true, detail: `${i}` });
    await audit.settled();
  }
  const names = readdirSync(join(path, '..')).sort();
  expect(names).toEqual(expect.arrayContaining(['audit.log.1', 'audit.log.2', 'audit.log.3', 'audit.log.4']));
  expect(names).not.toContain('audit.log.5');
  const details = (await audit.query({ limit: 1_000 })).map(({ detail }) => Number(detail));
  expect(details.at(-1)).toBe(99);
  expect(details.length).toBeGreaterThan(20);
  expect(details.length).toBeLessThan(60);
  expect(details).toEqual(Array.from(details, (_, i) => 100 - details.length + i));
});

test('a line that a crash has cut costs only itself', async () => {
  const { audit, path } = open();
  audit.append({ action: 'first', ok: true });
  await audit.settled();
  appendFileSync(path, '{"at":"2026-');
  const { audit: again } = open(undefined, path);
  again.append({ action: 'second', ok: true });
  expect((await again.query()).map(({ action }) => action)).toEqual(['first', 'second']);
});

test('a log that somebody has taken away begins anew; one that cannot be is an error at the start', async () => {
  const { audit, path } = open();
  rmSync(path);
  expect(await audit.query()).toEqual([]);
  audit.append({ action: 'first', ok: true });
  await audit.settled();
  expect(existsSync(path)).toBe(true);
  expect(() => open(undefined, join(path, 'audit.log'))).toThrow('cannot write the audit log');
});
