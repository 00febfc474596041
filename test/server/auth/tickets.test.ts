import { expect, test } from 'vitest';
import { RETURN_MS } from '../../../server/auth/logins.js';
import { TICKET_MS, Tickets } from '../../../server/auth/tickets.js';

const alice = { user: 'alice' };

function setUp() {
  let nowMs = 0;
  const tickets = new Tickets({ now: () => nowMs });
  return { tickets, pass: (ms: number) => (nowMs += ms) };
}

test('a ticket is good for one use within its time', () => {
  const { tickets, pass } = setUp();
  const [first, second] = [tickets.issue(alice), tickets.issue(alice)];
  pass(TICKET_MS);
  expect(tickets.redeem(first)?.identity).toEqual(alice);
  expect(tickets.redeem(first)).toBeUndefined();
  pass(1);
  expect(tickets.redeem(second)).toBeUndefined();
  expect(tickets.redeem('')).toBeUndefined();
});

test('its token is good for many, for longer', () => {
  const { tickets, pass } = setUp();
  const { token } = tickets.redeem(tickets.issue(alice))!;
  pass(RETURN_MS);
  expect(tickets.recognise(token)).toEqual(alice);
  expect(tickets.redeem(token)).toBeUndefined();
  pass(1);
  expect(tickets.recognise(token)).toBeUndefined();
});

test('however many are issued, only the latest thousand are kept', () => {
  const { tickets } = setUp();
  const issued = Array.from({ length: 1_001 }, () => tickets.issue(alice));
  expect(tickets.redeem(issued[0]!)).toBeUndefined();
  expect(tickets.redeem(issued[1]!)?.identity).toEqual(alice);
});

test('who makes more than there is room for loses their own', () => {
  const { tickets } = setUp();
  const bobs = [tickets.issue({ user: 'bob' }), tickets.issue({ user: 'guest', machine: 'desk', grantedBy: 'bob' })];
  const issued = Array.from({ length: 1_100 }, () => tickets.issue(alice));
  expect(bobs.map((secret) => tickets.use(secret)?.user)).toEqual(['bob', 'guest']);
  expect(tickets.use(issued[101]!)).toBeUndefined();
  expect(tickets.use(issued[102]!)).toEqual(alice);
});
