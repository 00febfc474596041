import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { SingleUser } from '../../../server/auth/single-user.js';
import { Tickets } from '../../../server/auth/tickets.js';
import { LIMITS } from '../../../server/limits.js';
import type { Host } from '../../../server/session/host.js';
import type { Session } from '../../../server/session/session.js';
import { SessionList } from '../../../server/session/session-list.js';
import { listen } from '../../../server/transport/listen.js';
import { createWebServer } from '../../../server/web/http.js';
import type { WebServer } from '../../../server/web/port.js';
import { systemClock } from '../../../src/base/clock.js';
import { silentLog } from '../../../src/base/log.js';
import { fakeSession } from '../fake-session.js';

let web: WebServer;
let port: number;
const streams: Uint8Array[] = [];
const sessions = new SessionList();
const tickets = new Tickets(systemClock);
/** Whether a login was asked of each stream in turn. */
const asked: boolean[] = [];

beforeAll(async () => {
  const pem = await makeIdentity(Date.now());
  const host = {
    machine: { name: 'guest' },
    credentials: new SingleUser('vitrine', 'secret42'),
    sessions,
    tls: { cert: pem, key: pem },
    log: silentLog,
  } as unknown as Host;
  web = createWebServer(host, tickets, (transport, { credentials }) => {
    asked.push(credentials.required);
    transport.onData = (bytes) => streams.push(bytes);
    transport.write(Buffer.from('RFB 003.008\n'));
    return {} as Session;
  });
  port = (await listen(web.server, { host: '127.0.0.1', port: 0 }, 'http')).port;
});
afterAll(() => web.close());

test('the page and noVNC are served, never from a cache, and nothing else', async () => {
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect(page.status).toBe(200);
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(await page.text()).toContain('console.js');
  for (const path of [
    '/console.js',
    '/wall/style/console.css',
    '/icon.svg',
    '/novnc/core/rfb.js',
    '/novnc/vendor/pako/lib/zlib/inflate.js',
  ]) {
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status, path).toBe(200);
  }
  for (const path of [
    '/novnc/package.json',
    '/%2e%2e/http.js',
    '/%ff',
    '/novnc/vendor/pako/LICENSE',
    '/novnc/core/%2e%2e/%2e%2e/%2e%2e/package.json',
    '/none',
  ]) {
    expect((await fetch(`http://127.0.0.1:${port}${path}`)).status, path).toBe(404);
  }
});

test('a page’s file has a tag and can only be read; parts of it are not served', async () => {
  const url = `http://127.0.0.1:${port}/wall/style/console.css`;
  const whole = await fetch(url, { headers: { range: 'bytes=9-5' } });
  expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
  expect(await whole.text()).toMatch(/\}\s*$/);
  const again = await fetch(url, { headers: { 'if-none-match': whole.headers.get('etag')! } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const head = await fetch(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, whole.headers.get('content-length')]);
  const changed = await fetch(url, { method: 'DELETE' });
  expect([changed.status, changed.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('the same port speaks HTTPS', async () => {
  const question = request({ host: '127.0.0.1', port, path: '/machine.json', rejectUnauthorized: false });
  question.end();
  const [response] = await once(question, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  expect(JSON.parse(body)).toEqual({ name: 'guest', loginRequired: true });
});

test('a WebSocket carries the stream, with the binary subprotocol', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websockify`, ['binary'], { origin: `http://127.0.0.1:${port}` });
  const [greeting] = await once(socket, 'message');
  expect(greeting.toString()).toBe('RFB 003.008\n');
  expect(socket.protocol).toBe('binary');
  socket.terminate();
});

test('a ticket logs in once; its cookie lets the same browser come back', async () => {
  const open = async (path: string, headers: Record<string, string> = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['binary'], { headers });
    const upgraded = once(socket, 'upgrade');
    await once(socket, 'message');
    socket.terminate();
    const [response] = await upgraded;
    return { asked: asked.at(-1), cookie: response.headers['set-cookie']?.[0] as string | undefined };
  };
  const ticket = tickets.issue({ user: 'vitrine' });
  const first = await open(`/websockify?ticket=${ticket}`);
  expect(first.asked).toBe(false);
  expect(first.cookie).toMatch(/^vitrine-[0-9a-f]{8}=[\w-]{32}; Path=\/websockify; .*HttpOnly; SameSite=Strict$/);
  const again = await open('/websockify', { cookie: `other=1; ${first.cookie?.split(';')[0]}` });
  expect(again).toEqual({ asked: false, cookie: undefined });
  expect((await open(`/websockify?ticket=${ticket}`)).asked).toBe(true);
  expect((await open('/websockify', { cookie: first.cookie!.replace(/=./, '=!') })).asked).toBe(true);
});

test.each([
  ['/websockify', 'http://evil.example', 403],
  ['/other', undefined, 404],
])('a WebSocket at %s from %s gets %i', async (path, origin, status) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { ...(origin ? { origin } : {}) });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(status);
});

test('whoever is refused does not keep the connection by not closing it', async () => {
  const accepted = once(web.server, 'connection');
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resume();
  await once(socket, 'end');
  const [ours] = await accepted;
  await vi.waitFor(() => expect(ours.destroyed).toBe(true));
  socket.destroy();
});

test('an address with too many sessions that have not logged in gets no more', async () => {
  const waiting = Array.from({ length: LIMITS.maxGreetingPerAddress }, () => fakeSession('127.0.0.1'));
  for (const session of waiting) sessions.add(session);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websockify`);
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(503);
  for (const session of waiting) sessions.remove(session);
});

test('garbage closes its own connection only', async () => {
  for (const bytes of [
    Buffer.alloc(100_000, 0x41),
    Buffer.from([0x16, 3, 1, 0xff, 0xff, 1, 2, 3]),
    Buffer.from('GET / HTTP/9\r\n\r\n'),
  ]) {
    const socket = connect(port, '127.0.0.1');
    // A reset is as good an end as any.
    socket.on('error', () => {});
    socket.resume();
    socket.end(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
  }
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
});
