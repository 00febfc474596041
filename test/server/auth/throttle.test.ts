import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../server/auth/credentials.js';
import { type Origin, Throttle } from '../../../server/auth/throttle.js';
import { LIMITS } from '../../../server/limits.js';
import { FakeClock } from '../../fake-clock.js';

const SCHOOL = '10.9.9.9';
const wrong = async (): Promise<undefined> => undefined;
const right = (user: string) => async (): Promise<Identity> => ({ user });
const ticket = async (): Promise<Identity> => ({ user: 'guest', machine: 'desk' });

function setUp() {
  const clock = new FakeClock();
  const throttle = new Throttle();
  const attempt = (origin: Origin, check: () => Promise<Identity | undefined>) =>
    throttle.attempt(origin, clock, check);
  const isBlocked = (address: string, user?: string) => throttle.isBlocked({ address, user }, clock.now());
  /** `count` addresses fail once each as alice. */
  const besiege = (count: number): void => {
    for (let i = 0; i < count; i++)
      throttle.failed({ address: `10.1.${i >> 8}.${i & 255}`, user: 'alice' }, clock.now());
  };
  return { clock, throttle, attempt, isBlocked, besiege };
}

describe('one user at one address', () => {
  test('names that nobody can have are one: strangers choose how long they are', () => {
    const { clock, throttle, isBlocked } = setUp();
    const long = (i: number): string => String(i).padEnd(LIMITS.userNameCharacters + 1, 'x');
    for (let i = 0; i < LIMITS.failedLogins; i++) throttle.failed({ address: SCHOOL, user: long(i) }, clock.now());
    expect(isBlocked(SCHOOL, long(LIMITS.failedLogins))).toBe(true);
    expect(isBlocked(SCHOOL, long(0).slice(1))).toBe(false);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
  });

  test('waits after some failures, longer after each one more; time heals', () => {
    const { clock, throttle, isBlocked } = setUp();
    const alice = { address: SCHOOL, user: 'alice' };
    for (let i = 0; i < LIMITS.failedLogins; i++) {
      expect(isBlocked(SCHOOL, 'alice')).toBe(false);
      throttle.failed(alice, clock.now());
    }
    for (const waitMs of [1, 2, 4].map((times) => times * LIMITS.failedLoginWaitMs)) {
      clock.advance(waitMs - 1);
      expect(isBlocked(SCHOOL, 'ALICE')).toBe(true);
      clock.advance(1);
      expect(isBlocked(SCHOOL, 'alice')).toBe(false);
      throttle.failed(alice, clock.now());
    }
    for (let i = 0; i < 100; i++) throttle.failed(alice, clock.now());
    clock.advance(LIMITS.maxLoginWaitMs);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
    clock.advance(LIMITS.failuresRememberedMs);
    throttle.failed(alice, clock.now());
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
  });

  test('does not keep the others of a classroom waiting, nor those without a name', () => {
    const { clock, throttle, isBlocked } = setUp();
    for (let i = 0; i < LIMITS.failedLogins; i++) throttle.failed({ address: SCHOOL, user: 'mallory' }, clock.now());
    expect(isBlocked(SCHOOL, 'mallory')).toBe(true);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
    expect(isBlocked(SCHOOL)).toBe(false);
    expect(isBlocked('10.9.9.8', 'mallory')).toBe(false);
  });
});

describe('many names at one address', () => {
  test('have to wait when together they fail too often, but not who has been in from there', async () => {
    const { clock, attempt, throttle, isBlocked } = setUp();
    await attempt({ address: SCHOOL, user: 'alice' }, right('alice'));
    for (let i = 0; i < LIMITS.failedLoginsPerAddress; i++) {
      expect(isBlocked(SCHOOL, 'bob')).toBe(false);
      throttle.failed({ address: SCHOOL, user: `pupil-${i}` }, clock.now());
    }
    expect(isBlocked(SCHOOL, 'bob')).toBe(true);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
    expect(isBlocked('10.9.9.8', 'bob')).toBe(false);
    clock.advance(LIMITS.addressWindowMs);
    expect(isBlocked(SCHOOL, 'bob')).toBe(false);
  });

  test('tickets that are none count for the address alone', async () => {
    const { attempt, isBlocked } = setUp();
    const stranger = { address: SCHOOL, isTicket: true };
    for (let i = 0; i < LIMITS.failedLoginsPerAddress; i++) {
      expect(await attempt(stranger, ticket)).toMatchObject({ machine: 'desk' });
      expect(isBlocked(SCHOOL)).toBe(false);
      expect(await attempt(stranger, wrong)).toBe('wrong');
    }
    expect(await attempt(stranger, ticket)).toBe('blocked');
  });
});

describe('one user from many addresses', () => {
  test('has to wait, longer each time, and other names do not', () => {
    const { clock, throttle, isBlocked, besiege } = setUp();
    besiege(LIMITS.failedLoginsPerUser - 1);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
    throttle.failed({ address: '10.2.0.1', user: 'Alice' }, clock.now());
    clock.advance(LIMITS.userWaitMs - 1);
    expect(isBlocked(SCHOOL, 'ALICE')).toBe(true);
    expect(isBlocked(SCHOOL, 'bob')).toBe(false);
    expect(isBlocked(SCHOOL)).toBe(false);
    clock.advance(1);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
    throttle.failed({ address: '10.2.0.2', user: 'alice' }, clock.now());
    clock.advance(2 * LIMITS.userWaitMs - 1);
    expect(isBlocked(SCHOOL, 'alice')).toBe(true);
    besiege(100);
    clock.advance(LIMITS.maxLoginWaitMs - 1);
    expect(isBlocked(SCHOOL, 'alice')).toBe(true);
    clock.advance(1);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
  });

  test('strangers cannot keep somebody out of where they have been before; guessing there still has its limit', async () => {
    const { clock, attempt, throttle, isBlocked, besiege } = setUp();
    await attempt({ address: SCHOOL, user: 'alice' }, right('alice'));
    besiege(100);
    expect(isBlocked(SCHOOL, 'alice')).toBe(false);
    expect(isBlocked('10.9.9.8', 'alice')).toBe(true);
    for (let i = 0; i < LIMITS.failedLogins; i++) throttle.failed({ address: SCHOOL, user: 'alice' }, clock.now());
    expect(isBlocked(SCHOOL, 'alice')).toBe(true);
  });

  test('a success ends the wait', async () => {
    const { clock, attempt, isBlocked, besiege } = setUp();
    besiege(20);
    clock.advance(LIMITS.maxLoginWaitMs);
    await attempt({ address: SCHOOL, user: 'alice' }, right('alice'));
    expect(isBlocked('10.9.9.8', 'alice')).toBe(false);
  });
});

test('who is kept waiting has nothing else forgotten by trying other names meanwhile', async () => {
  const { attempt, isBlocked } = setUp();
  for (let i = 0; i < LIMITS.failedLogins; i++) await attempt({ address: '10.2.0.1', user: 'alice' }, wrong);
  expect(isBlocked('10.2.0.1', 'alice')).toBe(true);
  for (let i = 0; i < 12_000; i++) await attempt({ address: SCHOOL, user: `nobody-${i}` }, wrong);
  expect(isBlocked('10.2.0.1', 'alice')).toBe(true);
});

test('a ticket wipes out nothing of what was guessed in the name beside it', async () => {
  const { attempt } = setUp();
  const alice = { address: SCHOOL, user: 'alice' };
  for (let i = 0; i < LIMITS.failedLogins; i++) {
    expect(await attempt(alice, wrong)).toBe('wrong');
    if (i < LIMITS.failedLogins - 1) expect(await attempt(alice, ticket)).toMatchObject({ machine: 'desk' });
  }
  expect(await attempt(alice, ticket)).toBe('blocked');
});

describe('many tries at the same time', () => {
  /** Checks that take until they are told. */
  function slow(identity?: Identity) {
    const answers: (() => void)[] = [];
    const check = () =>
      new Promise<Identity | undefined>((resolve) => {
        answers.push(() => resolve(identity));
      });
    return { check, answers };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  test('are not all guesses', async () => {
    const { attempt } = setUp();
    const { check, answers } = slow();
    const tries = Array.from({ length: 40 }, () => attempt({ address: SCHOOL, user: 'alice' }, check));
    for (let i = 0; i < LIMITS.failedLogins; i++) {
      await settle();
      expect(answers.length - i).toBeLessThanOrEqual(LIMITS.failedLogins);
      answers[i]!();
    }
    const outcomes = await Promise.all(tries);
    expect(answers).toHaveLength(LIMITS.failedLogins);
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(LIMITS.failedLogins);
    expect(outcomes.filter((outcome) => outcome === 'blocked')).toHaveLength(40 - LIMITS.failedLogins);
  });

  test('are not all guesses, whatever the names: of one address only so many', async () => {
    const { attempt } = setUp();
    const { check, answers } = slow();
    const tries = Array.from({ length: 100 }, (_, i) => attempt({ address: SCHOOL, user: `pupil-${i}` }, check));
    await settle();
    expect(answers).toHaveLength(LIMITS.failedLoginsPerAddress);
    for (const answer of answers) answer();
    const outcomes = await Promise.all(tries);
    expect(outcomes.filter((outcome) => outcome === 'blocked')).toHaveLength(100 - LIMITS.failedLoginsPerAddress);
  });

  test('with the right passwords all get in, though everybody has the same address', async () => {
    const { attempt } = setUp();
    const { check, answers } = slow({ user: 'somebody' });
    const tries = Array.from({ length: 100 }, (_, i) => attempt({ address: SCHOOL, user: `pupil-${i}` }, check));
    for (let i = 0; i < 100; i++) {
      await settle();
      answers[i]!();
    }
    for (const outcome of await Promise.all(tries)) expect(outcome).toEqual({ user: 'somebody' });
  });

  test('with the right password all get in, though everybody has the same name', async () => {
    const { attempt } = setUp();
    const { check, answers } = slow({ user: 'class' });
    const tries = Array.from({ length: 60 }, () => attempt({ address: SCHOOL, user: 'class' }, check));
    for (let i = 0; i < 60; i++) {
      await settle();
      answers[i]!();
    }
    for (const outcome of await Promise.all(tries)) expect(outcome).toEqual({ user: 'class' });
  });

  test('a check that fails by itself counts for nothing and stands in nobody’s way', async () => {
    const { attempt } = setUp();
    const broken = () => Promise.reject(new Error('no disk'));
    for (let i = 0; i < 20; i++) await expect(attempt({ address: SCHOOL, user: 'alice' }, broken)).rejects.toThrow();
    expect(await attempt({ address: SCHOOL, user: 'alice' }, right('alice'))).toEqual({ user: 'alice' });
  });
});

test.each([
  ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:0:0:1', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['fe80::1%eth0', 'fe80::2', true],
  ['::ffff:10.0.0.1', '10.0.0.1', true],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
])('failures of %s count for %s: %s', (one, other, counts) => {
  const { clock, throttle, isBlocked } = setUp();
  for (let i = 0; i < LIMITS.failedLogins; i++) throttle.failed({ address: one }, clock.now());
  expect(isBlocked(other)).toBe(counts);
});
