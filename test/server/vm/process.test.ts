import { existsSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { PatternEngine } from '../../../src/engine/pattern/pattern.js';
import type { Machine } from '../../../src/machine/machine.js';
import { Random } from '../../random.js';
import { House, until } from './fixture.js';

const [KEY_A, F2, F9, F10] = [0x1e, 0x3c, 0x43, 0x44];
const tap = (code: number) => ({
  keys: [
    { code, down: true },
    { code, down: false },
  ],
});

test('tells what it is', async () => {
  const house = new House();
  const control = await house.control();
  const status = await control.request('status', {});
  expect(status).toMatchObject({
    name: 'card',
    pid: process.pid,
    engine: 'pattern',
    accel: null,
    state: 'running',
    width: 640,
    height: 480,
    restarts: 0,
    power: ['pause', 'resume', 'reset', 'shutdown', 'off'],
    sessions: [],
  });
  expect(Date.now() - Date.parse(status.startedAt)).toBeLessThan(60_000);
  expect(status.meters.rssBytes).toBeGreaterThan(1 << 20);
  expect(statSync(house.socket).mode & 0o777).toBe(0o600);
});

test('a key changes the picture, which the meters and a watcher hear of', async () => {
  const house = new House();
  const control = await house.control();
  await control.next('screen');
  await control.request('screenshot', { maxWidth: 64 });
  const before = (await control.request('status', {})).meters;
  await control.request('keys', tap(KEY_A));
  await control.next('screen');
  const after = (await control.request('status', {})).meters;
  expect(house.engines[0]?.typed).toBe('a');
  expect(after.framesPublished).toBeGreaterThan(before.framesPublished);
  expect(after.inputs).toBeGreaterThan(before.inputs);
  expect(after.inputToDamageMs).toBeGreaterThanOrEqual(before.inputToDamageMs);
});

test('a screenshot is the screen pixel by pixel, a small one its means', async () => {
  let machine!: Machine;
  const house = new House({
    prepare: (made) => {
      machine = made;
    },
  });
  const control = await house.control();
  const whole = await control.request('screenshot', {});
  const picture = PNG.sync.read(Buffer.from(whole.png, 'base64'));
  expect([whole.width, whole.height, picture.width, picture.height]).toEqual([640, 480, 640, 480]);
  const { words } = machine.display.framebuffer;
  const shown = new Uint32Array(words.length);
  for (let i = 0; i < shown.length; i++) shown[i] = picture.data.readUInt32BE(i * 4) >>> 8;
  expect(shown).toEqual(words.slice().map((word) => word & 0xffffff));
  const small = await control.request('screenshot', { maxWidth: 160 });
  const thumbnail = PNG.sync.read(Buffer.from(small.png, 'base64'));
  expect([small.width, small.height]).toEqual([160, 120]);
  const off: number[] = [];
  for (let y = 0; y < 120; y++) {
    for (let x = 0; x < 160; x++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let i = 0; i < 16; i++) {
          sum += picture.data[((y * 4 + (i >> 2)) * 640 + x * 4 + (i & 3)) * 4 + channel]!;
        }
        off.push(Math.abs(thumbnail.data[(y * 160 + x) * 4 + channel]! - sum / 16));
      }
    }
  }
  expect(Math.max(...off)).toBeLessThanOrEqual(0.5);
});

test('types text, with capitals whatever Caps Lock says, and counts what it cannot', async () => {
  const house = new House();
  const control = await house.control();
  expect(await control.request('type', { text: 'Grüße, {World}!' })).toEqual({ untyped: 2 });
  expect(house.engines[0]?.typed).toBe('Gre, {World}!');
  await control.request('type', { text: '\r\n' });
  expect(house.engines[0]?.typed).toBe('');
  await control.request('keys', tap(0x3a));
  // Two at once come one after the other.
  await Promise.all([control.request('type', { text: 'Ab1' }), control.request('type', { text: 'cD!' })]);
  expect(house.engines[0]?.typed).toBe('Ab1cD!');
});

test('typing ends when nobody waits for it any more', async () => {
  const house = new House();
  const control = await house.control();
  const typing = control.request('type', { text: 'x'.repeat(5_000) });
  await until(() => house.engines[0]!.typed.length > 3);
  control.connection.close();
  await expect(typing).rejects.toMatchObject({ code: 'unavailable' });
  const again = await house.control();
  await again.request('type', { text: '\n' });
  expect(house.engines[0]?.typed).toBe('');
});

test('what a caller holds down goes up when it is gone', async () => {
  const house = new House();
  const control = await house.control();
  await control.request('keys', { keys: [{ code: 0x2a, down: true }] });
  control.connection.close();
  const other = await house.control();
  await until(async () => {
    await other.request('keys', { keys: [...tap(0x1c).keys, ...tap(KEY_A).keys] });
    return house.engines[0]?.typed === 'a';
  });
});

test('the pointer, the size, power', async () => {
  const house = new House();
  const control = await house.control();
  await control.request('pointer', { x: 10, y: 20, buttons: 1, wheelY: -1 });
  expect(await control.request('requestSize', { width: 800, height: 600 })).toEqual({ asked: true });
  expect(await control.request('status', {})).toMatchObject({ width: 800, height: 600 });
  await control.request('power', { action: 'pause' });
  await control.state('paused');
  await expect(control.request('power', { action: 'pause' })).rejects.toMatchObject({ code: 'wrong-state' });
  await expect(control.request('type', { text: 'x' })).rejects.toMatchObject({ code: 'wrong-state' });
  await control.request('power', { action: 'resume' });
  await control.state('running');
});

test.each([
  ['power', { action: 'explode' }],
  ['screenshot', { maxWidth: 0 }],
  ['screenshot', { maxWidth: '64' }],
  ['type', { text: 7 }],
  ['type', { text: 'x'.repeat(10_001) }],
  ['keys', { keys: [{ code: 0x100, down: true }] }],
  ['keys', { keys: [null] }],
  ['keys', { keys: 'a' }],
  ['pointer', { x: 640, y: 0, buttons: 0 }],
  ['pointer', { x: 0, y: 0, buttons: 0.5 }],
  ['requestSize', { width: -1, height: 5 }],
  ['kick', { session: 1, by: 'x' }],
  ['setRights', { session: 'x', rights: 'all' }],
  ['snapshot', { stateFile: 'relative', overlays: [] }],
  ['saveState', {}],
  ['balloon', { memoryMiB: 1e9 }],
] as const)('%s %j is a bad request', async (op, params) => {
  const house = new House();
  const control = await house.control();
  await expect(control.request(op, params as never)).rejects.toMatchObject({ code: 'bad-request' });
  expect((await control.request('status', {})).state).toBe('running');
});

test.each([
  ['clipboard', { text: 'x' }, 'not-supported'],
  ['snapshot', { stateFile: '/nowhere/state', overlays: [] }, 'not-supported'],
  ['saveState', { stateFile: '/nowhere/state' }, 'not-supported'],
  ['balloon', { memoryMiB: 64 }, 'not-supported'],
  ['kick', { session: 'x', by: 'root' }, 'no-such-session'],
] as const)('%s is refused where it cannot be, and the machine goes on', async (op, params, code) => {
  const house = new House();
  const control = await house.control();
  await expect(control.request(op, params as never)).rejects.toMatchObject({ code });
  expect((await control.request('status', {})).state).toBe('running');
});

test('a guest that crashes comes back; its watchers hear why', async () => {
  const house = new House();
  const control = await house.control();
  await control.request('keys', { keys: [{ code: F9, down: true }] });
  expect(await control.state('starting')).toBe(
    'the guest crashed: the test card was told to crash (F9); starting it again in 1 s',
  );
  await expect(control.request('type', { text: 'x' })).rejects.toMatchObject({ code: 'wrong-state' });
  await control.state('running');
  expect(await control.request('status', {})).toMatchObject({ state: 'running', restarts: 1 });
  await control.request('type', { text: 'back' });
  expect(house.engines[1]?.typed).toBe('back');
});

test.each([
  ['crashes', F9, 'crashed', 'crashed', 'the test card was told to crash (F9)'],
  ['powers off', F10, 'ended', 'stopped', 'the guest powered off'],
] as const)('a guest that %s and does not come back ends the process, and its watchers hear why', async (...row) => {
  const [, key, end, state, reason] = row;
  const house = new House({ restart: 'never' });
  const control = await house.control();
  const closed = control.connection.onClose.next();
  await control.request('keys', { keys: [{ code: key, down: true }] });
  expect(await house.ended).toBe(end);
  await closed;
  expect(await control.state(state)).toBe(reason);
  expect(existsSync(house.socket)).toBe(false);
});

test('"off" is answered, and ends the process', async () => {
  const house = new House();
  const control = await house.control();
  expect(await control.request('power', { action: 'off' })).toEqual({});
  expect(await house.ended).toBe('ended');
  expect(control.events.at(-1)).toEqual({ event: 'state', state: 'off' });
  expect(existsSync(house.socket)).toBe(false);
});

test('a start that fails rejects, says why to who listens, and leaves nothing', async () => {
  let fail!: (error: Error) => void;
  class Failing extends PatternEngine {
    override start(): Promise<void> {
      return new Promise((_, reject) => {
        fail = reject;
      });
    }
  }
  const house = new House({ engine: new Failing() });
  const control = await house.control();
  // Answered, so it is heard too.
  await control.request('status', {});
  fail(new UserError('the disk is gone'));
  await expect(house.ended).rejects.toThrow('the disk is gone');
  expect(await control.state('crashed')).toBe('the disk is gone');
  expect(existsSync(house.socket)).toBe(false);
});

test('what a killed process has left is replaced; what is served is not', async () => {
  const house = new House();
  await house.control();
  const second = new House({ socket: house.socket });
  await expect(second.ended).rejects.toMatchObject({ code: 'busy' });
  const stale = new House({ socket: await staleSocket(`${house.folder}/stale.sock`) });
  const control = await until(async () => {
    const { connectControl } = await import('../../../server/ipc/control-client.js');
    return connectControl(`${house.folder}/stale.sock`).catch(() => undefined);
  });
  expect((await control.request('status', {})).state).toBe('running');
  control.close();
  await stale.close();
});

test('garbage ends its own connection', async () => {
  const house = new House();
  const control = await house.control();
  const random = new Random(11);
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => {
      const socket = connect(house.socket);
      socket.on('error', () => {});
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const noise = Buffer.from(random.bytes(1 + random.below(5_000)));
      socket.end(i % 3 === 0 ? Buffer.concat([Buffer.from('{"kind":"control"}\n'), noise, Buffer.from('\n')]) : noise);
      return closed;
    }),
  );
  expect((await control.request('status', {})).state).toBe('running');
});

test('a hundred connections leave nothing', async () => {
  const house = new House();
  const control = await house.control();
  await control.request('status', {});
  // Sockets of both ends; timers of other tests' machines may still run down.
  const handles = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;
  const before = handles();
  for (let i = 0; i < 100; i++) {
    const other = await house.control();
    await other.request('pointer', { x: i, y: i, buttons: 1 });
    other.connection.close();
  }
  await until(() => handles() === before);
});

test('many screens asked for at once are all the same', async () => {
  const house = new House();
  const control = await house.control();
  await control.request('keys', { keys: [{ code: F2, down: true }] });
  const shots = await Promise.all(Array.from({ length: 8 }, () => control.request('screenshot', { maxWidth: 100 })));
  expect(new Set(shots.map(({ png }) => png)).size).toBe(1);
  expect(shots[0]).toMatchObject({ width: 100, height: 75 });
});

/** As a process leaves it that was killed. */
async function staleSocket(path: string): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.live`, resolve));
  const { linkSync } = await import('node:fs');
  linkSync(`${path}.live`, path);
  await new Promise((resolve) => server.close(resolve));
  return path;
}
