import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ControlEvent } from '../../../server/ipc/control.js';
import { connectControl } from '../../../server/ipc/control-client.js';
import { type ControlHandlers, ControlPeer } from '../../../server/ipc/control-server.js';
import { readHello } from '../../../server/ipc/hello.js';
import { Problem } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';

let folder: string;
let path: string;
let server: Server;
const sockets: Socket[] = [];
const peers: ControlPeer[] = [];
const hellos: unknown[] = [];

/** Answers `type` when it is told to; the rest is as a test needs it. */
const waiting: ((untyped: number) => void)[] = [];
const handlers = {
  kick: async () => {
    throw new Problem('no-such-session', 'there is no session 7 here');
  },
  type: () =>
    new Promise((resolve) => {
      waiting.push((untyped) => resolve({ untyped }));
    }),
  balloon: async () => {
    throw new TypeError('undefined is not a function');
  },
} as unknown as ControlHandlers;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  path = join(folder, 's');
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    readHello(socket, 200).then(
      (hello) => {
        hellos.push(hello);
        if (hello.kind === 'control') peers.push(new ControlPeer(socket, handlers, silentLog));
      },
      (error: Error) => hellos.push(error.message),
    );
  });
  server.listen(path);
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const list of [peers, hellos, waiting]) list.length = 0;
  server.close();
  rmSync(folder, { recursive: true });
});

/** Whatever goes wrong before: a connection that is cut off may be reset. */
function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

test('answers find their requests, in whatever order they come', async () => {
  const control = await connectControl(path);
  const first = control.request('type', { text: 'a' });
  const second = control.request('type', { text: 'b' });
  await until(() => waiting.length === 2);
  waiting[1]!(2);
  expect(await second).toEqual({ untyped: 2 });
  waiting[0]!(1);
  expect(await first).toEqual({ untyped: 1 });
  control.close();
});

test('a refusal is the Problem that it was, a bug is a failure, what is not known is not supported', async () => {
  const control = await connectControl(path);
  await expect(control.request('kick', { session: '7', by: 'x' })).rejects.toMatchObject({
    code: 'no-such-session',
    message: 'there is no session 7 here',
  });
  await expect(control.request('balloon', { memoryMiB: 1 })).rejects.toMatchObject({ code: 'failed' });
  await expect(control.request('toString' as 'status', {})).rejects.toMatchObject({ code: 'not-supported' });
  expect(control.isClosed).toBe(false);
  control.close();
});

test('events reach those who listen', async () => {
  const control = await connectControl(path);
  const events: ControlEvent[] = [];
  control.onEvent.on((event) => events.push(event));
  await until(() => peers.length === 1);
  peers[0]!.tell({ event: 'state', state: 'crashed', reason: 'it fell' });
  await until(() => events.length === 1);
  expect(events).toEqual([{ event: 'state', state: 'crashed', reason: 'it fell' }]);
  control.close();
});

test('a process that dies rejects what was asked of it and will be', async () => {
  const control = await connectControl(path);
  const closed = control.onClose.next();
  const asked = control.request('type', { text: 'a' });
  await until(() => waiting.length === 1);
  sockets[0]!.destroy();
  await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
  await closed;
  await expect(control.request('status', {})).rejects.toMatchObject({ code: 'unavailable' });
});

test('where nobody listens the machine is not running', async () => {
  await expect(connectControl(join(folder, 'none'))).rejects.toMatchObject({
    code: 'unavailable',
    message: 'the machine is not running',
  });
});

test('closing answers first what was asked, and hears nothing more', async () => {
  const control = await connectControl(path);
  const asked = control.request('type', { text: 'a' });
  await until(() => waiting.length === 1);
  const closed = peers[0]!.close();
  const late = control.request('type', { text: 'b' });
  waiting[0]!(0);
  expect(await asked).toEqual({ untyped: 0 });
  await expect(late).rejects.toMatchObject({ code: 'unavailable' });
  await closed;
  expect(waiting).toHaveLength(1);
});

test.each([
  ['no JSON', '{"id":1,\n'],
  ['no object', '7\n'],
  ['no number', '{"op":"type","text":"a"}\n'],
])('a peer that sends %s loses its connection, and only its own', async (_what, line) => {
  const other = await connectControl(path);
  const socket = connect(path);
  socket.on('error', () => {});
  socket.write(`{"kind":"control"}\n${line}`);
  await closing(socket);
  await expect(other.request('kick', { session: '7', by: 'x' })).rejects.toMatchObject({ code: 'no-such-session' });
  other.close();
});

test.each([
  ['', 'closed before it said what for'],
  ['GET / HTTP/1.1\r\n\r\n', 'a line is not JSON'],
  ['{"kind":"telnet"}\n', 'a connection for nothing that is known here'],
  ['{"kind":"rfb"}\n', 'a visitor that is no object'],
  ['{"kind":"rfb","visitor":{"session":"1"}}\n', 'a visitor that is not described'],
  [`{"kind":"${'x'.repeat(300_000)}"}\n`, 'a line is longer than 262144 bytes'],
])('a first line is turned away: %#', async (line, reason) => {
  const socket = connect(path);
  socket.on('error', () => {});
  const closed = closing(socket);
  socket.end(line);
  await until(() => hellos.length === 1);
  expect(hellos).toEqual([reason]);
  await closed;
});

test('who says nothing is turned away after a while', async () => {
  const socket = connect(path);
  await once(socket, 'close');
  expect(hellos).toEqual(['said nothing in time']);
});

test.each(['null', '7', '"what"'])('a process that says %s makes no sense', async (line) => {
  const control = await connectControl(path);
  const asked = control.request('type', { text: 'a' });
  await until(() => sockets.length === 1 && hellos.length === 1);
  sockets[0]!.write(`${line}\n`);
  await expect(asked).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('no object') });
});

test('what is asked beyond what a process may have in hand is refused, and the rest answered', async () => {
  const control = await connectControl(path);
  const asked = Array.from({ length: 300 }, () => control.request('type', { text: 'a' }));
  const results = Promise.allSettled(asked);
  await expect(asked.at(-1)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'too much is asked of this machine at once; try again',
  });
  await until(() => waiting.length === 256);
  for (const answer of waiting) answer(1);
  expect((await results).filter(({ status }) => status === 'fulfilled')).toHaveLength(256);
  expect(control.isClosed).toBe(false);
  control.close();
});
