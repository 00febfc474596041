import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { Accounts } from '../../../server/auth/accounts.js';
import type { Identity } from '../../../server/auth/credentials.js';
import { Logins } from '../../../server/auth/logins.js';
import { Tickets } from '../../../server/auth/tickets.js';
import { UserStore } from '../../../server/auth/users.js';
import { consoleUpgrade } from '../../../server/web/console.js';
import { silentLog } from '../../../src/base/log.js';
import { FakeClock } from '../../fake-clock.js';
import { scratchFolder } from '../auth/scratch.js';

let accounts: Accounts;
let port: number;
let hasRoom: boolean;
let logins: (string | undefined)[];
let opened: (readonly [Identity | undefined, string | undefined])[];
const desk = { user: 'alice', machine: 'desk', rights: 'view' } as const;

beforeEach(async () => {
  const users = UserStore.open(join(scratchFolder(), 'users.json'));
  await users.create({ name: 'alice', password: 'correct horse' });
  const clock = new FakeClock();
  const kept = new Logins(clock);
  accounts = new Accounts(users, new Tickets(clock, kept), kept);
  logins = [];
  opened = [];
  hasRoom = true;
  const upgrade = consoleUpgrade({
    accounts,
    sessions: { hasRoomFor: () => hasRoom },
    log: silentLog,
    open(transport, identity, machine) {
      // By which login is another matter.
      const { login, ...who } = identity ?? {};
      logins.push(login);
      opened.push([identity && (who as Identity), machine]);
      transport.write(Buffer.from('RFB 003.008\n'));
    },
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    if (!upgrade(request, socket as Socket, head)) socket.end('HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  onTestFinished(() => void server.close());
});

/** Opens a console; resolves to the status that it was refused with, or to the cookie that was set, once RFB flows. */
function open(path: string, headers: Record<string, string> = {}): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['binary'], { headers });
    let cookie: string | undefined;
    const settle = (result: number | string | undefined): void => {
      socket.terminate();
      resolve(result);
    };
    socket.on('error', () => {});
    socket.once('unexpected-response', (_, response) => settle(response.statusCode));
    socket.once('upgrade', (response) => {
      cookie = response.headers['set-cookie']?.[0];
    });
    socket.once('message', () => settle(cookie));
  });
}
const cookieFor = (identity: Identity) => ({
  cookie: `${accounts.logins.cookie}=${accounts.logins.open(identity).token}`,
});

test('who is logged in is known; which machine they want is in the address', async () => {
  expect(await open('/console/desk', cookieFor({ user: 'alice' }))).toBeUndefined();
  expect(await open('/console', cookieFor({ user: 'alice' }))).toBeUndefined();
  expect(await open('/console/na%C3%AFve%2Fname', cookieFor(desk))).toBeUndefined();
  expect(opened).toEqual([
    [{ user: 'alice' }, 'desk'],
    [{ user: 'alice' }, undefined],
    [desk, 'naïve/name'],
  ]);
});

test('a ticket is good once; the cookie that it leaves lets the same browser come back', async () => {
  const { secret } = accounts.tickets.create(desk);
  const cookie = (await open(`/console/desk?ticket=${secret}`)) as string;
  expect(cookie).toMatch(/^vitrine-\w{8}=\w{32}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  expect(await open(`/console/desk?ticket=${secret}`)).toBeUndefined();
  expect(await open('/console/desk', { cookie: cookie.split(';')[0]! })).toBeUndefined();
  expect(opened.map(([identity]) => identity)).toEqual([desk, undefined, desk]);
});

test('which login a console was opened by is known, and told when it ends', async () => {
  const ended: string[] = [];
  accounts.logins.onClose.on((login) => ended.push(login));
  const token = accounts.logins.open({ user: 'alice' }).token;
  await open('/console/desk', { cookie: `${accounts.logins.cookie}=${token}` });
  const { secret } = accounts.tickets.create(desk);
  const cookie = (await open(`/console/desk?ticket=${secret}`)) as string;
  await open('/console/desk', { cookie: cookie.split(';')[0]! });
  const [alices, guests, guestsAgain] = logins;
  expect(alices).toBeDefined();
  expect(guests).toBeDefined();
  expect(guestsAgain).toBe(guests);
  accounts.logins.close(token);
  expect(ended).toEqual([alices]);
  accounts.forget('alice');
  expect(ended).toEqual([alices, guests]);
});

test('a ticket does not log out who is logged in', async () => {
  const guest = { user: 'guest', machine: 'desk', grantedBy: null };
  const { secret } = accounts.tickets.create(guest);
  expect(await open(`/console/desk?ticket=${secret}`, cookieFor({ user: 'alice' }))).toBeUndefined();
  expect(opened).toEqual([[guest, 'desk']]);
});

test('nobody, and who may not come any more, has to log in by RFB’s means', async () => {
  const cookie = cookieFor({ user: 'alice' });
  const { secret } = accounts.tickets.create(desk);
  await accounts.users.update('alice', { disabled: true });
  for (const path of ['/console/desk', `/console/desk?ticket=${secret}`])
    expect(await open(path, cookie)).toBeUndefined();
  expect(await open('/console/desk')).toBeUndefined();
  expect(opened.map(([identity]) => identity)).toEqual([undefined, undefined, undefined]);
});

test('refused: other sites, names that are none, and more than there is room for; other addresses are not ours', async () => {
  expect(await open('/console/desk', { origin: 'http://evil.example' })).toBe(403);
  expect(await open('/console/desk', { origin: `http://127.0.0.1:${port}` })).toBeUndefined();
  expect(await open('/console/%ff')).toBe(400);
  expect(await open('/consoles')).toBe(418);
  expect(await open('/console/desk/more')).toBe(418);
  hasRoom = false;
  expect(await open('/console/desk')).toBe(503);
  expect(opened).toHaveLength(1);
});

test.each(['//', '//:0/console', 'http://[', '/console?%'])('the address %s is answered', async (address) => {
  const socket = connect(port, '127.0.0.1');
  const head = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  socket.write(`GET ${address} HTTP/1.1\r\n${head}Sec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(`${answer}`).toMatch(address === '/console?%' ? /^HTTP\/1.1 101/ : /^HTTP\/1.1 418/);
  socket.destroy();
});
