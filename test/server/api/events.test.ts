import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { eventsIn } from '../../../server/api/event-reader.js';
import type { MachineView, ServiceEvent, SessionView } from '../../../server/api/views.js';
import type { Identity } from '../../../server/auth/credentials.js';
import { LIMITS } from '../../../server/limits.js';
import { Emitter } from '../../../src/base/events.js';
import type { Role } from '../../../src/catalog/config.js';
import { machineView } from './fake-operations.js';
import { ACCESS, apiForTest } from './fixture.js';

let api: Awaited<ReturnType<typeof apiForTest>>;
beforeEach(async () => {
  api = await apiForTest();
});

async function open(headers: Record<string, string>): Promise<IncomingMessage> {
  const question = request({ port: api.port, host: '127.0.0.1', path: '/api/v1/events', headers });
  question.end();
  const [response] = (await once(question, 'response')) as [IncomingMessage];
  onTestFinished(() => void response.destroy());
  return response;
}

/** Somebody's stream: `next` events as short texts, as many as asked for. */
async function listen(identity: Identity) {
  const response = await open(api.tokenOf(identity));
  expect(response).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream' } });
  const events = eventsIn(response);
  const next = async (count: number): Promise<string[]> => {
    const texts: string[] = [];
    while (texts.length < count) {
      const { value, done } = await events.next();
      if (done === true) return [...texts, 'end'];
      texts.push(shorten(value));
    }
    return texts;
  };
  return { next, response };
}

function shorten(event: ServiceEvent): string {
  switch (event.type) {
    case 'machine':
      return `${event.machine.name}: ${event.machine.role}`;
    case 'machine-gone':
      return `${event.name}: gone`;
    case 'sessions':
      return `${event.machine}: ${event.sessions.length} sessions`;
    case 'screen':
      return `${event.machine}: screen ${event.version}`;
    case 'ready':
      return 'ready';
  }
}

const machine = (name: string): ServiceEvent => ({ type: 'machine', machine: machineView(name) });
const screen = (name: string, version: number): ServiceEvent => ({ type: 'screen', machine: name, version });
const sessions = (name: string): ServiceEvent => ({ type: 'sessions', machine: name, sessions: [{} as SessionView] });
const tell = (...events: ServiceEvent[]): void => {
  for (const event of events) api.onEvent.emit(event);
};

test.each<[string, Identity, string[]]>([
  [
    'an administrator',
    { user: 'admin' },
    ['desk: admin', 'lab: admin', 'ready', 'lab: 1 sessions', 'lab: screen 1', 'desk: 1 sessions', 'desk: screen 2'],
  ],
  ['an operator', { user: 'operator' }, ['desk: operate', 'ready', 'desk: 1 sessions', 'desk: screen 2']],
  ['a driver', { user: 'driver' }, ['desk: use', 'ready', 'desk: screen 2']],
  ['a ticket', { user: 'admin', machine: 'lab', rights: 'view' }, ['lab: view', 'ready', 'lab: screen 1']],
  ['a stranger', { user: 'stranger' }, ['ready']],
])('%s is told of what they may see, with their own role', async (_, identity, expected) => {
  const { next } = await listen(identity);
  tell(sessions('lab'), screen('lab', 1), sessions('desk'), screen('desk', 2));
  expect(await next(expected.length)).toEqual(expected);
  // Nothing else was on its way: the next thing is what comes now.
  await api.users.update('stranger', { admin: true });
  if (identity.user === 'stranger') {
    tell(machine('desk'));
    expect(await next(1)).toEqual(['desk: admin']);
  }
});

test('who loses or gets a role sees the machine go or come; of others’ nobody learns that they go', async () => {
  const access = ACCESS as Record<string, Record<string, Role>>;
  onTestFinished(() => void Object.assign(access.desk!, { viewer: 'view' }));
  const { next } = await listen({ user: 'viewer' });
  expect(await next(2)).toEqual(['desk: view', 'ready']);
  delete access.desk!.viewer;
  tell(machine('desk'), machine('desk'), screen('desk', 1), { type: 'machine-gone', name: 'lab' });
  access.desk!.viewer = 'use';
  tell(
    machine('desk'),
    { type: 'machine-gone', name: 'desk' },
    { type: 'machine-gone', name: 'desk' },
    machine('desk'),
  );
  expect(await next(4)).toEqual(['desk: gone', 'desk: use', 'desk: gone', 'desk: use']);
});

test('who is given a machine, or more of it, learns what was told of it before', async () => {
  const access = ACCESS as Record<string, Record<string, Role>>;
  onTestFinished(() => void Object.assign(access.desk!, { viewer: 'view' }));
  const known = ['desk', 'lab'].flatMap((name) => [machine(name), screen(name, 7), sessions(name)]);
  const onEvent = new Emitter<ServiceEvent>();
  api = await apiForTest({ events: { current: () => known, onEvent } });
  delete access.desk!.viewer;
  const { next } = await listen({ user: 'viewer' });
  expect(await next(1)).toEqual(['ready']);
  access.desk!.viewer = 'view';
  onEvent.emit(machine('desk'));
  onEvent.emit(machine('desk'));
  expect(await next(3)).toEqual(['desk: view', 'desk: screen 7', 'desk: view']);
  access.desk!.viewer = 'operate';
  onEvent.emit(machine('desk'));
  expect(await next(3)).toEqual(['desk: operate', 'desk: screen 7', 'desk: 1 sessions']);
});

test('a stream ends with the login that it was opened with', async () => {
  const viewer = await listen({ user: 'viewer' });
  const operator = await listen({ user: 'operator' });
  await viewer.next(2);
  await operator.next(2);
  await api.users.update('viewer', { disabled: true });
  tell(screen('desk', 1));
  expect(await viewer.next(1)).toEqual(['end']);
  expect(await operator.next(1)).toEqual(['desk: screen 1']);
  api.accounts.forget('operator');
  api.clock.advance(LIMITS.eventPingMs);
  expect(await operator.next(1)).toEqual(['end']);
});

test('a quiet stream says something now and then', async () => {
  const response = await open(api.tokenOf({ user: 'stranger' }));
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await vi.waitFor(() => expect(text).toBe('retry: 2000\n\nevent: ready\ndata: {"type":"ready"}\n\n'));
  for (const pings of [1, 2]) {
    api.clock.advance(LIMITS.eventPingMs);
    await vi.waitFor(() => expect(text.split(':\n\n').length - 1).toBe(pings));
  }
});

test('who does not read is let go of; what is kept for them is bounded, and others do not notice', async () => {
  const slow = await open(api.tokenOf({ user: 'viewer' }));
  slow.pause();
  const quick = await listen({ user: 'operator' });
  await quick.next(2);
  const big: MachineView = { ...machineView('desk'), description: 'x'.repeat(100_000) };
  const closed = new Promise((resolve) => slow.once('close', resolve));
  slow.on('error', () => {});
  expect(api.onEvent.listenerCount).toBe(2);
  for (let i = 0; api.onEvent.listenerCount > 1; i++) {
    // The kernel takes some megabytes first.
    expect(i).toBeLessThan(500);
    tell({ type: 'machine', machine: big });
    expect(await quick.next(1)).toEqual(['desk: operate']);
  }
  slow.resume();
  await closed;
});

test('whoever goes away leaves nothing behind; streams are counted', async () => {
  const streams: IncomingMessage[] = [];
  for (let i = 0; i < LIMITS.eventStreamsPerCaller; i++) streams.push(await open(api.tokenOf({ user: 'viewer' })));
  expect((await open(api.tokenOf({ user: 'Viewer' }))).statusCode).toBe(429);
  expect((await open(api.tokenOf({ user: 'driver' }))).statusCode).toBe(200);
  for (const stream of streams) stream.destroy();
  await vi.waitFor(() => expect(api.onEvent.listenerCount).toBe(1));
  expect(api.clock.timers.size).toBe(1);
  expect((await open(api.tokenOf({ user: 'viewer' }))).statusCode).toBe(200);
});

test('the end of the API is the end of all streams', async () => {
  const { next } = await listen({ user: 'stranger' });
  await next(1);
  api.api.close();
  expect(await next(1)).toEqual(['end']);
  await vi.waitFor(() => expect(api.onEvent.listenerCount).toBe(0));
  expect(api.clock.timers.size).toBe(0);
});
