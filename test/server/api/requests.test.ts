import { connect } from 'node:net';
import { beforeEach, expect, test, vi } from 'vitest';
import { LIMITS } from '../../../server/limits.js';
import { Problem, UserError } from '../../../src/base/errors.js';
import { fakeOperations, PNG } from './fake-operations.js';
import { apiForTest } from './fixture.js';

let api: Awaited<ReturnType<typeof apiForTest>>;
let admin: Record<string, string>;
const { operations } = fakeOperations();

async function open(overrides: Parameters<typeof apiForTest>[0] = {}): Promise<void> {
  api = await apiForTest(overrides);
  admin = api.tokenOf({ user: 'admin' });
}
beforeEach(() => open());

test.each([
  ['/api', 'GET', 404, 'no-such-operation'],
  ['/api/', 'GET', 404, 'no-such-operation'],
  ['/api/v2/machines', 'GET', 404, 'no-such-operation'],
  ['/api/v1', 'GET', 404, 'no-such-operation'],
  ['/api/v1/', 'GET', 404, 'no-such-operation'],
  ['/api/v1/nothing', 'GET', 404, 'no-such-operation'],
  ['/api/v1/machines/', 'GET', 404, 'no-such-operation'],
  ['/api/v1/machines/desk/', 'GET', 404, 'no-such-operation'],
  ['/api/v1/machines//start', 'POST', 404, 'no-such-operation'],
  ['/api/v1/machines/%ff', 'GET', 400, 'bad-request'],
  ['/api/v1/machines', 'PATCH', 405, 'no-such-operation'],
  ['/api/v1/openapi.json', 'POST', 405, 'no-such-operation'],
])('%s %s is answered with %i %s', async (path, method, status, code) => {
  const answer = await api.ask(path, { method, headers: admin });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.body).toEqual({
    type: `/problems/${code}`,
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/^\S.*[^.]$/),
  });
});

test('a wrong method is told the right ones', async () => {
  const allowed = async (path: string): Promise<unknown> =>
    (await api.ask(`/api/v1${path}`, { method: 'OPTIONS' })).headers.allow;
  expect(await allowed('/machines')).toBe('GET, HEAD, POST');
  expect(await allowed('/machines/desk')).toBe('GET, HEAD, DELETE');
  expect(await allowed('/machines/import')).toBe('POST, GET, HEAD, DELETE');
});

test('what is not for the API is left alone', async () => {
  expect((await api.ask('/')).status).toBe(418);
  expect((await api.ask('/apiary')).status).toBe(418);
  expect((await api.ask('/console.html?x=/api/v1/machines')).status).toBe(418);
});

test('parameters come from path, query and body, each as what it is', async () => {
  await api.ask('/api/v1/machines/desk/screenshot?maxWidth=320', { headers: admin });
  await api.ask('/api/v1/sessions/a%2Fb%20c?message=go%20away', { method: 'DELETE', headers: admin });
  await api.ask('/api/v1/machines/desk/pointer', {
    method: 'POST',
    headers: { ...admin, 'content-type': 'Application/JSON; charset=utf-8' },
    body: { x: 1, y: 2, click: true, wheel: -1 },
  });
  await api.ask('/api/v1/machines/desk/start', { method: 'POST', headers: admin });
  await api.ask('/api/v1/machines/import', { method: 'POST', headers: admin, body: { file: '/x.vbox' } });
  expect(api.calls.map(({ name, params }) => [name, params])).toEqual([
    ['console.screenshot', { machine: 'desk', maxWidth: 320 }],
    ['session.kick', { session: 'a/b c', message: 'go away' }],
    ['console.pointer', { machine: 'desk', x: 1, y: 2, click: true, wheel: -1 }],
    ['machine.start', { machine: 'desk' }],
    ['machine.import', { file: '/x.vbox' }],
  ]);
  expect(api.calls[0]?.caller).toEqual({ user: 'admin', admin: true, groups: [], remote: '127.0.0.1' });
});

test.each([
  ['GET', '/machines/desk/screenshot?maxWidth=wide', undefined, 'maxWidth must be integer'],
  ['GET', '/machines/desk/screenshot?maxWidth=-1', undefined, 'maxWidth must be >= 0'],
  ['GET', '/machines/desk/screenshot?maxWidth=1&maxWidth=2', undefined, 'maxWidth is given more than once'],
  ['GET', '/machines?color=red', undefined, 'there is no parameter color'],
  ['GET', '/machines?__proto__=x', undefined, 'there is no parameter __proto__'],
  ['POST', '/machines/desk/type', {}, 'text is missing'],
  ['POST', '/machines/desk/type', { text: 1 }, 'text must be string'],
  ['POST', '/machines/desk/type', { text: 'x', machine: 'lab' }, 'there is no parameter machine'],
  ['POST', '/machines/desk/type', [], 'the body must be object'],
  ['POST', '/machines/desk/type', '{"text":', 'the body is not JSON'],
  ['POST', '/machines/desk/type', '', 'text is missing'],
  ['PATCH', '/sessions/x', { rights: 'all' }, 'rights must be one of view, control'],
])('%s %s with %j: %s', async (method, path, body, detail) => {
  const answer = await api.ask(`/api/v1${path}`, { method, headers: admin, ...(body !== undefined && { body }) });
  expect(answer.body).toMatchObject({ type: '/problems/bad-request', status: 400, detail });
  expect(api.calls).toEqual([]);
});

test('a definition that is wrong is explained field by field', async () => {
  const body = { name: 'new', config: { memory: 'much', disks: [{ bus: 'scsy' }], colour: 1 } };
  const answer = await api.ask('/api/v1/machines', { method: 'POST', headers: admin, body });
  expect(answer.body).toMatchObject({ type: '/problems/invalid-definition', status: 422 });
  const { detail } = answer.body as { detail: string };
  expect(detail).toMatch(/memory: must be/);
  expect(detail).toMatch(/disks\[0\]/);
  expect(detail).toMatch(/colour: there is no such field/);
});

test('a body must be JSON by its own account, in UTF-8, and not too long', async () => {
  const type = (headers: Record<string, string>, body: string) =>
    api.ask('/api/v1/machines/desk/type', { method: 'POST', headers: { ...admin, ...headers }, body });
  expect((await type({ 'content-type': 'text/plain' }, '{"text":"x"}')).status).toBe(415);
  const longest = JSON.stringify({ text: 'x'.repeat(LIMITS.apiBodyBytes - 11) });
  expect((await type({}, longest)).status).toBe(200);
  expect(await type({}, `${longest} `)).toMatchObject({ status: 413, body: { type: '/problems/bad-request' } });
  // Without a length beforehand.
  expect((await type({ 'transfer-encoding': 'chunked' }, `${longest} `)).status).toBe(413);
  const fetched = await fetch(`http://127.0.0.1:${api.port}/api/v1/machines/desk/type`, {
    method: 'POST',
    headers: { ...admin, 'content-type': 'application/json' },
    body: Buffer.from('7b2274657874223a22ff227d', 'hex'),
  });
  expect(await fetched.json()).toMatchObject({ status: 400, detail: 'the body is not JSON' });
});

test('problems come with their code’s status; of bugs nobody learns but the log', async () => {
  const fail = async (thrown: unknown) => {
    await open({ operations: { ...operations, 'machine.start': () => Promise.reject(thrown) } });
    return api.ask('/api/v1/machines/desk/start', { method: 'POST', headers: admin });
  };
  expect(await fail(new Problem('wrong-state', 'desk is running already'))).toMatchObject({
    status: 409,
    body: { type: '/problems/wrong-state', status: 409, detail: 'desk is running already' },
  });
  expect(await fail(new UserError('the disk is full'))).toMatchObject({
    status: 500,
    body: { type: '/problems/failed', detail: 'the disk is full' },
  });
  expect(api.bugs).toEqual([]);
  const bug = new TypeError('undefined is not a secret');
  const answer = await fail(bug);
  expect(answer).toMatchObject({ status: 500, body: { type: '/problems/failed' } });
  expect(answer.text).not.toContain('secret');
  expect(api.bugs).toMatchObject([{ err: bug, method: 'POST', path: '/api/v1/machines/desk/start' }]);
});

test('somebody who leaves in the middle of a body is no bug', async () => {
  const socket = connect(api.port, '127.0.0.1');
  const head = `POST /api/v1/machines/desk/type HTTP/1.1\r\nHost: x\r\nAuthorization: ${admin.authorization}\r\n`;
  socket.write(`${head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"text"`);
  const closed = vi.spyOn(api.api, 'handle');
  await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  socket.destroy();
  await closed.mock.results[0]!.value;
  expect(api.calls).toEqual([]);
  expect(api.bugs).toEqual([]);
});

test.each<[string, (name: string) => Promise<unknown>, number]>([
  ['is shut out', (name) => api.users.update(name, { disabled: true }), 401],
  ['is no administrator any more', (name) => api.users.update(name, { admin: false }), 403],
])('whoever %s while they send a body is not heard', async (_, shutOut, status) => {
  await api.users.update('stranger', { admin: true });
  const { authorization } = api.tokenOf({ user: 'stranger' });
  const socket = connect(api.port, '127.0.0.1');
  const head = `POST /api/v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nConnection: close\r\n`;
  const handled = vi.spyOn(api.api, 'handle');
  socket.write(`${head}Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"name"`);
  await vi.waitFor(() => expect(handled).toHaveBeenCalled());
  await shutOut('stranger');
  socket.write(':"bob"}');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(api.calls).toEqual([]);
});

test('pictures have a tag: who has one already is spared it', async () => {
  const path = '/api/v1/machines/desk/screenshot';
  const first = await fetch(`http://127.0.0.1:${api.port}${path}`, { headers: admin });
  expect(Buffer.from(await first.arrayBuffer())).toEqual(PNG);
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^"[\w-]{22}"$/);
  expect(first.headers.get('content-type')).toBe('image/png');
  // A program may keep it; a browser does not put somebody's screen on its disk.
  expect(first.headers.get('cache-control')).toBe('no-store');
  for (const known of [etag, `"other", W/${etag}`]) {
    const again = await api.ask(path, { headers: { ...admin, 'if-none-match': known } });
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', etag]);
  }
  const other = await api.ask(path, { headers: { ...admin, 'if-none-match': '"other"' } });
  expect(other.status).toBe(200);
});

test('HEAD is GET without a body; text says that it is UTF-8; nothing else is kept by anybody', async () => {
  const head = await api.ask('/api/v1/machines/desk/screenshot', { method: 'HEAD', headers: admin });
  expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', `${PNG.length}`]);
  expect((await api.ask('/api/v1/events', { method: 'HEAD', headers: admin })).status).toBe(200);
  const log = await api.ask('/api/v1/machines/desk/log', { headers: admin });
  expect([log.text, log.headers['content-type']]).toEqual(['a line\n', 'text/plain; charset=utf-8']);
  const list = await api.ask('/api/v1/machines', { headers: admin });
  expect(list.headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
});

test('too many requests have to wait, each caller for themselves', async () => {
  const ask = async (headers: Record<string, string>) => (await api.ask('/api/v1/machines', { headers })).status;
  for (let i = 0; i < LIMITS.apiBurst; i++) expect(await ask(admin)).toBe(200);
  const refused = await api.ask('/api/v1/machines', { headers: admin });
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(refused.body).toMatchObject({ type: '/problems/too-many-attempts' });
  expect(await ask(api.tokenOf({ user: 'viewer' }))).toBe(200);
  api.clock.advance(1_000);
  for (let i = 0; i < LIMITS.apiRequestsPerSecond; i++) expect(await ask(admin)).toBe(200);
  expect(await ask(admin)).toBe(429);
});
