import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exists } from '../../../server/service/spawn.js';
import { hardwareId } from '../../../src/catalog/hardware.js';
import { Host, pidOf, until } from './fixture.js';

let host: Host;
beforeEach(async () => {
  host = await Host.open();
});
afterEach(() => host.close());

test('a machine is started and stopped, and nothing is left of its process', async () => {
  const desk = await host.machine('desk');
  expect(desk.state).toBe('off');
  await desk.start();
  expect([desk.state, desk.reason, desk.isUp]).toEqual(['running', undefined, true]);
  const pid = pidOf(desk);
  expect(exists(pid)).toBe(true);
  await desk.stop();
  expect([desk.state, desk.isUp, exists(pid), existsSync(desk.process.socket)]).toEqual(['off', false, false, false]);
  await expect(desk.stop()).rejects.toMatchObject({ code: 'wrong-state', message: 'desk is not running' });
});

test('of two starts at once one starts it, and the other is told', async () => {
  const desk = await host.machine('desk');
  const results = await Promise.allSettled([desk.start(), desk.start()]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(results[1]).toMatchObject({ reason: { code: 'wrong-state', message: 'desk is running already' } });
  await Promise.all([desk.wake(), desk.wake()]);
  expect(host.seen('desk')).toEqual(['started']);
});

describe('one that was killed', () => {
  const killed = async (desk: { readonly process: { readonly status: { readonly pid: number } | undefined } }) => {
    const { pid } = desk.process.status!;
    process.kill(pid, 'SIGKILL');
    // Its connection is closed before it is gone; by then, a second has passed otherwise.
    await until(() => desk.process.status === undefined && !exists(pid));
  };

  test('comes back after a wait that grows, and says so', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    for (const seconds of [1, 2, 4]) {
      const before = pidOf(desk);
      await killed(desk);
      expect([desk.state, desk.reason]).toEqual([
        'crashed',
        `its process was killed; starting it again in ${seconds} s`,
      ]);
      host.clock.advance(seconds * 1000 - 1);
      expect(desk.state).toBe('crashed');
      host.clock.advance(1);
      await until(() => desk.state === 'running');
      expect(pidOf(desk)).not.toBe(before);
      expect(desk.reason).toBeUndefined();
    }
    host.clock.advance(60_000);
    await killed(desk);
    expect(desk.reason).toContain('in 1 s');
  });

  test('is tried again where it did not come up', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    host.play('desk', { complaint: 'there is no disk image x' });
    await killed(desk);
    host.clock.advance(1000);
    await until(() => desk.reason === 'there is no disk image x; starting it again in 2 s');
    host.play('desk', {});
    host.clock.advance(2000);
    await until(() => desk.state === 'running');
  });

  test('stays down where that is its policy, and where somebody stopped it meanwhile', async () => {
    const never = await host.machine('never', { restart: 'never' });
    await never.start();
    await killed(never);
    expect([never.state, never.reason]).toEqual(['crashed', 'its process was killed']);
    const desk = await host.machine('desk');
    await desk.start();
    await killed(desk);
    await desk.stop();
    expect([desk.state, desk.reason]).toEqual(['off', undefined]);
    host.clock.advance(120_000);
    await Promise.all([never.giveUp(), desk.giveUp()]);
    expect([host.seen('never'), host.seen('desk')]).toEqual([['started'], ['started']]);
  });

  test('stays down where somebody stops it as it comes back', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    host.play('desk', { startsForEver: true });
    await killed(desk);
    host.clock.advance(1000);
    await until(() => desk.process.status !== undefined);
    await desk.stop();
    expect([desk.state, desk.reason]).toEqual(['off', undefined]);
  });

  test('waits for its turn: what is being done with it is done first', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    await killed(desk);
    let done = (): void => {};
    const work = desk.exclusively(
      () =>
        new Promise<void>((resolve) => {
          done = resolve;
        }),
    );
    host.clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(desk.state).toBe('crashed');
    done();
    await work;
    await until(() => desk.state === 'running');
  });
});

test('a guest that powers off is off, one that crashes for good has crashed', async () => {
  const desk = await host.machine('desk');
  await desk.start();
  await desk.power('shutdown');
  await until(() => desk.state === 'off');
  expect(desk.reason).toBe('the guest powered off');
  await desk.start();
  await host.happens(desk, 'end', { state: 'crashed', reason: 'the kernel panicked' });
  await until(() => desk.state === 'crashed');
  expect(desk.reason).toBe('the kernel panicked');
  host.clock.advance(60_000);
  expect(host.seen('desk')).toEqual(['started', 'shutdown', 'started']);
});

test('the next process waits for the last one, which still has the socket and the disks', async () => {
  const desk = await host.machine('desk');
  host.play('desk', { endsSlowly: true });
  await desk.start();
  const last = desk.process.status!.pid;
  await host.happens(desk, 'end', { state: 'stopped', reason: 'the guest powered off' });
  await until(() => desk.state === 'off');
  const starting = desk.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(host.seen('desk')).toEqual(['started']);
  host.open('desk');
  await starting;
  expect([desk.state, desk.process.status!.pid === last, exists(last)]).toEqual(['running', false, false]);
});

describe('a process', () => {
  test('that complains is quoted', async () => {
    const desk = await host.machine('desk');
    host.play('desk', { complaint: 'there is no disk image x' });
    await expect(desk.start()).rejects.toMatchObject({ code: 'failed', message: 'there is no disk image x' });
    expect([desk.state, desk.reason, desk.isUp]).toEqual(['crashed', 'there is no disk image x', false]);
  });

  test.each([['opensNothing'], ['answersNothing']] as const)('that hangs (%s) is given up and killed', async (how) => {
    const desk = await host.machine('desk');
    host.play('desk', { [how]: true });
    const started = desk.start();
    started.catch(() => {});
    await until(() => host.seen('desk').length === 1 && (how === 'opensNothing' || desk.isUp));
    if (how === 'answersNothing') await until(() => existsSync(desk.process.socket) && desk.process.isAlive);
    host.clock.advance(30_001);
    await expect(started).rejects.toMatchObject({ code: 'failed', message: 'its process does not answer' });
    expect([desk.state, desk.isUp, existsSync(desk.process.socket)]).toEqual(['crashed', false, false]);
    host.play('desk', {});
    await desk.start();
    expect(desk.state).toBe('running');
  });

  test.each([['opensNothing'], ['startsForEver']] as const)('that starts for ever (%s) can be stopped', async (how) => {
    const desk = await host.machine('desk');
    host.play('desk', { [how]: true });
    const started = desk.start();
    started.catch(() => {});
    await until(() => host.seen('desk').length === 1 && (how === 'opensNothing' || desk.process.status !== undefined));
    expect(desk.state).toBe('starting');
    await desk.stop();
    expect([desk.state, desk.isUp]).toEqual(['off', false]);
    await expect(started).rejects.toMatchObject({ message: 'desk was stopped while it started' });
  });

  test('that does not end is killed', async () => {
    const desk = await host.machine('desk');
    host.play('desk', { ignoresOff: true });
    await desk.start();
    const pid = pidOf(desk);
    const stopped = desk.stop();
    await until(() => host.seen('desk').includes('off'));
    expect(desk.state).toBe('stopping');
    host.clock.advance(10_000);
    await stopped;
    expect([desk.state, exists(pid), existsSync(desk.process.socket)]).toEqual(['off', false, false]);
  });

  test('that hangs keeps nobody waiting who asks how it is', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    const pid = pidOf(desk);
    process.kill(pid, 'SIGSTOP');
    const asked = desk.process.refresh();
    host.clock.advance(2000);
    await asked;
    expect(pidOf(desk)).toBe(pid);
  });
});

describe('a service that comes again', () => {
  const again = async (): Promise<void> => {
    host.leave();
    await host.begin();
  };

  test('finds what runs, and who is connected', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    await host.present(desk, 'alice');
    const pid = pidOf(desk);
    await again();
    await host.service.open();
    const found = host.service.machine('DESK');
    expect([found.state, pidOf(found), found.process.sessions.map(({ user }) => user)]).toEqual([
      'running',
      pid,
      ['alice'],
    ]);
    await found.stop();
    expect(exists(pid)).toBe(false);
    expect(host.seen('desk')).toEqual(['started', 'off']);
  });

  test('finds what is starting, before there is a socket to see', async () => {
    const desk = await host.machine('desk');
    host.play('desk', { opensLate: true });
    const started = desk.start();
    started.catch(() => {});
    await until(() => host.seen('desk').length === 1);
    await again();
    await host.service.open();
    const found = host.service.machine('desk');
    expect([found.state, found.isUp, existsSync(found.process.socket)]).toEqual(['starting', true, false]);
    await expect(found.start()).rejects.toThrow('desk is starting already');
    host.open('desk');
    await until(() => found.state === 'running');
    await until(() => !existsSync(`${found.process.socket}.new`));
    await found.stop();
    expect(host.seen('desk')).toEqual(['started', 'off']);
  });

  test('goes on with a process that opens its socket late, instead of with a second one', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    const pid = pidOf(desk);
    await again();
    const found = host.service.machine('desk');
    // As if there had been no socket when the service looked for one.
    await found.start();
    expect([found.state, pidOf(found)]).toEqual(['running', pid]);
    await found.stop();
    expect([exists(pid), existsSync(found.process.socket)]).toEqual([false, false]);
  });

  test('starts what was killed meanwhile, and what is to start with it', async () => {
    const desk = await host.machine('desk');
    await host.machine('auto', { autostart: true });
    await host.machine('template', { template: true });
    await desk.start();
    const pid = pidOf(desk);
    host.leave();
    process.kill(pid, 'SIGKILL');
    await until(() => !exists(pid));
    await host.begin();
    await host.service.open();
    const found = host.service.machine('desk');
    expect(found.reason).toBe('its process was killed while the service was away; starting it again in 1 s');
    host.clock.advance(1000);
    await until(() => [found, host.service.machine('auto')].every(({ state }) => state === 'running'));
    expect(host.service.machines.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'auto running',
      'desk running',
      'template template',
    ]);
  });

  test('does not wait for what is to start with it', async () => {
    host.play('auto', { startsForEver: true });
    await host.machine('auto', { autostart: true });
    await again();
    await host.service.open();
    const auto = host.service.machine('auto');
    await until(() => auto.process.status !== undefined);
    await auto.stop();
  });

  test('does not wait for one that hangs', async () => {
    const [desk, other] = [await host.machine('desk'), await host.machine('other')];
    await Promise.all([desk.start(), other.start()]);
    const pid = pidOf(desk);
    process.kill(pid, 'SIGSTOP');
    await again();
    const opened = host.service.open();
    await until(() => host.service.machine('other').state === 'running');
    await until(() => host.service.machine('desk').isUp);
    host.clock.advance(5000);
    await opened;
    expect(host.service.machine('desk').reason).toBe('its process does not answer');
    process.kill(pid, 'SIGKILL');
  });
});

describe('what must not meet', () => {
  test('deleting and running', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    await expect(host.service.remove('desk')).rejects.toMatchObject({
      code: 'wrong-state',
      message: 'desk is running; stop it first',
    });
    const starting = host.machine('other').then((other) => other.start());
    await desk.stop();
    await host.service.remove('desk');
    expect(readdirSync(join(host.folder, 'machines'))).not.toContain('desk');
    expect(() => host.service.machine('desk')).toThrow('there is no machine desk');
    await starting;
  });

  test('two guests at once where there is memory for one', async () => {
    const small = await Host.open(1000);
    try {
      const machines = [await small.machine('a', { memory: 200 }), await small.machine('b', { memory: 200 })];
      const results = await Promise.allSettled(machines.map((machine) => machine.start()));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(small.service.promisedMiB).toBe(296);
    } finally {
      await small.close();
    }
  });

  test('more guests than there is memory for', async () => {
    const small = await Host.open(1000);
    try {
      const [first, second] = [await small.machine('a', { memory: 200 }), await small.machine('b', { memory: 200 })];
      await first.start();
      await expect(second.start()).rejects.toMatchObject({
        code: 'host-full',
        message:
          'not enough memory on this host: 296 MiB are needed, 296 of 488 MiB are promised to running machines; stop one, or allow more with --overcommit',
      });
      expect([second.state, small.seen('b')]).toEqual(['off', []]);
      await first.balloon(64);
      await second.start();
      expect(small.service.promisedMiB).toBe(64 + 96 + 200 + 96);
      await first.stop();
      expect(small.service.promisedMiB).toBe(296);
    } finally {
      await small.close();
    }
  });
});

describe('a state', () => {
  test('is written, gone on from once, and can be forgotten', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    const pid = pidOf(desk);
    await desk.save();
    expect([desk.state, exists(pid)]).toEqual(['saved', false]);
    host.leave();
    await host.begin();
    const found = host.service.machine('desk');
    expect(found.state).toBe('saved');
    await found.start();
    await found.stop();
    expect(found.state).toBe('off');
    await found.start();
    expect(host.seen('desk')).toEqual(['started', 'started', `went on from state of ${pid}`, 'off', 'started']);
    await found.save();
    await found.discard();
    expect(found.state).toBe('off');
    await expect(found.discard()).rejects.toMatchObject({ code: 'wrong-state' });
  });

  test('is kept by a start that fails', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    await desk.save();
    host.play('desk', { complaint: 'no memory' });
    await expect(desk.start()).rejects.toThrow('no memory');
    host.play('desk', {});
    await desk.start();
    expect(host.seen('desk').at(-1)).toMatch(/^went on/);
  });

  test('fits the hardware that it is of, and none that is defined meanwhile', async () => {
    const desk = await host.machine('desk', { memory: 64 });
    const define = (change: object) => host.catalog.replace('desk', { ...desk.config, ...change });
    host.play('desk', { hardware: hardwareId(desk.config) });
    await desk.start();
    await define({ description: 'for Alice', access: { alice: 'use' } });
    await desk.takeSnapshot('x', '');
    await define({ memory: 96 });
    for (const work of [desk.save(), desk.takeSnapshot('y', '')]) {
      await expect(work).rejects.toMatchObject({
        code: 'wrong-state',
        message: expect.stringContaining('its state would not fit'),
      });
    }
    expect([desk.state, host.catalog.snapshots('desk').length]).toEqual(['running', 1]);
    await define({ memory: 64 });
    await desk.save();
    await expect(define({ memory: 96 })).rejects.toMatchObject({
      code: 'wrong-state',
      message: expect.stringContaining('has a saved state'),
    });
    await define({ description: 'for Bob' });
    await desk.discard();
    await define({ memory: 96 });
  });

  test('that cannot be written leaves the machine running', async () => {
    const desk = await host.machine('desk');
    host.play('desk', { savesNothing: true });
    await desk.start();
    await expect(desk.save()).rejects.toMatchObject({ code: 'failed', message: 'the disk is full' });
    expect(desk.state).toBe('running');
    await expect(desk.takeSnapshot('x', '')).rejects.toThrow('the disk is full');
    expect(host.catalog.snapshots('desk')).toEqual([]);
    process.kill(pidOf(desk), 'SIGKILL');
    await until(() => desk.reason?.includes('starting it again') === true);
  });

  test('of a snapshot is gone back to, again and again', async () => {
    const desk = await host.machine('desk');
    await desk.start();
    const { id } = await desk.takeSnapshot('x', '');
    const state = `went on from snapshot of ${pidOf(desk)}`;
    await desk.restore(id, true);
    await desk.restore(id, true);
    expect(desk.state).toBe('running');
    await desk.stop();
    await desk.restore(id, false);
    expect(desk.state).toBe('saved');
    await desk.start();
    expect(host.seen('desk').filter((what) => what === state)).toHaveLength(3);
    await expect(desk.restore('none', true)).rejects.toMatchObject({ code: 'no-such-snapshot' });
  });
});
