import { mkdirSync, rmdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { Slots } from '../../../server/service/slots.js';
import { findServer } from '../../../server/service/spawn.js';
import { Host, until } from './fixture.js';

test('so many at a time, the others in order, and a turn that is over twice is over once', async () => {
  const slots = new Slots(2);
  const [first, second] = [await slots.take(), await slots.take()];
  const order: string[] = [];
  const take = async (name: string) => {
    const over = await slots.take();
    order.push(name);
    return over;
  };
  const third = take('third');
  const fourth = take('fourth');
  await Promise.resolve();
  expect(order).toEqual([]);
  first();
  first();
  (await third)();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
  second();
  await slots.take();
});

test('machines start a few at a time; one that never gets up makes room when it is stopped', async () => {
  const host = await Host.open();
  onTestFinished(() => host.close());
  const most = Math.max(2, availableParallelism());
  const names = Array.from({ length: most }, (_, i) => `slow-${i}`);
  for (const name of names) host.play(name, { startsForEver: true });
  const slow = await Promise.all(names.map((name) => host.machine(name)));
  const ends = slow.map((machine) => machine.start().catch((error: Error) => error.message));
  await until(() => slow.every(({ process }) => process.state === 'starting'));

  const last = await host.machine('last');
  const started = last.start();
  await until(() => last.reason === 'waits for its turn to start');
  expect(last.state).toBe('starting');
  expect(last.promisedMiB).toBe(0);
  expect(host.seen('last')).toEqual([]);

  const given = await host.machine('given-up');
  const never = given.start();
  await until(() => given.state === 'starting');
  await Promise.all([given.stop(), expect(never).rejects.toThrow('given-up was stopped while it waited to start')]);
  expect([given.state, given.reason]).toEqual(['off', undefined]);

  await slow[0]!.stop();
  await started;
  expect(last.state).toBe('running');
  expect(host.seen('given-up')).toEqual([]);
  expect(await ends[0]).toBe('slow-0 was stopped while it started');
  await Promise.all(slow.slice(1).map((machine) => machine.stop()));
  await Promise.all(ends);
});

test('a start that takes for ever lets others begin', async () => {
  const host = await Host.open();
  onTestFinished(() => host.close());
  const names = Array.from({ length: Math.max(2, availableParallelism()) }, (_, i) => `slow-${i}`);
  for (const name of names) host.play(name, { startsForEver: true });
  const slow = await Promise.all(names.map((name) => host.machine(name)));
  const ends = slow.map((machine) => machine.start().catch(() => {}));
  await until(() => slow.every(({ process }) => process.status !== undefined));
  const last = await host.machine('last');
  const started = last.start();
  await until(() => last.reason === 'waits for its turn to start');
  host.clock.advance(30_000);
  await started;
  expect(last.state).toBe('running');
  await Promise.all(slow.map((machine) => machine.stop()));
  await Promise.all(ends);
});

test('a process of which another service could not be told is not left alone', async () => {
  const host = await Host.open();
  onTestFinished(() => host.close());
  const desk = await host.machine('desk');
  const { socket } = desk.process;
  mkdirSync(`${socket}.new`);
  await expect(desk.start()).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringMatching(/^its process cannot be started: EISDIR/),
  });
  await until(() => findServer(desk.entry.folder, socket) === undefined);
  rmdirSync(`${socket}.new`);
  await desk.start();
  expect(desk.state).toBe('running');
});

test('logins go first, for a few seconds', async () => {
  const host = await Host.open();
  onTestFinished(() => host.close());
  const desks = await Promise.all(['a', 'b', 'c'].map((name) => host.machine(name)));
  let done = (): void => {};
  host.loginsDone = new Promise((resolve) => {
    done = resolve;
  });
  const [first, second, third] = desks.map((desk) => desk.start());
  await until(() => desks.every(({ reason }) => reason === 'waits for its turn to start'));
  const refused = expect(first).rejects.toThrow('a was stopped while it waited to start');
  await desks[0]!.stop();
  await refused;
  host.clock.advance(5_000);
  await Promise.race([second, third]);
  expect(host.seen('a')).toEqual([]);
  host.loginsDone = Promise.resolve();
  done();
  await Promise.all([second, third]);
});
