import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hashPassword, NOBODYS_HASH, verifyPassword } from '../../../server/auth/password-hash.js';
import { UserStore } from '../../../server/auth/users.js';
import { scratchFolder } from './scratch.js';

// As it is, and counted.
vi.mock(import('../../../server/auth/password-hash.js'), async (load) => {
  const real = await load();
  return { ...real, verifyPassword: vi.fn(real.verifyPassword) };
});

const open = (): { users: UserStore; path: string } => {
  const path = join(scratchFolder(), 'users.json');
  return { users: UserStore.open(path), path };
};

test('a password opens its own account alone, in any case of the name', async () => {
  const { users } = open();
  await users.create({ name: 'Alice', password: 'correct horse', groups: ['staff'] });
  await users.create({ name: 'bob', password: 'battery staple' });
  expect(await users.check('aLICE', 'correct horse')).toMatchObject({ name: 'Alice', groups: ['staff'], admin: false });
  expect(await users.check('alice', 'battery staple')).toBeUndefined();
  expect(await users.check('alice', 'Correct horse')).toBeUndefined();
  expect(await users.check('alice', '')).toBeUndefined();
  expect(await users.check('mallory', 'correct horse')).toBeUndefined();
  expect(await users.check('', '')).toBeUndefined();
});

test('the same letters log in however the keyboard composes them', async () => {
  const { users } = open();
  await users.create({ name: 'zoe', password: 'Zoe\u0308 is here' });
  expect(await users.check('zoe', 'Zo\u00eb is here')).toMatchObject({ name: 'zoe' });
});

test('nobody’s hash costs what a real one costs, and fits nothing', async () => {
  const parameters = (hash: string): unknown[] => hash.split('$').map((part, i) => (i < 3 ? part : part.length));
  expect(parameters(NOBODYS_HASH)).toEqual(parameters(await hashPassword('a password')));
  expect(await verifyPassword('', NOBODYS_HASH)).toBe(false);
});

test('hashes keep their parameters: those made with others are good for ever', async () => {
  // RFC 7914 section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), its first 32 bytes.
  const salt = Buffer.from('SodiumChloride').toString('base64url');
  const hash = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex');
  const stored = `$scrypt$ln=14,r=8,p=1$${salt}$${hash.toString('base64url')}`;
  expect(await verifyPassword('pleaseletmein', stored)).toBe(true);
  expect(await verifyPassword('pleaseletmeout', stored)).toBe(false);
});

test('what was changed is there after a restart, private, and has no password in it', async () => {
  const { users, path } = open();
  await users.create({ name: 'alice', password: 'correct horse' });
  await users.create({ name: 'bob', password: 'battery staple', admin: true });
  await users.update('ALICE', { groups: ['lab'], disabled: true });
  await users.setPassword('bob', 'something new');
  await users.create({ name: 'carol', password: 'soon gone away' });
  await users.delete('Carol');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toMatch(/correct horse|battery|something new/);
  const again = UserStore.open(path);
  expect(again.list()).toEqual(users.list());
  expect(again.list().map(({ name }) => name)).toEqual(['alice', 'bob']);
  expect(again.find('alice')).toMatchObject({ groups: ['lab'], disabled: true });
  expect(await again.check('alice', 'correct horse')).toBeUndefined();
  expect(await again.check('bob', 'battery staple')).toBeUndefined();
  expect(await again.check('bob', 'something new')).toMatchObject({ admin: true });
});

test('nothing that is told of a user has a hash in it', async () => {
  const { users } = open();
  const { user } = await users.create({ name: 'alice', password: 'correct horse' });
  const fields = ['admin', 'createdAt', 'disabled', 'groups', 'name'];
  for (const view of [user, users.find('alice'), users.list()[0], await users.check('alice', 'correct horse')]) {
    expect(Object.keys(view!).sort()).toEqual(fields);
  }
});

test('the first start makes an administrator, once', async () => {
  const { users, path } = open();
  const password = await users.ensureAdmin();
  expect(password).toMatch(/^[a-zA-Z2-9]{12}$/);
  expect(await users.check('admin', password!)).toMatchObject({ admin: true });
  expect(await UserStore.open(path).ensureAdmin()).toBeUndefined();
});

test('many changes at once are all kept', async () => {
  const { users, path } = open();
  await users.create({ name: 'alice', password: 'correct horse' });
  const groups = Array.from({ length: 20 }, (_, i) => `group-${i}`);
  await Promise.all(groups.map((group) => users.update('alice', { groups: [group] })));
  await Promise.all([users.update('alice', { admin: true }), users.update('alice', { disabled: true })]);
  expect(UserStore.open(path).find('alice')).toMatchObject({ groups: ['group-19'], admin: true, disabled: true });
});

test.each([
  ['a name with a blank', { name: 'a b' }, 'bad-request'],
  ['a name that parts a login', { name: 'alice#vm' }, 'bad-request'],
  ['a name like a group’s', { name: '@staff' }, 'bad-request'],
  ['no name', { name: '' }, 'bad-request'],
  ['a group with a colon', { name: 'carol', groups: ['a:b'] }, 'bad-request'],
  ['an empty password', { name: 'carol', password: '' }, 'bad-request'],
  ['a short password', { name: 'carol', password: '1234567' }, 'bad-request'],
  ['a password longer than RDP carries', { name: 'carol', password: 'x'.repeat(256) }, 'bad-request'],
  ['a name in another case', { name: 'ALICE' }, 'already-exists'],
])('%s is refused', async (_, user, code) => {
  const { users } = open();
  await users.create({ name: 'alice', password: 'correct horse' });
  await expect(users.create(user)).rejects.toMatchObject({ code });
  expect(users.list()).toHaveLength(1);
});

test('who is not there cannot be changed', async () => {
  const { users } = open();
  await expect(users.update('nobody', { admin: true })).rejects.toMatchObject({ code: 'no-such-user' });
  await expect(users.setPassword('nobody', 'correct horse')).rejects.toMatchObject({ code: 'no-such-user' });
  await expect(users.delete('nobody')).rejects.toMatchObject({ code: 'no-such-user' });
});

test('what cannot be written has not happened', async () => {
  const users = UserStore.open(join(scratchFolder(), 'not-there', 'users.json'));
  await expect(users.create({ name: 'alice', password: 'correct horse' })).rejects.toThrow('ENOENT');
  expect(users.list()).toEqual([]);
});

test.each([
  ['no JSON', '{"users": [', 'JSON'],
  ['something else', '[]', 'it has no users'],
  ['null', 'null', 'it has no users'],
  ['a user without a password', '{"users":[{"name":"a","groups":[],"admin":true,"disabled":false}]}', 'user 1'],
])('a file with %s is an error at the start', (_, text, message) => {
  const path = join(scratchFolder(), 'users.json');
  writeFileSync(path, text);
  expect(() => UserStore.open(path)).toThrow(`${path} is damaged`);
  expect(() => UserStore.open(path)).toThrow(message);
});

test('what NTLM needs is kept of new passwords where that is wished, privately, and not a day longer', async () => {
  const { users, path } = open();
  await users.create({ name: 'alice', password: 'correct horse' });
  expect(users.ntHash('alice')).toBeUndefined();
  const wished = UserStore.open(path, { keepsNtHash: true });
  expect(wished.ntHash('alice')).toBeUndefined();
  await wished.setPassword('alice', 'Password');
  const ntHash = Buffer.from('a4f49c406510bdcab6824ee7c30fd852', 'hex');
  expect(wished.ntHash('Alice')).toEqual(ntHash);
  expect(JSON.stringify(wished.list())).not.toContain('ntHash');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(UserStore.open(path, { keepsNtHash: true }).ntHash('alice')).toEqual(ntHash);
  await wished.update('alice', { disabled: true });
  expect(wished.ntHash('alice')).toBeUndefined();
  const unwished = UserStore.open(path);
  await unwished.update('alice', { disabled: false });
  expect(unwished.ntHash('alice')).toBeUndefined();
  expect(readFileSync(path, 'utf8')).not.toContain('ntHash');
});

test('the same name and password many times at once cost as much as once', async () => {
  const { users } = open();
  await users.create({ name: 'alice', password: 'correct horse' });
  vi.mocked(verifyPassword).mockClear();
  const right = Array.from({ length: 20 }, () => users.check('alice', 'correct horse'));
  const wrong = Array.from({ length: 20 }, () => users.check('alice', 'wrong horse'));
  expect((await Promise.all(right)).map((user) => user?.name)).toEqual(Array(20).fill('alice'));
  expect(await Promise.all(wrong)).toEqual(Array(20).fill(undefined));
  expect(verifyPassword).toHaveBeenCalledTimes(2);
});

test('nobody’s name costs what a real one costs, whoever else asks at the same time', async () => {
  const { users } = open();
  vi.mocked(verifyPassword).mockClear();
  await Promise.all(['mallory', 'eve'].map((name) => users.check(name, 'correct horse')));
  expect(verifyPassword).toHaveBeenCalledTimes(2);
});

test.each([
  ['deleted', (users: UserStore) => users.delete('alice')],
  ['disabled', (users: UserStore) => users.update('alice', { disabled: true })],
  ['given another password', (users: UserStore) => users.setPassword('alice', 'battery staple')],
])('who is %s while their password is being looked at does not come in', async (_, change) => {
  const { users } = open();
  await users.create({ name: 'alice', password: 'correct horse' });
  vi.mocked(verifyPassword).mockImplementationOnce(async () => {
    await change(users);
    return true;
  });
  expect(await users.check('alice', 'correct horse')).toBeUndefined();
});
