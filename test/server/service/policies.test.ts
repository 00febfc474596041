import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServiceDirectory } from '../../../server/service/directory.js';
import { Thumbnails } from '../../../server/service/thumbnails.js';
import { Visits } from '../../../server/service/visits.js';
import { Emitter } from '../../../src/base/events.js';
import { silentLog } from '../../../src/base/log.js';
import { Host, pidOf, until } from './fixture.js';

const MINUTE_MS = 60_000;
const LOGOUT_MS = 15_000;

let host: Host;
beforeEach(async () => {
  host = await Host.open();
});
afterEach(() => host.close());

describe('a machine that nobody looks at', () => {
  const put = (action: 'pause' | 'save' | 'shutdown') => host.machine('desk', { idle: { action, afterMinutes: 10 } });

  test.each([
    ['pause', 'paused', 'running'],
    ['save', 'saved', 'running'],
    ['shutdown', 'off', 'running'],
  ] as const)('is put to rest (%s) after a while, and wakes for whoever comes', async (action, rests, wakes) => {
    const desk = await put(action);
    await desk.start();
    const pid = pidOf(desk);
    host.clock.advance(10 * MINUTE_MS - 1);
    expect(desk.state).toBe('running');
    host.clock.advance(1);
    await until(() => desk.state === rests);
    await desk.wake();
    await until(() => desk.state === wakes);
    expect(pidOf(desk) === pid).toBe(action === 'pause');
    if (action === 'save') expect(host.seen('desk')).toContain(`went on from state of ${pid}`);
  });

  test('is left alone while somebody is there, and gets the whole time when they leave', async () => {
    const desk = await put('pause');
    await desk.start();
    host.clock.advance(9 * MINUTE_MS);
    await host.present(desk, 'alice');
    host.clock.advance(20 * MINUTE_MS);
    await host.present(desk);
    host.clock.advance(9 * MINUTE_MS);
    expect(desk.state).toBe('running');
    host.clock.advance(MINUTE_MS);
    await until(() => desk.state === 'paused');
  });

  test('goes on where it cannot be put to rest, and is tried again', async () => {
    const desk = await put('save');
    host.play('desk', { savesNothing: true });
    await desk.start();
    host.clock.advance(10 * MINUTE_MS);
    await until(() => host.log.some((line) => line.includes('the disk is full')));
    expect(desk.state).toBe('running');
    host.clock.advance(10 * MINUTE_MS);
    await until(() => host.log.filter((line) => line.includes('the disk is full')).length === 2);
  });
});

test('what is to become of a machine that nobody looks at may change while nobody does', async () => {
  const desk = await host.machine('desk');
  await desk.start();
  const become = (idle?: { action: 'pause' | 'save'; afterMinutes: number }) =>
    host.catalog.replace('desk', { demo: true, ...(idle && { idle }) });
  await become({ action: 'save', afterMinutes: 10 });
  host.clock.advance(9 * MINUTE_MS);
  await become();
  host.clock.advance(60 * MINUTE_MS);
  expect(desk.state).toBe('running');
  await become({ action: 'save', afterMinutes: 10 });
  host.clock.advance(5 * MINUTE_MS);
  await become({ action: 'pause', afterMinutes: 20 });
  host.clock.advance(20 * MINUTE_MS - 1);
  expect(desk.state).toBe('running');
  host.clock.advance(1);
  await until(() => desk.state === 'paused');
});

const ALICE = { user: 'alice', rights: 'control' as const };
const BOB = { user: 'Bob', rights: 'control' as const };

/** What the broker asks; everybody but the guest is of the staff. */
function directoryOf({ service, folder }: Host): ServiceDirectory {
  return new ServiceDirectory({
    service,
    thumbnails: new Thumbnails(),
    visits: new Visits(join(folder, 'visits.json'), silentLog),
    subjectOf: ({ user }) => ({ user, admin: false, groups: user === 'guest' ? [] : ['staff'] }),
    onUser: new Emitter<void>(),
    audit: () => {},
  });
}

test.each([
  ['by their role', { user: 'guest', rights: 'control' as const }],
  ['by their ticket', { user: 'alice', rights: 'view' as const }],
])('whoever may only watch (%s) starts nothing', async (_, identity) => {
  const desk = await host.machine('desk', { access: { alice: 'use', guest: 'view' } });
  const directory = directoryOf(host);
  const refusal = { code: 'wrong-state', message: 'desk is off, and you may only watch it' };
  await expect(directory.wake('desk', identity)).rejects.toMatchObject(refusal);
  expect(host.seen('desk')).toEqual([]);
  await directory.wake('desk', ALICE);
  expect(await directory.wake('desk', identity)).toMatchObject({ machine: 'desk', socket: desk.process.socket });
  await desk.save();
  await expect(directory.wake('desk', identity)).rejects.toMatchObject({ code: 'wrong-state' });
});

describe('a pool', () => {
  let directory: ServiceDirectory;
  const pool = async (type: 'per-user' | 'ephemeral', most?: number) => {
    const size = most === undefined ? {} : { most };
    await host.machine('lab', { template: true, pool: { type, ...size }, access: { '@staff': 'use', guest: 'view' } });
    directory = directoryOf(host);
  };
  const reachable = (identity: typeof ALICE) => directory.reachable(identity).map(({ name }) => name);

  test('gives each user a machine of their own at the first login, and the same again', async () => {
    await pool('per-user');
    expect([reachable(ALICE), reachable(BOB)]).toEqual([['lab'], ['lab']]);
    const [first, second] = await Promise.all([directory.wake('lab', ALICE), directory.wake('lab', ALICE)]);
    expect([first.machine, second.machine]).toEqual(['lab-alice', 'lab-alice']);
    expect((await directory.wake('lab', BOB)).machine).toBe('lab-Bob');
    expect([reachable(ALICE), reachable(BOB)]).toEqual([['lab-alice'], ['lab-Bob']]);
    await expect(directory.wake('lab-alice', BOB)).rejects.toMatchObject({ code: 'no-such-machine' });
    const desk = host.service.machine('lab-alice');
    expect(desk.config).toMatchObject({ origin: { template: 'lab', user: 'alice' }, access: { alice: 'operate' } });
    await desk.stop();
    expect((await directory.wake('lab-alice', ALICE)).machine).toBe('lab-alice');
    expect(host.seen('lab-alice')).toEqual(['started', 'off', 'started']);
  });

  test('has an end, and is not for those who may only watch', async () => {
    await pool('per-user', 1);
    await directory.wake('lab', ALICE);
    await expect(directory.wake('lab', BOB)).rejects.toMatchObject({
      code: 'host-full',
      message: 'all 1 machines of lab are taken',
    });
    const guest = { user: 'guest', rights: 'control' as const };
    expect(reachable(guest)).toEqual([]);
    await expect(directory.wake('lab', guest)).rejects.toMatchObject({ code: 'no-such-machine' });
  });

  test('of ephemeral machines forgets what somebody did when they log out', async () => {
    await pool('ephemeral');
    await directory.wake('lab', ALICE);
    const desk = host.service.machine('lab-alice');
    // Not before somebody has been there at all.
    host.clock.advance(10 * MINUTE_MS);
    expect(desk.state).toBe('running');
    await host.present(desk, 'alice');
    await host.present(desk);
    // A connection that breaks is no logout.
    host.clock.advance(LOGOUT_MS - 1);
    await host.present(desk, 'alice');
    host.clock.advance(LOGOUT_MS);
    expect(desk.state).toBe('running');
    await host.present(desk);
    host.clock.advance(LOGOUT_MS);
    await until(() => host.service.machines.length === 1);
    expect(reachable(ALICE)).toEqual(['lab']);
    await directory.wake('lab', ALICE);
    expect(host.seen('lab-alice')).toEqual(['started', 'off', 'started']);
  });

  test('of ephemeral machines forgets those who left while the service was away', async () => {
    await pool('ephemeral');
    await directory.wake('lab', ALICE);
    const desk = host.service.machine('lab-alice');
    await host.present(desk, 'alice');
    host.leave();
    await host.begin();
    await host.service.open();
    await host.present(host.service.machine('lab-alice'));
    host.clock.advance(LOGOUT_MS);
    await until(() => host.service.machines.length === 1);
  });

  test('of ephemeral machines forgets those that are off, whoever turned them off', async () => {
    await pool('ephemeral');
    await directory.wake('lab', ALICE);
    const desk = host.service.machine('lab-alice');
    await host.present(desk, 'alice');
    await host.happens(desk, 'end', { state: 'stopped', reason: 'the guest powered off' });
    await until(() => desk.state === 'off');
    host.clock.advance(LOGOUT_MS);
    await until(() => host.service.machines.length === 1);
    await directory.wake('lab', BOB);
    await host.service.machine('lab-Bob').stop();
    host.leave();
    await host.begin();
    await host.service.open();
    host.clock.advance(LOGOUT_MS);
    await until(() => host.service.machines.length === 1);
  });
});
