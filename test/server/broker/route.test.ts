import { describe, expect, test } from 'vitest';
import { type Destination, type RouteRequest, route } from '../../../server/broker/route.js';

const machines = (...names: string[]): Destination[] => names.map((name) => ({ name, lastUsedAt: null }));
const BOTH = machines('desk-1', 'Lab.7');

/** 'desk-1', '(picker)', '(nowhere)', or 'refused: …' */
function ask(request: Partial<RouteRequest<Destination>>): string {
  const to = route({ identity: { user: 'alice' }, hints: {}, machines: BOTH, otherwise: 'picker', ...request });
  if (to.to === 'machine') return to.machine.name;
  return to.to === 'refused' ? `refused: ${to.reason}` : `(${to.to})`;
}

/** Every way in which a client can name a machine, and whether it is that one or none. */
const WAYS: readonly (readonly [string, (name: string) => Partial<RouteRequest<Destination>>, binding: boolean])[] = [
  ['a ticket', (machine) => ({ identity: { user: 'alice', machine } }), true],
  ['the preconnection text', (preconnection) => ({ hints: { preconnection } }), true],
  ['the preconnection text of Hyper-V', (vm) => ({ hints: { preconnection: `${vm};EnhancedMode=1` } }), true],
  ['a repeater ID', (repeaterId) => ({ hints: { repeaterId } }), true],
  ['the login name', (named) => ({ hints: { named } }), true],
  ['a token', (vm) => ({ hints: { routing: `tsv://${vm}` } }), true],
  ['a token of Windows', (vm) => ({ hints: { routing: `tsv://MS Terminal Services Plugin.1.${vm}` } }), true],
  ['the cookie msts', (vm) => ({ hints: { routing: `Cookie: msts=${vm}` } }), true],
  ['the cookie mstshash', (vm) => ({ hints: { routing: `Cookie: mstshash=${vm}` } }), false],
  ['the whole server name', (serverName) => ({ hints: { serverName } }), false],
  ['the server name', (vm) => ({ hints: { serverName: `${vm}.host.example` } }), false],
  ['the domain', (domain) => ({ hints: { domain } }), false],
  ['a port of its own', (preset) => ({ preset }), true],
];

describe.each(WAYS)('by %s', (label, by, binding) => {
  const first = label === 'the server name' ? 'desk-1' : 'Lab.7';

  test('somebody gets to a machine of theirs, whatever the case', () => {
    expect(ask(by(first))).toBe(first);
    expect(ask(by(first.toUpperCase()))).toBe(first);
    expect(ask(by(first.toLowerCase()))).toBe(first);
  });

  test('nobody gets to a machine without a role for it, nor learns that it exists', () => {
    const others = machines('desk-1', 'mine');
    // 'theirs' exists and is somebody else's, 'no-such' does not exist: the list does not have them both.
    const theirs = ask({ ...by('theirs'), machines: others });
    const missing = ask({ ...by('no-such'), machines: others });
    expect(theirs.replace('theirs', 'X')).toBe(missing.replace('no-such', 'X'));
    expect(theirs).toBe(binding ? 'refused: there is no machine "theirs" for you here' : '(picker)');
  });

  test('without any role there is nothing', () => {
    expect(ask({ ...by(first), machines: [] })).toBe(
      binding ? `refused: there is no machine "${first}" for you here` : '(nowhere)',
    );
  });

  test('with one machine only another is not given instead', () => {
    expect(ask({ ...by('other'), machines: machines('desk-1') })).toBe(
      binding ? 'refused: there is no machine "other" for you here' : 'desk-1',
    );
  });
});

describe('without a word of where to', () => {
  test('the only machine, else the picker', () => {
    expect(ask({ machines: machines('desk-1') })).toBe('desk-1');
    expect(ask({})).toBe('(picker)');
    expect(ask({ machines: [] })).toBe('(nowhere)');
  });

  test('the last one where that is the rule', () => {
    const used = [
      { name: 'a', lastUsedAt: '2026-01-02T00:00:00.000Z' },
      { name: 'b', lastUsedAt: '2026-03-01T00:00:00.000Z' },
      { name: 'c', lastUsedAt: null },
    ];
    expect(ask({ machines: used, otherwise: 'last' })).toBe('b');
    expect(ask({ machines: used, otherwise: 'picker' })).toBe('(picker)');
    expect(ask({ otherwise: 'last' })).toBe('(picker)');
  });
});

describe('what counts before what', () => {
  test.each([
    [{ identity: { user: 'alice', machine: 'desk-1' }, hints: { named: 'Lab.7' } }, 'desk-1'],
    [{ hints: { preconnection: 'desk-1', named: 'Lab.7' } }, 'desk-1'],
    [{ hints: { named: 'desk-1', routing: 'tsv://Lab.7' } }, 'desk-1'],
    [{ hints: { routing: 'Cookie: mstshash=desk-1', domain: 'Lab.7' } }, 'desk-1'],
    [{ hints: { serverName: 'desk-1.example', domain: 'Lab.7' } }, 'desk-1'],
    [{ hints: { domain: 'desk-1' }, preset: 'Lab.7' }, 'desk-1'],
    // What clients send by themselves gives way to the port.
    [{ hints: { routing: 'Cookie: mstshash=alice', domain: 'WORKGROUP' }, preset: 'Lab.7' }, 'Lab.7'],
    // A ticket is for its machine, or for none.
    [
      { identity: { user: 'alice', machine: 'gone' }, hints: { named: 'Lab.7' } },
      'refused: there is no machine "gone" for you here',
    ],
  ])('%j', (request, expected) => {
    expect(ask(request)).toBe(expected);
  });

  test('another broker’s cookie says nothing', () => {
    expect(ask({ hints: { routing: 'Cookie: msts=3640205228.15629.0000' } })).toBe('(picker)');
  });

  test('what a stranger wrote is repeated harmlessly', () => {
    const reason = ask({ hints: { named: `\u001b[2J${'x'.repeat(500)}` } });
    expect(reason).toMatch(/^refused: there is no machine "\?\[2Jx{59}" for you here$/);
  });
});
