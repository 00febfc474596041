import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadIdentity } from '../../../server/auth/certificate.js';
import { clock, openFiles, ports, stateFolder } from '../../../server/cli/doctor/host.js';

const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a state folder that cannot be made is bad', () => {
  expect(stateFolder(join(folder, 'state'))).toMatchObject({ verdict: 'ok' });
  writeFileSync(join(folder, 'file'), '');
  const { verdict, text } = stateFolder(join(folder, 'file', 'state'));
  expect([verdict, text]).toEqual(['bad', expect.stringContaining('choose another with --state-dir')]);
});

test('a clock that was never set, or is behind the certificate', async () => {
  const now = Date.parse('2031-05-01T12:00:00Z');
  await loadIdentity(folder, now);
  expect(clock(folder, now).verdict).toBe('ok');
  expect(clock(folder, Date.parse('1970-01-02')).verdict).toBe('bad');
  expect(clock(folder, Date.parse('2030-01-01'))).toMatchObject({
    verdict: 'bad',
    text: expect.stringContaining('before the certificate was made'),
  });
  expect(clock(join(folder, 'nowhere'), now).verdict).toBe('ok');
});

test('few open files are worth a note', () => {
  expect(openFiles(1024)).toMatchObject({ verdict: 'note', text: expect.stringContaining('1024') });
  expect(openFiles(65_536).verdict).toBe('ok');
});

test('a port that somebody has is named with its option', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [finding, ...others] = await ports({ vnc: port });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ verdict: 'note', text: expect.stringContaining('--vnc auto') });
  await new Promise((resolve) => server.close(resolve));
  expect((await ports({ vnc: port }))[0]!.verdict).toBe('ok');
});
