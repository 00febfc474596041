import { beforeEach, expect, test } from 'vitest';
import { RETURN_MS } from '../../../server/auth/logins.js';
import { LIMITS } from '../../../server/limits.js';
import { type Ask, apiForTest, PASSWORD } from './fixture.js';

let api: Awaited<ReturnType<typeof apiForTest>>;
let own: string;

beforeEach(async () => {
  api = await apiForTest();
  own = `http://127.0.0.1:${api.port}`;
});

const logIn = (body: unknown, headers = {}) => api.ask('/api/v1/login', { method: 'POST', body, headers });
const whoAmI = async (headers: Record<string, string>) => (await api.ask('/api/v1/me', { headers })).status;
async function cookieOf(user: string): Promise<Record<string, string>> {
  const answer = await logIn({ user, password: PASSWORD }, { origin: own });
  return { cookie: answer.headers['set-cookie']![0]!.split(';')[0]! };
}

test('a password gets a browser a cookie that scripts and other sites do not see', async () => {
  const answer = await logIn({ user: 'ADMIN', password: PASSWORD }, { origin: own });
  expect(answer.body).toEqual({
    user: 'admin',
    admin: true,
    token: null,
    expiresAt: new Date(RETURN_MS).toISOString(),
    machine: null,
  });
  const [cookie] = answer.headers['set-cookie']!;
  expect(cookie).toMatch(/^vitrine-[0-9a-f]{8}=\w{32}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
  const headers = { cookie: `other=1; ${cookie!.split(';')[0]}` };
  expect(await whoAmI(headers)).toBe(200);
  api.clock.advance(RETURN_MS + 1);
  expect(await whoAmI(headers)).toBe(401);
});

test('a program gets a token instead, which is good until it logs out', async () => {
  const answer = await logIn({ user: 'viewer', password: PASSWORD, token: true });
  expect(answer.headers['set-cookie']).toBeUndefined();
  const { token } = answer.body as { token: string };
  const headers = { authorization: `bearer ${token}` };
  expect(await whoAmI(headers)).toBe(200);
  expect((await api.ask('/api/v1/logout', { method: 'POST', headers })).status).toBe(200);
  expect(await whoAmI(headers)).toBe(401);
  for (const authorization of ['Bearer', 'Bearer x', `Basic ${btoa(`admin:${PASSWORD}`)}`, `Bearer ${token} x`]) {
    const refused = await api.ask('/api/v1/machines', { headers: { authorization } });
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': expect.stringMatching(/^Bearer/) } });
  }
});

test('a ticket logs in to its machine, once', async () => {
  const { secret } = api.accounts.tickets.create({ user: 'admin', machine: 'desk', rights: 'view' });
  const answer = await logIn({ ticket: secret, token: true });
  expect(answer.body).toMatchObject({ user: 'admin', admin: false, machine: 'desk' });
  const { token } = answer.body as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect((await api.ask('/api/v1/machines/desk', { headers })).status).toBe(200);
  expect((await api.ask('/api/v1/machines/lab', { headers })).status).toBe(404);
  expect((await logIn({ ticket: secret })).status).toBe(401);
});

test.each([
  [{ user: 'admin', password: 'wrong horse' }, 401, 'wrong user name or password'],
  [{ user: 'nobody', password: PASSWORD }, 401, 'wrong user name or password'],
  [{ ticket: 'made up' }, 401, 'the ticket is not good, or not any more'],
  [{ user: 'admin' }, 400, 'a login takes user and password, or ticket'],
  [{}, 400, 'a login takes user and password, or ticket'],
])('%j is refused', async (body, status, detail) => {
  const answer = await logIn(body);
  expect(answer).toMatchObject({ status, body: { detail } });
  expect(answer.headers['set-cookie']).toBeUndefined();
});

test('logins are written down, good and bad, without the password', async () => {
  await logIn({ user: 'viewer', password: 'wrong horse' });
  await logIn({ user: 'viewer', password: PASSWORD });
  const { secret } = api.accounts.tickets.create({ user: 'driver', machine: 'desk' });
  await logIn({ ticket: secret, token: true });
  expect(api.audits).toEqual([
    { action: 'login', ok: false, user: 'viewer', remote: '127.0.0.1', detail: 'password' },
    { action: 'login', ok: true, user: 'viewer', remote: '127.0.0.1', machine: null, detail: 'browser, by password' },
    { action: 'login', ok: true, user: 'driver', remote: '127.0.0.1', machine: 'desk', detail: 'token, by ticket' },
  ]);
});

test('who is disabled, and whose rights have changed, is so at once', async () => {
  const headers = await cookieOf('viewer');
  expect((await api.ask('/api/v1/users', { headers })).status).toBe(403);
  await api.users.update('viewer', { admin: true });
  expect((await api.ask('/api/v1/users', { headers })).status).toBe(200);
  await api.users.update('viewer', { disabled: true });
  expect(await whoAmI(headers)).toBe(401);
  expect((await logIn({ user: 'viewer', password: PASSWORD })).status).toBe(401);
});

test('from strangers no more is taken than a login is long', async () => {
  expect((await logIn({ user: 'x', password: 'x'.repeat(LIMITS.loginBodyBytes - 50) })).status).toBe(401);
  expect((await logIn({ user: 'x', password: 'x'.repeat(LIMITS.loginBodyBytes) })).status).toBe(413);
});

test('guessing has to wait, however many guess at the same time', async () => {
  const guesses = Array.from({ length: 20 }, (_, i) => logIn({ user: 'admin', password: `wrong ${i} horse` }));
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(LIMITS.failedLogins);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20 - LIMITS.failedLogins);
  expect((await logIn({ user: 'admin', password: PASSWORD })).status).toBe(429);
  api.clock.advance(LIMITS.failedLoginWaitMs);
  expect((await logIn({ user: 'admin', password: PASSWORD })).status).toBe(200);
});

test.each<[string, Ask, number]>([
  ['our page with JSON', { headers: { origin: 'OWN' }, body: {} }, 200],
  ['our page with the header', { headers: { origin: 'OWN', 'x-vitrine': '1' } }, 200],
  ['a form of our page', { headers: { origin: 'OWN', 'content-type': 'text/plain' }, body: '{}' }, 403],
  ['nobody knows whom', { body: {} }, 403],
  ['another site', { headers: { origin: 'http://evil.example', 'x-vitrine': '1' }, body: {} }, 403],
  ['another port of this host', { headers: { origin: 'http://127.0.0.1:1' }, body: {} }, 403],
  ['a sandbox', { headers: { origin: 'null' }, body: {} }, 403],
])('with a browser’s login, a request of %s', async (_, { headers = {}, ...question }, status) => {
  const asked = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replace('OWN', own)]));
  const cookie = await cookieOf('operator');
  const answer = await api.ask('/api/v1/machines/desk/start', {
    ...question,
    method: 'POST',
    headers: { ...cookie, ...asked },
  });
  expect(answer.status).toBe(status);
  expect(api.calls).toHaveLength(status === 200 ? 1 : 0);
});

test('another site cannot log its visitors in, nor out', async () => {
  const evil = { origin: 'http://evil.example' };
  expect((await logIn({ user: 'viewer', password: PASSWORD }, evil)).status).toBe(403);
  expect((await logIn('{"user":"viewer"}', { 'content-type': 'text/plain' })).status).toBe(415);
  const cookie = await cookieOf('viewer');
  expect((await api.ask('/api/v1/logout', { method: 'POST', headers: { ...cookie, ...evil } })).status).toBe(403);
  expect(await whoAmI(cookie)).toBe(200);
  const out = await api.ask('/api/v1/logout', {
    method: 'POST',
    headers: { ...cookie, origin: own, 'x-vitrine': '1' },
  });
  expect(out.headers['set-cookie']![0]).toContain('Max-Age=0');
  expect(await whoAmI(cookie)).toBe(401);
});

test('a token needs none of this: no page has it', async () => {
  const headers = { ...api.tokenOf({ user: 'operator' }), origin: 'http://somewhere.example' };
  expect((await api.ask('/api/v1/machines/desk/start', { method: 'POST', headers })).status).toBe(200);
});
