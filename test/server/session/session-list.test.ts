import { expect, test } from 'vitest';
import { LIMITS } from '../../../server/limits.js';
import { SessionList } from '../../../server/session/session-list.js';
import { fakeSession } from '../fake-session.js';

test('one address cannot take all the places before the login, many together can', () => {
  const list = new SessionList();
  for (let i = 0; i < LIMITS.maxGreetingPerAddress; i++) {
    expect(list.hasRoomFor('10.0.0.1')).toBe(true);
    list.add(fakeSession('10.0.0.1'));
  }
  expect(list.hasRoomFor('10.0.0.1')).toBe(false);
  expect(list.hasRoomFor('10.0.0.2')).toBe(true);
  for (let i = list.size; i < LIMITS.maxGreeting; i++) list.add(fakeSession(`10.1.0.${i}`));
  expect(list.hasRoomFor('10.0.0.2')).toBe(false);
});

test('who has logged in takes a seat, not a place', () => {
  const list = new SessionList();
  for (let i = 0; i < LIMITS.maxSessions; i++) {
    expect(list.hasSeat).toBe(true);
    list.add(fakeSession('10.0.0.1', `user${i}`));
  }
  expect(list.hasSeat).toBe(false);
  expect(list.hasRoomFor('10.0.0.1')).toBe(true);
});

test('tells of logins and of those who leave, not of mere connections', () => {
  const list = new SessionList();
  let changes = 0;
  list.onChange.on(() => changes++);
  const stranger = fakeSession('10.0.0.1');
  list.add(stranger);
  list.remove(stranger);
  expect(changes).toBe(0);
  const alice = fakeSession('10.0.0.1', 'alice');
  list.add(alice);
  list.seated();
  list.remove(alice);
  list.remove(alice);
  expect(changes).toBe(2);
});
