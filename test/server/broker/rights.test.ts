import { afterEach, expect, test, vi } from 'vitest';
import { THEME } from '../../../server/broker/lobby/theme.js';
import { fakeSession } from '../fake-session.js';
import { Client, quiet } from '../rdp/fixture.js';
import { watch } from '../rdp/houses.js';
import { type Home, Town } from './town.js';
import type { Watcher } from './watcher.js';

/** What becomes of people who are connected when their rights change. */

let town: Town;
afterEach(async () => {
  await town.close();
  expect(town.faults).toEqual([]);
});

const NOTHING = { visits: 0, listeners: 0, timers: 0, links: 0, views: 0 };

async function seesLobby(watcher: Watcher): Promise<void> {
  await watcher.until(() => watcher.width === 1024 && watcher.colourAt(1, 760) === THEME.paper);
}

async function at(home: Home): Promise<Watcher> {
  const watcher = await town.watch().begin();
  await watcher.sees(home.machine);
  return watcher;
}

function change(home: Home, roles: Home['roles']): void {
  home.roles = roles;
  town.directory.onAccess.emit();
}

test('who loses their role is back in the lobby at once, and does not come in again', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await at(home);
  change(home, {});
  await seesLobby(watcher);
  expect(home.visitors.list()).toEqual([]);
  watcher.press(0x1c);
  watcher.press(0x1e);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(home.links).toBe(0);
  expect(home.engine.typed).toBe('');
});

test('who may only watch from now on watches; the role back, and the keys are theirs again', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await at(home);
  watcher.hold(0x1e, true);
  await vi.waitFor(() => expect(home.engine.typed).toBe('a'));
  change(home, { anyone: 'view' });
  await vi.waitFor(() => expect(home.visitors.list()).toMatchObject([{ rights: 'view' }]));
  const { updates } = home.visitors.list()[0]!;
  watcher.press(0x30);
  // Answered behind the keys: then they have been dropped.
  watcher.request(false);
  await vi.waitFor(() => expect(home.visitors.list()[0]!.updates).toBeGreaterThan(updates));
  change(home, { anyone: 'use' });
  await vi.waitFor(() => expect(home.visitors.list()).toMatchObject([{ rights: 'control' }]));
  watcher.press(0x2e);
  await vi.waitFor(() => expect(home.engine.typed).toBe('ac'));
});

test('nothing happens to those whose rights are as they were', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await at(home);
  const told = vi.spyOn(town.directory, 'tell');
  change(home, { ...home.roles, bob: 'use' });
  watcher.press(0x1e);
  await vi.waitFor(() => expect(home.engine.typed).toBe('a'));
  expect(told).not.toHaveBeenCalled();
});

test.each(['at a machine', 'in the lobby'])('who is shut out %s is out', async (where) => {
  town = new Town();
  const home = await town.home('desk-1');
  if (where === 'in the lobby') await town.home('desk-2');
  const watcher = await town.watch().begin();
  await (where === 'in the lobby' ? seesLobby(watcher) : watcher.sees(home.machine));
  const audit = vi.spyOn(town.directory, 'audit');
  town.banned.add('anyone');
  town.directory.onAccess.emit();
  await watcher.ended();
  await vi.waitFor(() => expect(town.leftovers()).toEqual(NOTHING));
  const ends = audit.mock.calls.map(([{ action, detail }]) => `${action}: ${detail}`);
  expect(ends).toEqual(where === 'at a machine' ? ['session.end: your login is not good any more'] : []);
});

test('whoever logs out of a browser’s login leaves what was opened by it, and nothing else', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const by = async (login: string) => {
    const watcher = await town.watch({ user: 'anyone', login }, 'desk-1').begin();
    await watcher.sees(home.machine);
    return watcher;
  };
  const [first, second] = [await by('one'), await by('two')];
  town.broker.endWhere(({ login }) => login === 'one', 'logged out');
  await first.ended();
  await vi.waitFor(() => expect(home.visitors.list()).toHaveLength(1));
  expect(second.closed).toBeUndefined();
});

test('a role that goes while its machine is started does not lead there', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.state = 'off';
  let ready = (): void => {};
  home.waking = new Promise((resolve) => {
    ready = resolve;
  });
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  change(home, {});
  ready();
  await vi.waitFor(() => expect(town.audit).toContain('session.start failed anyone desk-1'));
  expect(home.links).toBe(0);
});

test.each([
  ['its role', () => ({}), false],
  ['its login', () => ({ anyone: 'use' }) as const, true],
])('a machine’s process that does not obey loses the client that has lost %s', async (_, roles, isBanned) => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await at(home);
  home.isStuck = true;
  if (isBanned) town.banned.add('anyone');
  change(home, roles());
  await watcher.ended();
  await vi.waitFor(() => expect(town.leftovers()).toEqual(NOTHING));
});

test('RDP clients get their goodbyes, at a machine as in the lobby, when the service ends', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.roles = { vitrine: 'use', alice: 'use' };
  const atMachine = new Client('freerdp-2', town.acceptRdp(), fakeSession('memory'));
  watch(atMachine, 640, 400);
  await atMachine.activate();
  expect(home.visitors.list()).toHaveLength(1);
  (await town.home('desk-2')).roles = { vitrine: 'use', alice: 'use' };
  const inLobby = new Client('freerdp-2', town.acceptRdp(), fakeSession('memory'));
  await inLobby.activate();
  expect(town.broker.visits).toHaveLength(1);
  const early = new Client('freerdp-2', town.acceptRdp(), fakeSession('memory'));
  for (const client of [atMachine, inLobby]) client.heard.length = 0;
  await town.broker.close();
  await quiet();
  for (const client of [atMachine, inLobby]) expect(client.heard).toEqual(['error 1', 'deactivate-all', 'goodbye']);
  expect([atMachine, inLobby, early].map(({ closed }) => closed)).not.toContain(undefined);
  expect(town.leftovers()).toMatchObject({ visits: 0, timers: 0, links: 0 });
  expect(town.audit).toContain('session.end ok vitrine desk-1');
});

test('a machine’s process that is stuck does not keep the service from ending', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await at(home);
  town.directory.tell = () => new Promise(() => {});
  await town.broker.close();
  await watcher.ended();
  await vi.waitFor(() => expect(town.leftovers()).toMatchObject({ visits: 0, timers: 0, links: 0 }));
});
