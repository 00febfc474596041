import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { formatAddress, isLoopback, listen, parseListenAddress } from '../../../server/transport/listen.js';

test.each([
  ['3389', { host: '127.0.0.1', port: 3389 }],
  ['auto', { host: '127.0.0.1', port: 0 }],
  ['off', null],
  ['0.0.0.0:5900', { host: '0.0.0.0', port: 5900 }],
  ['[::1]:auto', { host: '::1', port: 0 }],
  ['myhost:80', { host: 'myhost', port: 80 }],
])('%s is understood', (text, expected) => {
  expect(parseListenAddress(text, 'rdp')).toEqual(expected);
});

test.each(['', 'x', '65536', '-1', '0', '1.2.3.4', '::1:5900', '1:2:3', 'a b:1', 'host:'])(
  '%j is refused by name',
  (text) => {
    expect(() => parseListenAddress(text, 'vnc')).toThrow(/^--vnc .*expected/);
  },
);

test('a busy port is one clear line that says what to do', async () => {
  const first = createServer();
  const bound = await listen(first, { host: '127.0.0.1', port: 0 }, 'vnc');
  const second = createServer();
  await expect(listen(second, bound, 'vnc')).rejects.toThrow(
    `--vnc: cannot listen on 127.0.0.1:${bound.port}: the port is in use; choose another one, or --vnc auto`,
  );
  first.close();
});

test('connections that cannot be accepted are nobody’s uncaught error', async () => {
  const server = createServer();
  await listen(server, { host: '127.0.0.1', port: 0 }, 'vnc');
  for (let i = 0; i < 2; i++) server.emit('error', new Error('accept EMFILE'));
  server.close();
});

test('loopback and formatting know IPv6', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
  expect(['0.0.0.0', '::', '10.0.0.1', 'example.org'].map(isLoopback)).toEqual([false, false, false, false]);
  expect(formatAddress({ host: '::1', port: 5 })).toBe('[::1]:5');
});
