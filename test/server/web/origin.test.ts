import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { isAllowedOrigin } from '../../../server/web/origin.js';

const ask = (host: string, origin: string | undefined, loginRequired = true): boolean =>
  isAllowedOrigin({ headers: { host, origin } } as IncomingMessage, loginRequired);

test.each([
  ['127.0.0.1:8080', 'http://127.0.0.1:8080', true],
  ['vm.example.org', 'https://vm.example.org', true],
  ['127.0.0.1:8080', undefined, true],
  ['127.0.0.1:8080', 'http://evil.example', false],
  ['127.0.0.1:8080', 'http://127.0.0.1:9090', false],
  ['127.0.0.1:8080', 'null', false],
])('a page at host %s with origin %s: %s', (host, origin, allowed) => {
  expect(ask(host, origin)).toBe(allowed);
});

test('without a login the host must be a loopback name: names can be rebound', () => {
  expect(ask('evil.example:8080', 'http://evil.example:8080', false)).toBe(false);
  expect(ask('localhost:8080', 'http://localhost:8080', false)).toBe(true);
  expect(ask('[::1]:8080', 'http://[::1]:8080', false)).toBe(true);
});
