import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { listen } from '../../../server/transport/listen.js';
import { createWebPort, type WebRoutes, type WebServer } from '../../../server/web/port.js';
import { silentLog } from '../../../src/base/log.js';

vi.mock('../../../server/limits.js', () => ({
  LIMITS: { handshakeMs: 100, firstByteMs: 50, unreadAnswerMs: 100 },
}));
/** More than the system keeps for a connection on either side. */
const LONG = Buffer.alloc(64 << 20);

let web: WebServer;
let port: number;

beforeAll(async () => {
  const pem = await makeIdentity(Date.now());
  const routes: WebRoutes = {
    handle(request, response) {
      if (request.url === '/long') response.end(LONG);
      else if (request.url === '/late') setTimeout(() => response.end('late'), 300);
      else if (request.method === 'POST') request.pipe(response);
      else response.end('short');
      return true;
    },
  };
  web = createWebPort({ cert: pem, key: pem }, silentLog, [routes]);
  port = (await listen(web.server, { host: '127.0.0.1', port: 0 }, 'http')).port;
});
afterAll(() => web.close());

/** A connection, as the client and as the server has it. */
async function open(): Promise<[Socket, Socket]> {
  const accepted = once(web.server, 'connection');
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => {});
  const [ours] = await accepted;
  return [client, ours];
}

test.each([
  ['says nothing', ''],
  ['says HTTP and no more', 'GET / HT'],
  ['does not end its request', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12'],
  ['says TLS and no more', '\x16\x03\x01'],
  ['does not read its answer', 'GET /long HTTP/1.1\r\nHost: x\r\n\r\n'],
])('who %s does not keep the connection', async (_what, text) => {
  const [client, ours] = await open();
  client.pause();
  client.write(text, 'latin1');
  await vi.waitFor(() => expect(ours.destroyed).toBe(true), { timeout: 5_000 });
  client.destroy();
});

test.each(['HTTP', 'HTTPS'])(
  'who asks for HTTP/2 on the way is answered by %s/1.1, a body and the next request, too',
  async (kind) => {
    const at = { port, host: '127.0.0.1' };
    const client = kind === 'HTTP' ? connect(at) : connectTls({ ...at, rejectUnauthorized: false });
    const asking = 'Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    client.write(`GET / HTTP/1.1\r\n${asking}\r\n`);
    let answer = '';
    client.on('data', (chunk) => {
      answer += chunk;
    });
    await vi.waitFor(() => expect(answer).toContain('short'));
    client.write(`POST / HTTP/1.1\r\n${asking}Content-Length: 4\r\n\r\nbo`);
    setImmediate(() => client.write('dy'));
    await vi.waitFor(() => expect(answer).toMatch(/bo\s.*dy/s));
    client.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await once(client, 'end');
    expect(answer.match(/HTTP\/1.1 200 OK/g)).toHaveLength(3);
  },
);

test('an answer may take its time', async () => {
  const [client] = await open();
  client.write('GET /late HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of client) answer += chunk;
  expect(answer).toMatch(/late$/);
});

test('who reads slowly gets all of a long answer', async () => {
  const [client] = await open();
  client.write('GET /long HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let length = 0;
  for await (const chunk of client) {
    length += chunk.length;
    await new Promise(setImmediate);
  }
  expect(length).toBeGreaterThan(LONG.length);
});
