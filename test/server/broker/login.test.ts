import { expect, test } from 'vitest';
import { type Credentials, type Identity, provenName } from '../../../server/auth/credentials.js';
import { Login } from '../../../server/broker/login.js';

const TICKET: Identity = { user: 'alice', machine: 'desk-1', rights: 'view' };
const credentials: Credentials = {
  required: true,
  named: true,
  checkPassword: async (user, password) => {
    if (password === 'ticket') return TICKET;
    return password === 'right' ? { user: user! } : undefined;
  },
  checkVncResponse: async () => TICKET,
};

test('a ticket is not taken for the user’s own password; its rights are for the machine, not for the lobby', async () => {
  const login = new Login(credentials, () => {});
  for (const identity of [
    await login.checkPassword('alice', 'ticket'),
    await login.checkVncResponse(new Uint8Array(16), new Uint8Array(16)),
  ]) {
    expect(identity).toEqual({ user: 'alice', machine: 'desk-1' });
    expect(provenName(identity!)).toBeUndefined();
    expect(login.identity).toEqual(TICKET);
  }
  expect(provenName((await login.checkPassword('alice', 'right'))!)).toBe('alice');
});

test('who has failed is told, and is nobody', async () => {
  const failed: (string | null)[] = [];
  const login = new Login(credentials, (user) => failed.push(user));
  expect(await login.checkPassword('bob', 'wrong')).toBeUndefined();
  expect(login.identity).toBeUndefined();
  expect(failed).toEqual(['bob']);
});
