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

test('the addresses of one IPv6 network are one address', () => {
  const list = new SessionList();
  for (let i = 0; i < LIMITS.maxGreetingPerAddress; i++) list.add(fakeSession(`2001:db8:1:2::${i.toString(16)}`));
  expect(list.hasRoomFor('2001:db8:1:2:ffff::1')).toBe(false);
  expect(list.hasRoomFor('2001:db8:1:3::1')).toBe(true);
});

test('who has logged in takes a seat, not a place', () => {
  const list = new SessionList();
  for (let i = 0; i < LIMITS.maxSessions; i++) {
    expect(list.hasSeat).toBe(true);
    expect(list.admit(fakeSession('10.0.0.1', `user${i}`))).toBeUndefined();
  }
  expect(list.hasSeat).toBe(false);
  expect(list.admit(fakeSession('10.0.0.1', 'late'))).toBe('too many sessions');
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
  list.admit(alice);
  list.remove(alice);
  list.remove(alice);
  expect(changes).toBe(2);
});

test('shared: everybody drives, but for those who may only watch', () => {
  const list = new SessionList('shared');
  const alice = fakeSession('10.0.0.1', 'alice');
  const bob = fakeSession('10.0.0.2', 'bob', 'view');
  expect([list.admit(alice), list.admit(bob)]).toEqual([undefined, undefined]);
  expect([alice.rights, bob.rights]).toEqual([['control'], ['view']]);
  expect(list.setRights(bob, 'control')).toBe(false);
  expect(list.setRights(alice, 'view')).toBe(true);
  expect([list.rightsOf(alice), list.rightsOf(bob)]).toEqual(['view', 'view']);
});

test('exclusive: the second is told who is there, and comes in once that one has left', () => {
  const list = new SessionList('exclusive');
  const alice = fakeSession('10.0.0.1', 'alice');
  const bob = fakeSession('10.0.0.2', 'bob');
  list.admit(alice);
  expect(list.admit(bob)).toBe('alice is using this screen');
  expect(list.rightsOf(bob)).toBeUndefined();
  expect(alice.closed).toEqual([]);
  list.remove(alice);
  expect(list.admit(bob)).toBeUndefined();
});

test('takeover: who was there is told who has the screen now', () => {
  const list = new SessionList('takeover');
  const alice = fakeSession('10.0.0.1', 'alice');
  const bob = fakeSession('10.0.0.2', 'bob');
  list.admit(alice);
  expect(list.admit(bob)).toBeUndefined();
  expect(alice.closed).toEqual(['taken-over: bob has taken over the screen']);
  expect([list.rightsOf(alice), list.rightsOf(bob)]).toEqual([undefined, 'control']);
  // Her goodbye takes a while; it is not hers that counts any more.
  list.remove(alice);
  expect(list.rightsOf(bob)).toBe('control');
});

test('view-only: one drives; the one who has waited longest and may takes over when that one leaves', () => {
  const list = new SessionList('view-only');
  const [auditor, alice, watcher, bob, carol] = [
    fakeSession('10.0.0.9', 'auditor', 'view'),
    fakeSession('10.0.0.1', 'alice'),
    fakeSession('10.0.0.8', 'watcher', 'view'),
    fakeSession('10.0.0.2', 'bob'),
    fakeSession('10.0.0.3', 'carol'),
  ];
  const all = [auditor, alice, watcher, bob, carol];
  for (const session of all) list.admit(session);
  const rights = () => all.map((session) => list.rightsOf(session) ?? 'gone').join(' ');
  expect(rights()).toBe('view control view view view');
  list.remove(alice);
  expect(rights()).toBe('view gone view control view');
  expect(bob.rights).toEqual(['view', 'control']);
  list.remove(carol);
  expect(rights()).toBe('view gone view control gone');
  list.remove(bob);
  expect(rights()).toBe('view gone view gone gone');
});

test('view-only: an operator hands the screen from one to another', () => {
  const list = new SessionList('view-only');
  const alice = fakeSession('10.0.0.1', 'alice');
  const bob = fakeSession('10.0.0.2', 'bob');
  list.admit(alice);
  list.admit(bob);
  expect(list.setRights(bob, 'control')).toBe(true);
  expect([alice.rights, bob.rights]).toEqual([
    ['control', 'view'],
    ['view', 'control'],
  ]);
});

test('rights of one’s own that change: taken at once, given back where nobody else drives alone', () => {
  const list = new SessionList();
  const alice = fakeSession('10.0.0.1', 'alice');
  expect(list.limit(alice, 'view')).toBe(false);
  list.admit(alice);
  expect(list.limit(alice, 'view')).toBe(true);
  expect(list.setRights(alice, 'control')).toBe(false);
  list.limit(alice, 'control');
  expect(alice.rights).toEqual(['control', 'view', 'control']);

  const alone = new SessionList('view-only');
  const [bob, carol] = [fakeSession('10.0.0.2', 'bob'), fakeSession('10.0.0.3', 'carol')];
  for (const session of [bob, carol]) alone.admit(session);
  alone.limit(bob, 'view');
  expect([alone.rightsOf(bob), alone.rightsOf(carol)]).toEqual(['view', 'control']);
  alone.limit(bob, 'control');
  expect([alone.rightsOf(bob), alone.rightsOf(carol)]).toEqual(['view', 'control']);
  alone.remove(carol);
  expect(alone.rightsOf(bob)).toBe('control');
});
