import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type OwnPort, OwnPorts } from '../../../server/broker/own-ports.js';
import type { Logger } from '../../../src/base/log.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Each server says whose it is. */
function open(): { ports: OwnPorts; warnings: string[] } {
  const warnings: string[] = [];
  const log: Logger = {
    debug() {},
    info() {},
    warn: (fields) => warnings.push((fields as { reason: string }).reason),
    error() {},
    child: () => log,
  };
  const makeServer = ({ machine, protocol }: OwnPort): Server =>
    createServer((socket) => socket.end(`${protocol} ${machine}`));
  const ports = new OwnPorts(makeServer, log);
  cleanups.push(() => ports.close());
  return { ports, warnings };
}

/** A port of loopback that is in use, or was until now. */
async function port(): Promise<{ number: number; free: () => Promise<void> }> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const free = async (): Promise<void> => {
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  cleanups.push(() => void free());
  return { number: (server.address() as AddressInfo).port, free };
}

async function said(number: number): Promise<string> {
  const socket = connect(number, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes;
  });
  await once(socket, 'close');
  return text;
}

test('ports come and go with what is asked for, and the others stay', async () => {
  const { ports, warnings } = open();
  const [a, b, c] = [await port(), await port(), await port()];
  for (const each of [a, b, c]) await each.free();
  const first: OwnPort = { machine: 'desk-1', protocol: 'rdp', ports: `${a.number}` };
  await ports.follow([first, { machine: 'desk-1', protocol: 'vnc', ports: `${b.number}` }]);
  expect(await said(a.number)).toBe('rdp desk-1');
  expect(await said(b.number)).toBe('vnc desk-1');
  await ports.follow([first, { machine: 'desk-1', protocol: 'vnc', ports: `${c.number}` }]);
  expect(await said(a.number)).toBe('rdp desk-1');
  await expect(said(b.number)).rejects.toThrow('ECONNREFUSED');
  expect(await said(c.number)).toBe('vnc desk-1');
  expect(ports.addressOf('desk-1', 'vnc')?.port).toBe(c.number);
  await ports.follow([]);
  await expect(said(a.number)).rejects.toThrow('ECONNREFUSED');
  expect(ports.addressOf('desk-1', 'rdp')).toBeUndefined();
  expect(warnings).toEqual([]);
});

test('of several the first free one; none is told once, and tried again', async () => {
  const { ports, warnings } = open();
  const [taken, spare] = [await port(), await port()];
  await spare.free();
  await ports.follow([{ machine: 'a', protocol: 'rdp', ports: `${taken.number},${spare.number}` }]);
  expect(ports.addressOf('a', 'rdp')?.port).toBe(spare.number);
  const wish: OwnPort = { machine: 'b', protocol: 'rdp', ports: `${taken.number}` };
  await ports.follow([wish]);
  await ports.follow([wish]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/rdpPort of b: .* the port is in use/);
  await taken.free();
  await ports.follow([wish]);
  expect(await said(taken.number)).toBe('rdp b');
});

test('what is no port is told, and the other machines have theirs', async () => {
  const { ports, warnings } = open();
  const free = await port();
  await free.free();
  await ports.follow([
    { machine: 'a', protocol: 'rdp', ports: 'many' },
    { machine: 'b', protocol: 'vnc', ports: `${free.number}` },
  ]);
  expect(warnings).toHaveLength(1);
  expect(await said(free.number)).toBe('vnc b');
});

test('closed while it opens: nothing stays open', async () => {
  const { ports } = open();
  const free = await port();
  await free.free();
  const following = ports.follow([{ machine: 'a', protocol: 'rdp', ports: `${free.number}` }]);
  ports.close();
  await following;
  await expect(said(free.number)).rejects.toThrow('ECONNREFUSED');
});
