import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Accounts } from '../../../server/auth/accounts.js';
import { Logins, RETURN_MS } from '../../../server/auth/logins.js';
import { digestOf } from '../../../server/auth/secret.js';
import { Tickets } from '../../../server/auth/tickets.js';
import { UserStore } from '../../../server/auth/users.js';
import { UserError } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';
import { vncResponse } from '../../../src/base/vnc-response.js';
import { scratchFolder } from './scratch.js';

const CHALLENGE = Uint8Array.from({ length: 16 }, (_, i) => i * 7);
const desk = { user: 'alice', machine: 'desk', rights: 'view' } as const;

async function setUp(folder = scratchFolder()) {
  let nowMs = 1_800_000_000_000;
  const clock = { now: () => nowMs };
  const log = silentLog;
  const users = UserStore.open(join(folder, 'users.json'));
  if (users.find('alice') === undefined) await users.create({ name: 'alice', password: 'correct horse' });
  const logins = new Logins(clock, { path: join(folder, 'logins.json'), log });
  const tickets = new Tickets(clock, logins, { path: join(folder, 'tickets.json'), log });
  const settled = () => Promise.all([logins.settled(), tickets.settled()]);
  onTestFinished(async () => void (await settled()));
  return { accounts: new Accounts(users, tickets, logins), folder, settled, pass: (ms: number) => (nowMs += ms) };
}

test('a user comes in with a password, and with a ticket instead of one', async () => {
  const { accounts } = await setUp();
  expect(await accounts.checkPassword('ALICE', 'correct horse')).toEqual({ user: 'alice' });
  expect(await accounts.checkPassword(undefined, 'correct horse')).toBeUndefined();
  const { secret } = accounts.tickets.create(desk);
  expect(await accounts.checkPassword('whoever', secret)).toEqual(desk);
  expect(await accounts.checkPassword('alice', secret)).toBeUndefined();
});

test('VNC comes in with a ticket’s first eight characters, as often as it is good', async () => {
  const { accounts } = await setUp();
  accounts.tickets.create({ user: 'alice', machine: 'other' });
  const { secret } = accounts.tickets.create({ ...desk, uses: 2 });
  const answer = (password: string) => accounts.checkVncResponse(CHALLENGE, vncResponse(CHALLENGE, password));
  expect(await answer(`${secret.slice(0, 7)}!`)).toBeUndefined();
  expect(await answer('correct horse')).toBeUndefined();
  expect(await answer(secret)).toEqual(desk);
  expect(accounts.tickets.list().map(({ machine, usesLeft }) => [machine, usesLeft])).toEqual([
    ['other', 1],
    ['desk', 1],
  ]);
  expect(await answer(secret.slice(0, 8))).toEqual(desk);
  expect(await answer(secret)).toBeUndefined();
});

test('tickets outlive a restart, and what was used up stays used up', async () => {
  const { accounts, folder, settled } = await setUp();
  const [kept, used, deleted] = [1, 2, 3].map(() => accounts.tickets.create(desk));
  accounts.tickets.use(used!.secret);
  expect(accounts.tickets.delete(deleted!.id)).toBe(true);
  expect(accounts.tickets.delete(deleted!.id)).toBe(false);
  await settled();
  const file = join(folder, 'tickets.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(kept!.secret);
  const { secret: _, ...view } = kept!;
  const { accounts: again } = await setUp(folder);
  expect(again.tickets.list()).toEqual([view]);
  expect(again.tickets.use(used!.secret)).toBeUndefined();
  expect(again.tickets.use(deleted!.secret)).toBeUndefined();
  expect(again.tickets.use(kept!.secret)).toEqual(desk);
});

test('logins outlive a restart under the same cookie, until they end', async () => {
  const { accounts, folder, settled } = await setUp();
  const [first, second] = [accounts.logins.open({ user: 'alice' }), accounts.logins.open(desk)];
  accounts.logins.close(second.token);
  await settled();
  expect(readFileSync(join(folder, 'logins.json'), 'utf8')).not.toContain(first.token);
  const { accounts: again, pass } = await setUp(folder);
  expect(again.logins.cookie).toBe(accounts.logins.cookie);
  expect(again.logins.recognise(first.token)).toMatchObject({ identity: { user: 'alice' } });
  expect(again.logins.recognise(second.token)).toBeUndefined();
  pass(RETURN_MS + 1);
  expect(again.logins.recognise(first.token)).toBeUndefined();
});

test.each([
  ['disabled', (users: UserStore) => users.update('alice', { disabled: true })],
  ['deleted', (users: UserStore) => users.delete('alice')],
  ['given a new password', (users: UserStore) => users.setPassword('alice', 'new password')],
])('who is %s is out: tickets and logins end', async (_, change) => {
  const { accounts } = await setUp();
  const { secret } = accounts.tickets.create(desk);
  const { token } = accounts.logins.open({ user: 'Alice' });
  const other = accounts.logins.open({ user: 'alicia', machine: 'desk' });
  await change(accounts.users);
  expect(await accounts.checkPassword('alice', secret)).toBeUndefined();
  expect(accounts.logins.recognise(token)).toBeUndefined();
  expect(accounts.logins.recognise(other.token)).toBeDefined();
});

test('other changes keep logins, and count at once', async () => {
  const { accounts } = await setUp();
  const { token } = accounts.logins.open({ user: 'alice' });
  await accounts.users.update('alice', { groups: ['lab'], admin: true });
  const standing = accounts.standingOf(accounts.logins.recognise(token)!.identity);
  expect(standing).toEqual({ user: 'alice', groups: ['lab'], admin: true });
  expect(accounts.standingOf({ user: 'stranger' })).toBeUndefined();
});

test.each([
  ['tickets.json', '{'],
  ['tickets.json', '[]'],
  ['tickets.json', '{"tickets": 5}'],
  ['tickets.json', '{"tickets": [null]}'],
  ['tickets.json', '{"tickets": [{"id": "a", "identity": {"user": 5}, "untilMs": 0, "usesLeft": 1}]}'],
  ['logins.json', 'null'],
  ['logins.json', '{"cookie": 5}'],
  ['logins.json', '{"cookie": "vitrine-0", "logins": 5}'],
  ['logins.json', '{"cookie": "vitrine-0", "logins": [["digest", {"untilMs": 1e15}]]}'],
])('a damaged file is an error at the start: %s with %s', async (name, text) => {
  const path = join(scratchFolder(), name);
  writeFileSync(path, text);
  const kept = { path, log: silentLog };
  const open = () => (name === 'logins.json' ? new Logins(Date, kept) : new Tickets(Date, new Logins(Date), kept));
  expect(open).toThrow(UserError);
  expect(open).toThrow(`${path} is damaged (`);
});

test('who logs in more often than there is room for loses their own', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'logins.json');
  const loginOf = (user: string) => ({ identity: { user }, untilMs: 9e15 });
  const alices = Array.from({ length: 9_999 }, (_, i) => [`digest-${i}`, loginOf('alice')]);
  writeFileSync(path, JSON.stringify({ cookie: 'vitrine-0', logins: [[digestOf('bobs'), loginOf('bob')], ...alices] }));
  const logins = new Logins(Date, { path, log: silentLog });
  const closed: string[] = [];
  logins.onClose.on((login) => closed.push(login));
  const { token } = logins.open({ user: 'alice' });
  expect([logins.recognise('bobs')?.identity.user, logins.recognise(token)?.identity.user]).toEqual(['bob', 'alice']);
  expect(closed).toEqual(['digest-0']);
  await logins.settled();
});
