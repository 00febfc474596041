import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../../server/broker/broker.js';
import type { ControlConnection } from '../../../server/ipc/control-client.js';
import type { ManagedMachine } from '../../../server/service/managed-machine.js';
import { ProcessLink } from '../../../server/service/process-link.js';
import { Sessions } from '../../../server/service/sessions.js';
import { exists } from '../../../server/service/spawn.js';
import { FakeClock } from '../../fake-clock.js';
import { Host, pidOf, until } from './fixture.js';

const ADOPT_MS = 5_000;
const END_MS = 10_000;
const LOOK_MS = 10_000;

let host: Host;
beforeEach(async () => {
  host = await Host.open();
});
afterEach(() => host.close());

async function stopped(desk: ManagedMachine, pid: number): Promise<void> {
  const stop = desk.stop();
  await until(() => desk.state === 'stopping');
  host.clock.advance(END_MS);
  await stop;
  expect([desk.state, desk.reason, exists(pid), existsSync(desk.process.socket)]).toEqual([
    'off',
    undefined,
    false,
    false,
  ]);
}

describe('a process that hangs when the service comes', () => {
  let desk: ManagedMachine;
  let pid: number;
  beforeEach(async () => {
    const before = await host.machine('desk');
    await before.start();
    pid = pidOf(before);
    process.kill(pid, 'SIGSTOP');
    host.leave();
    await host.begin();
    desk = host.service.machine('desk');
    const opened = host.service.open();
    await until(() => desk.isUp);
    host.clock.advance(ADOPT_MS);
    await opened;
    expect([desk.state, desk.reason]).toEqual(['crashed', 'its process does not answer']);
  });
  afterEach(() => {
    if (exists(pid)) process.kill(pid, 'SIGKILL');
  });

  test('keeps its disks to itself, and is ended by a stop', async () => {
    const refusal = {
      code: 'unavailable',
      message: 'the process of desk does not answer; wait, or end it: vitrine stop desk',
    };
    await expect(desk.start()).rejects.toMatchObject(refusal);
    await expect(desk.wake()).rejects.toMatchObject(refusal);
    await expect(host.service.remove('desk')).rejects.toMatchObject({ message: 'desk is running; stop it first' });
    expect(host.service.promisedMiB).toBe(64 + 96);
    await stopped(desk, pid);
    await desk.start();
    expect(desk.state).toBe('running');
  });

  test('is as good as ever when it comes round', async () => {
    process.kill(pid, 'SIGCONT');
    await until(() => desk.state === 'running');
    expect([desk.reason, pidOf(desk), host.seen('desk')]).toEqual([undefined, pid, ['started']]);
  });
});

test.each([
  ['is paused', (desk: ManagedMachine) => desk.power('pause')],
  ['is saved', (desk: ManagedMachine) => desk.save()],
  ['is photographed', (desk: ManagedMachine) => desk.takeSnapshot('x', '')],
])('one that hangs while it %s is given up, and can be stopped', async (_, work) => {
  const desk = await host.machine('desk');
  await desk.start();
  const pid = pidOf(desk);
  process.kill(pid, 'SIGSTOP');
  const worked = work(desk);
  let isOver = false;
  worked.catch(() => {
    isOver = true;
  });
  await until(() => {
    host.clock.advance(1_000);
    return isOver;
  });
  await expect(worked).rejects.toMatchObject({ code: 'failed', message: 'its process does not answer' });
  await stopped(desk, pid);
});

test('what takes long is waited for', async () => {
  const desk = await host.machine('desk');
  host.play('desk', { savesSlowly: true });
  await desk.start();
  const saved = desk.save();
  await until(() => host.seen('desk').includes('saving'));
  for (let i = 0; i < 10; i++) {
    host.clock.advance(LOOK_MS);
    await desk.process.refresh();
  }
  host.open('desk');
  await saved;
  expect(desk.state).toBe('saved');
});

test('one that hangs is asked once how it is, however many want to know', async () => {
  const asked: string[] = [];
  const request = (op: string) => {
    asked.push(op);
    return new Promise(() => {});
  };
  const link = new ProcessLink({ request } as unknown as ControlConnection, new FakeClock());
  for (let i = 0; i < 300; i++) void link.status();
  expect(asked).toEqual(['status']);
});

test('one that hangs keeps nobody who is kicked', async () => {
  const desk = await host.machine('desk');
  await desk.start();
  await host.present(desk, 'alice');
  process.kill(pidOf(desk), 'SIGSTOP');
  const ended: string[] = [];
  const cut = (id: string, reason: string) => ended.push(`${id}: ${reason}`) > 0;
  const broker = { visits: [], cut } as unknown as Broker;
  const sessions = new Sessions(host.service, broker);
  const [alice] = sessions.list();
  const kicked = sessions.kick(alice!, 'root', 'the lesson is over');
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toEqual([]);
  host.clock.advance(10_000);
  host.clock.advance(20_000);
  await kicked;
  expect(ended).toEqual(['s-alice: the lesson is over']);
});
