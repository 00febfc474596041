import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadIdentity } from '../../../server/auth/certificate.js';
import { Anyone, SingleUser } from '../../../server/auth/single-user.js';

test('a login needs the right user and password; without a user name the password alone', async () => {
  const credentials = new SingleUser('vitrine', 'secret42');
  expect(await credentials.checkPassword('Vitrine', 'secret42')).toEqual({ user: 'vitrine' });
  expect(await credentials.checkPassword(undefined, 'secret42')).toEqual({ user: 'vitrine' });
  expect(await credentials.checkPassword('vitrine', 'secret43')).toBeUndefined();
  expect(await credentials.checkPassword('vitrine', '')).toBeUndefined();
  expect(await credentials.checkPassword('root', 'secret42')).toBeUndefined();
});

test('VncAuth: the known answer, and only that', async () => {
  // The answer as `openssl enc -des-ecb` of the legacy provider gives it for the mirrored key.
  const challenge = Uint8Array.from({ length: 16 }, (_, i) => i);
  const credentials = new SingleUser('vitrine', 'password');
  const { vncResponse } = await import('../../../src/base/vnc-response.js');
  const response = vncResponse(challenge, 'password');
  expect(Buffer.from(response).toString('hex')).toBe('b866924125c8eebb9debc1db61c538e2');
  expect(await credentials.checkVncResponse(challenge, response)).toEqual({ user: 'vitrine' });
  expect(await credentials.checkVncResponse(challenge, vncResponse(challenge, 'passwor'))).toBeUndefined();
  expect(await credentials.checkVncResponse(challenge, response.slice(1))).toBeUndefined();
  expect(vncResponse(challenge, 'password-and-more')).toEqual(response);
});

test('with no authentication everybody is let in', async () => {
  expect(await new Anyone().checkPassword(undefined)).toEqual({ user: 'anyone' });
  expect(await new Anyone().checkPassword('alice')).toEqual({ user: 'alice' });
});

test('the certificate is made once, private, kept, and renewed before it ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  try {
    const first = await loadIdentity(folder);
    expect(statSync(join(folder, 'tls.pem')).mode & 0o777).toBe(0o600);
    expect(await loadIdentity(folder)).toEqual(first);
    const later = await loadIdentity(folder, Date.now() + 800 * 86_400_000);
    expect(later).not.toEqual(first);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
