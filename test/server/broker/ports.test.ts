import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { listenOnFirst, portsOf } from '../../../server/broker/ports.js';
import { formatAddress } from '../../../server/transport/listen.js';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
const makeServer = (): Server => {
  const server = createServer();
  open.push(server);
  return server;
};

test.each([
  ['3390', ['127.0.0.1:3390']],
  ['5001-5003', ['127.0.0.1:5001', '127.0.0.1:5002', '127.0.0.1:5003']],
  ['0.0.0.0:3390', ['0.0.0.0:3390']],
  ['[::1]:5001-5002', ['[::1]:5001', '[::1]:5002']],
  ['3389, 5000-5001', ['127.0.0.1:3389', '127.0.0.1:5000', '127.0.0.1:5001']],
])('%s', (text, expected) => {
  expect(portsOf(text, 'rdpPort').map(formatAddress)).toEqual(expected);
});

test.each(['', 'auto', '0', '70000', '5010-5001', '5001-', '1-2000', 'a b:3390', '3390,,3391', '1-1000,1001-2000'])(
  '%j is none',
  (text) => {
    expect(() => portsOf(text, 'rdpPort')).toThrow(/^rdpPort: /);
  },
);

test('the first free one is taken, and with none left the last failure is told', async () => {
  const taken = await listenOnFirst([{ host: '127.0.0.1', port: 0 }], makeServer, 'rdpPort');
  const next = await listenOnFirst([taken.address, { host: '127.0.0.1', port: 0 }], makeServer, 'rdpPort');
  expect(next.address.port).not.toBe(taken.address.port);
  await expect(listenOnFirst([taken.address, next.address], makeServer, 'rdpPort')).rejects.toThrow(
    /the port is in use/,
  );
});
