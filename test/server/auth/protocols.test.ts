import { expect, test } from 'vitest';
import type { Login } from '../../../protocols/rdp/acceptor-events.js';
import type { Credentials, Identity } from '../../../server/auth/credentials.js';
import { Throttle } from '../../../server/auth/throttle.js';
import { LIMITS } from '../../../server/limits.js';
import { judge as judgeRdp } from '../../../server/rdp/auth.js';
import { judge as judgeRfb } from '../../../server/rfb/auth.js';
import type { Host } from '../../../server/session/host.js';
import { SessionList } from '../../../server/session/session-list.js';
import { FakeClock } from '../../fake-clock.js';

/** Alice's password is right; a ticket is good whatever the name. */
const credentials: Credentials = {
  required: true,
  async checkPassword(user, password): Promise<Identity | undefined> {
    if (password === 'ticket') return { user: 'guest', machine: 'desk' };
    return user === 'alice' && password === 'right' ? { user: 'alice' } : undefined;
  },
  async checkVncResponse() {
    return undefined;
  },
};
const asked = { challenge: new Uint8Array(16), key: undefined };

/** Both ways to say a name and a password; true: they are in. */
const WAYS = {
  RDP: async (host: Host, remote: string, user: string, password: string) => {
    const verdict = await judgeRdp({ user, password, domain: '' } as Login, remote, host);
    return verdict !== 'gone' && 'identity' in verdict;
  },
  VNC: async (host: Host, remote: string, user: string, password: string) =>
    'identity' in (await judgeRfb(host, remote, asked, { kind: 'password', user, password })),
};
function setUp() {
  const clock = new FakeClock();
  const host = { credentials, clock, throttle: new Throttle(), sessions: new SessionList() } as unknown as Host;
  return { host, clock };
}

test.each(Object.entries(WAYS))('over %s, many addresses together do not guess one password', async (_, logIn) => {
  const { host, clock } = setUp();
  for (let i = 0; i < LIMITS.failedLoginsPerUser; i++)
    expect(await logIn(host, `10.0.0.${i}`, 'Alice', 'no')).toBe(false);
  expect(await logIn(host, '10.1.0.1', 'alice', 'right')).toBe(false);
  clock.advance(LIMITS.userWaitMs);
  expect(await logIn(host, '10.1.0.1', 'alice', 'right')).toBe(true);
});

test('what fails over one protocol counts for the other', async () => {
  const { host } = setUp();
  for (let i = 0; i < LIMITS.failedLoginsPerUser; i++) await WAYS.RDP(host, `10.0.0.${i}`, 'alice', 'no');
  expect(await WAYS.VNC(host, '10.1.0.1', 'alice', 'right')).toBe(false);
});

test.each(Object.entries(WAYS))('over %s, a ticket proves nothing about the name beside it', async (_, logIn) => {
  const { host } = setUp();
  expect(await logIn(host, '10.1.0.1', 'alice', 'ticket')).toBe(true);
  for (let i = 0; i < LIMITS.failedLoginsPerUser; i++) await logIn(host, `10.0.0.${i}`, 'alice', 'no');
  expect(await logIn(host, '10.1.0.1', 'alice', 'right')).toBe(false);
});
