import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openMachine } from '../../../server/ipc/hello.js';
import type { RfbHandover } from '../../../server/session/handover.js';
import type { Visitor } from '../../../server/session/visitor.js';
import type { MemoryTransport } from '../../../server/transport/memory.js';
import { TcpTransport } from '../../../server/transport/tcp.js';
import { Viewer } from '../rfb/viewer.js';
import { House, until } from './fixture.js';

const F9 = 0x43;

interface Arrival {
  readonly viewer: Viewer;
  readonly socket: Socket;
}

function visitor(session: string, more: Partial<Visitor> = {}): Visitor {
  return { session, user: session, remote: '10.0.0.7', via: 'rfb', rights: 'control', returns: false, ...more };
}

/** As the broker brings a browser: nothing has been said yet. */
async function arrive(house: House, who: Visitor): Promise<Arrival> {
  const hello: RfbHandover = { kind: 'rfb', visitor: who, stage: 'greeting', rest: '' };
  const socket = await openMachine(house.socket, hello);
  // A transport as good as any for a client.
  const viewer = new Viewer(new TcpTransport(socket) as unknown as MemoryTransport);
  return { viewer, socket };
}

async function enter(house: House, who: Visitor): Promise<Arrival> {
  const arrival = await arrive(house, who);
  const { viewer } = arrival;
  await viewer.read(12);
  viewer.transport.write(Buffer.from('RFB 003.008\n'));
  const types = await viewer.read((await viewer.read(1))[0]!);
  expect([...types]).toContain(1);
  viewer.send('01');
  await viewer.result();
  await viewer.init();
  return arrival;
}

/** KeyEvent with a Latin-1 keysym. */
function type(viewer: Viewer, character: string): void {
  const keysym = character.charCodeAt(0).toString(16).padStart(8, '0');
  viewer.send(`04 01 0000 ${keysym}`);
  viewer.send(`04 00 0000 ${keysym}`);
}

/** What was typed before has been heard: a picture that is asked for behind it comes. */
async function heard(viewer: Viewer): Promise<void> {
  viewer.request(false, 0, 0, 1, 1);
  await viewer.update();
}

test('somebody who was let in sees the screen, types, and stands in the list', async () => {
  const house = new House();
  const control = await house.control();
  const { viewer, socket } = await enter(house, visitor('alice', { user: 'Alice', via: 'websocket' }));
  expect([viewer.width, viewer.height, viewer.name]).toEqual([640, 480, 'card']);
  type(viewer, 'x');
  await until(() => house.engines[0]?.typed === 'x');
  const [session] = await control.sessions((all) => all.length === 1);
  expect(session).toMatchObject({
    session: 'alice',
    user: 'Alice',
    remote: '10.0.0.7',
    via: 'websocket',
    rights: 'control',
  });
  const { sessions, meters } = await control.request('status', {});
  expect(sessions).toHaveLength(1);
  expect(meters.sentBytes).toBeGreaterThan(0);
  socket.end();
  await control.sessions((all) => all.length === 0);
  const after = await control.request('status', {});
  expect(after.sessions).toEqual([]);
  // What is past still counts.
  expect(after.meters.sentBytes).toBeGreaterThanOrEqual(meters.sentBytes);
});

test('who may only watch does, until an operator says otherwise, which one cannot of a view-only ticket', async () => {
  const house = new House();
  const control = await house.control();
  const alice = await enter(house, visitor('alice'));
  await enter(house, visitor('auditor', { rights: 'view' }));
  await control.sessions((all) => all.length === 2);
  await control.request('setRights', { session: 'alice', rights: 'view' });
  await control.sessions((all) => all.every(({ rights }) => rights === 'view'));
  type(alice.viewer, 'x');
  await heard(alice.viewer);
  await expect(control.request('setRights', { session: 'auditor', rights: 'control' })).rejects.toMatchObject({
    code: 'forbidden',
    message: 'auditor may only watch',
  });
  await control.request('setRights', { session: 'alice', rights: 'control' });
  type(alice.viewer, 'y');
  await until(() => house.engines[0]!.typed !== '');
  expect(house.engines[0]?.typed).toBe('y');
});

test('a kicked visitor of no return is closed; one who returns goes back with all that nobody acted on', async () => {
  const house = new House();
  const control = await house.control();
  const alice = await enter(house, visitor('alice'));
  const bob = await enter(house, visitor('bob', { returns: true }));
  await control.sessions((all) => all.length === 2);
  await control.request('kick', { session: 'alice', by: 'root' });
  await alice.viewer.ended();
  expect(alice.viewer.unread).toBe(0);

  // Half of a message, then the kick, then the other half and one more: none of it may be lost.
  bob.viewer.send('04 01');
  type(bob.viewer, 'x');
  await control.request('kick', { session: 'bob', by: 'root', message: 'time is up' });
  const back = await control.next('return');
  expect(back).toMatchObject({ session: 'bob', reason: 'kicked', text: 'time is up' });
  expect(back.handover).toMatchObject({ kind: 'rfb', stage: 'running' });
  bob.socket.write('after');
  bob.socket.end();
  await bob.viewer.ended();
  const rest = await bob.viewer.read(bob.viewer.unread);
  const { handover } = back;
  const unread = Buffer.concat([Buffer.from((handover as { rest: string }).rest, 'base64'), rest]).toString('latin1');
  expect(unread.endsWith('after')).toBe(true);
  expect((await control.request('status', {})).sessions).toEqual([]);
});

test('who is dismissed is closed, and does not go back', async () => {
  const house = new House();
  const control = await house.control();
  const bob = await enter(house, visitor('bob', { returns: true }));
  await control.sessions((all) => all.length === 1);
  await control.request('dismiss', { session: 'bob', reason: 'shutdown', text: 'the service is going down' });
  await bob.viewer.ended();
  expect(control.events.filter(({ event }) => event === 'return')).toEqual([]);
  await expect(
    control.request('dismiss', { session: 'bob', reason: 'bored' as 'kicked', text: '' }),
  ).rejects.toMatchObject({ code: 'bad-request' });
});

test('what somebody may do at most changes while they are here; who is only coming in is not known yet', async () => {
  const house = new House();
  const control = await house.control();
  const alice = await enter(house, visitor('alice'));
  await control.sessions((all) => all.length === 1);
  await control.request('limit', { session: 'alice', rights: 'view' });
  await control.sessions((all) => all[0]?.rights === 'view');
  await expect(control.request('setRights', { session: 'alice', rights: 'control' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  type(alice.viewer, 'x');
  await heard(alice.viewer);
  await control.request('limit', { session: 'alice', rights: 'control' });
  type(alice.viewer, 'y');
  await until(() => house.engines[0]!.typed !== '');
  expect(house.engines[0]?.typed).toBe('y');

  const bob = await arrive(house, visitor('bob'));
  await bob.viewer.read(12);
  await expect(control.request('limit', { session: 'bob', rights: 'view' })).rejects.toMatchObject({
    code: 'wrong-state',
  });
});

test('of what was written the client’s share is told to the byte', async () => {
  const house = new House();
  const control = await house.control();
  const { viewer, socket } = await arrive(house, visitor('bob', { returns: true }));
  const said: Buffer[] = [];
  viewer.transport.onData = (bytes) => said.push(Buffer.from(bytes));
  const handshake = '524642 203030332e3030380a 01 01';
  viewer.send(handshake);
  // FramebufferUpdateRequest of everything.
  viewer.send('03 00 0000 0000 0280 01e0');
  await control.sessions((all) => all.length === 1);
  await until(async () => (await control.request('status', {})).sessions[0]!.updates > 0);
  await control.request('kick', { session: 'bob', by: 'root' });
  const { sentBytes } = await control.next('return');
  socket.write('XYZ');
  const closed = new Promise((resolve) => {
    viewer.transport.onClose = resolve;
  });
  socket.end();
  await closed;
  const all = Buffer.concat(said);
  expect(all.subarray(sentBytes).toString()).toBe('XYZ');
});

test('takeover: who was there goes back and is told by whom', async () => {
  const house = new House({ share: 'takeover' });
  const control = await house.control();
  const alice = await enter(house, visitor('alice', { returns: true }));
  const bob = await enter(house, visitor('bob', { returns: true }));
  expect(await control.next('return')).toMatchObject({
    session: 'alice',
    reason: 'taken-over',
    text: 'bob has taken over the screen',
  });
  await control.sessions((all) => all.length === 1 && all[0]!.session === 'bob');
  for (const { socket } of [alice, bob]) socket.end();
});

test('exclusive: the second is refused with who is there', async () => {
  const house = new House({ share: 'exclusive' });
  await house.control();
  await enter(house, visitor('alice'));
  await expect(enter(house, visitor('bob'))).rejects.toThrow('alice is using this screen');
});

test('viewers stay while their guest is started again', async () => {
  const house = new House();
  const control = await house.control();
  const { viewer } = await enter(house, visitor('alice'));
  await control.request('keys', { keys: [{ code: F9, down: true }] });
  await control.state('starting');
  await control.state('running');
  type(viewer, 'z');
  await until(() => house.engines[1]?.typed === 'z');
  expect(viewer.closed).toBeUndefined();
});

test('when the machine ends for good, who returns goes back with the reason, and the process waits for it', async () => {
  const house = new House({ restart: 'never' });
  const control = await house.control();
  const alice = await enter(house, visitor('alice', { returns: true }));
  const bob = await enter(house, visitor('bob'));
  await control.request('keys', { keys: [{ code: F9, down: true }] });
  expect(await control.next('return')).toMatchObject({
    session: 'alice',
    reason: 'guest-stopped',
    text: 'the guest crashed: the test card was told to crash (F9)',
  });
  alice.socket.end('last words');
  await alice.viewer.ended();
  expect((await alice.viewer.read(alice.viewer.unread)).toString()).toContain('last words');
  await bob.viewer.ended();
  expect(await house.ended).toBe('crashed');
});

test('a session’s name that is taken, a handover that is garbled: each ends its own connection', async () => {
  const house = new House();
  const control = await house.control();
  const alice = await enter(house, visitor('alice'));
  const twin = await arrive(house, visitor('alice'));
  await twin.viewer.ended();
  const broken = await openMachine(house.socket, {
    kind: 'rdp',
    visitor: visitor('carol'),
    request: 'AAAA',
    plain: 'not base64 at all',
  });
  await new Promise((resolve) => broken.resume().once('end', resolve));
  broken.destroy();
  type(alice.viewer, 'a');
  await until(() => house.engines[0]?.typed === 'a');
  expect((await control.request('status', {})).sessions).toHaveLength(1);
});
