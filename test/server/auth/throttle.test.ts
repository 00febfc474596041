import { expect, test } from 'vitest';
import { Throttle } from '../../../server/auth/throttle.js';
import { LIMITS } from '../../../server/limits.js';

const address = (i: number): string => `10.1.${i >> 8}.${i & 255}`;

/** `count` addresses fail once each as alice. */
function besiege(throttle: Throttle, count: number, nowMs = 0): void {
  for (let i = 0; i < count; i++) throttle.failed(address(i), nowMs, 'alice');
}

test('a user name that many addresses fail with has to wait, longer each time, and other names do not', () => {
  const throttle = new Throttle();
  besiege(throttle, LIMITS.failedLoginsPerUser - 1);
  expect(throttle.isBlocked('10.9.9.9', 0, 'alice')).toBe(false);
  throttle.failed('10.2.0.1', 0, 'Alice');
  expect(throttle.isBlocked('10.9.9.9', LIMITS.userBackOffMs - 1, 'ALICE')).toBe(true);
  expect(throttle.isBlocked('10.9.9.9', LIMITS.userBackOffMs, 'alice')).toBe(false);
  expect(throttle.isBlocked('10.9.9.9', 0, 'bob')).toBe(false);
  expect(throttle.isBlocked('10.9.9.9', 0)).toBe(false);
  throttle.failed('10.2.0.2', 0, 'alice');
  expect(throttle.isBlocked('10.9.9.9', 2 * LIMITS.userBackOffMs - 1, 'alice')).toBe(true);
  besiege(throttle, 100);
  expect(throttle.isBlocked('10.9.9.9', LIMITS.maxUserBackOffMs - 1, 'alice')).toBe(true);
  expect(throttle.isBlocked('10.9.9.9', LIMITS.maxUserBackOffMs, 'alice')).toBe(false);
});

test('strangers cannot keep somebody out of where they have been before', () => {
  const throttle = new Throttle();
  throttle.succeeded('10.9.9.9', 'alice');
  besiege(throttle, 100);
  expect(throttle.isBlocked('10.9.9.9', 0, 'alice')).toBe(false);
  expect(throttle.isBlocked('10.9.9.8', 0, 'alice')).toBe(true);
  expect(throttle.isBlocked('10.9.9.9', 0, 'bob')).toBe(false);
});

test('a success, and time, end the wait', () => {
  const throttle = new Throttle();
  besiege(throttle, 20);
  throttle.succeeded('10.9.9.9', 'alice');
  expect(throttle.isBlocked('10.9.9.8', 0, 'alice')).toBe(false);
  besiege(throttle, 20);
  const later = LIMITS.userFailuresWindowMs;
  throttle.failed('10.2.0.1', later, 'alice');
  expect(throttle.isBlocked('10.9.9.8', later, 'alice')).toBe(false);
});

test.each([
  ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:0:0:1', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['fe80::1%eth0', 'fe80::2', true],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
])('failures of %s count for %s: %s', (one, other, counts) => {
  const throttle = new Throttle();
  for (let i = 0; i < LIMITS.failedLogins; i++) throttle.failed(one, i);
  expect(throttle.isBlocked(other, 10)).toBe(counts);
});
