import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../../../server/api/client.js';
import { listenLocally } from '../../../server/api/local.js';
import type { AuditView } from '../../../server/api/views.js';
import type { Identity } from '../../../server/auth/credentials.js';
import { openParts, type ServeParts } from '../../../server/cli/serve-parts.js';
import { LIMITS } from '../../../server/limits.js';
import { memoryPair } from '../../../server/transport/memory.js';
import { silentLog } from '../../../src/base/log.js';
import { Viewer } from '../rfb/viewer.js';

/** The service as a whole, but for its listeners and for machines that run. */

const PASSWORD = 'correct horse';
const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));

let parts: ServeParts;
let root: ApiClient;
let port: number;
const closers: (() => void)[] = [];

async function logIn(params: { user?: string; password?: string; ticket?: string }): Promise<ApiClient> {
  const anybody = new ApiClient({ url: `http://127.0.0.1:${port}` });
  const { token } = await anybody.call('auth.login', { ...params, token: true });
  anybody.close();
  const client = new ApiClient({ url: `http://127.0.0.1:${port}`, token: token! });
  closers.push(() => client.close());
  return client;
}
const as = (user: string): Promise<ApiClient> => logIn({ user, password: PASSWORD });
const audit = async (action: string): Promise<AuditView> =>
  (await root.call('host.audit', { limit: 50 })).filter((entry) => entry.action === action).at(-1)!;

beforeAll(async () => {
  parts = await openParts({
    stateDir: folder,
    tls: { cert: '', key: '' },
    overcommitPercent: 100,
    otherwise: 'picker',
    keepsNtHash: false,
    vncAuthOnly: false,
    addresses: () => ({ rdp: 'host:3389', vnc: 'host:5900', http: 'host:8080' }),
    ownPorts: () => ({ rdp: null, vnc: null }),
    log: silentLog,
  });
  const server = createServer((request, response) => void parts.api.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  const socketPath = join(folder, 'api.sock');
  const local = await listenLocally(parts.api, socketPath);
  root = new ApiClient({ socketPath });
  closers.push(
    () => root.close(),
    () => local.close(),
    () => {
      server.close();
      server.closeAllConnections();
    },
  );
  for (const name of ['desk', 'lab']) await root.call('machine.create', { name, config: { demo: true } });
  await root.call('machine.create', { name: 'golden', config: { demo: true, template: true } });
  for (const name of ['boss', 'owner', 'viewer', 'stranger']) {
    await root.call('user.create', { name, password: PASSWORD, admin: name === 'boss' });
  }
});
beforeEach(async () => {
  await root.call('access.grant', { machine: 'desk', subject: 'owner', role: 'admin' });
  await root.call('access.grant', { machine: 'desk', subject: 'viewer', role: 'view' });
});
afterAll(async () => {
  for (const close of closers) close();
  await parts.close();
  rmSync(folder, { recursive: true });
});

/** Who they are and what they may do, as the one that holds the ticket is told. */
async function holderOf(ticket: string) {
  const holder = await logIn({ ticket });
  const { name, admin, machine } = await holder.call('auth.whoami', {});
  const machines = (await holder.call('machine.list', {})).map(({ name, role }) => `${name}: ${role}`);
  return { holder, name, admin, machine, machines };
}

describe('links for people without an account', () => {
  test.each([
    ['the host’s own administrator', () => Promise.resolve(root), userInfo().username, 'ticket of the host'],
    ['an administrator with an account', () => as('boss'), 'boss', 'ticket of boss'],
  ])('%s hands one out, and it is written down', async (_, giver, name, proof) => {
    const { ticket, user } = await (await giver()).call('console.open', { machine: 'desk', user: 'visitor' });
    expect(user).toBe('visitor');
    expect(await audit('console')).toMatchObject({
      user: name,
      machine: 'desk',
      detail: 'control, for visitor, who has no account',
    });
    const { holder, machines, ...who } = await holderOf(ticket);
    expect(who).toEqual({ name: 'visitor', admin: false, machine: 'desk' });
    expect(machines).toEqual(['desk: use']);
    expect(await audit('login')).toMatchObject({ user: 'visitor', machine: 'desk', detail: `token, by ${proof}` });
    for (const call of [
      holder.call('machine.start', { machine: 'desk' }),
      holder.call('ticket.create', { machine: 'desk' }),
      holder.call('console.open', { machine: 'desk' }),
      holder.call('user.list', {}),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(holder.call('machine.show', { machine: 'lab' })).rejects.toMatchObject({ code: 'no-such-machine' });
  });

  test('of a pool they lead to their user’s own machine, which is made for it', async () => {
    await root.call('machine.create', {
      name: 'pool',
      config: { demo: true, template: true, pool: { type: 'per-user' } },
    });
    await root.call('access.grant', { machine: 'pool', subject: 'owner', role: 'use' });
    for (let i = 0; i < 2; i++) {
      const { ticket, machine } = await root.call('console.open', { machine: 'pool', user: 'owner' });
      expect(machine).toBe('pool-owner');
      expect((await holderOf(ticket)).machines).toEqual(['pool-owner: use']);
    }
    for (const user of [undefined, 'visitor', 'stranger']) {
      const call = root.call('console.open', { machine: 'pool', ...(user !== undefined && { user }) });
      await expect(call).rejects.toMatchObject({ code: 'wrong-state' });
    }
    const all = await root.call('machine.list', {});
    expect(all.filter(({ name }) => name.startsWith('pool')).map(({ name }) => name)).toEqual(['pool', 'pool-owner']);
    for (const machine of ['pool-owner', 'pool']) await root.call('machine.delete', { machine });
  });

  test('in nobody’s name it is in the giver’s, whether they have an account or not', async () => {
    for (const giver of [root, await as('boss')]) {
      const { ticket } = await giver.call('console.open', { machine: 'desk', rights: 'view' });
      expect((await holderOf(ticket)).machines).toEqual(['desk: view']);
    }
  });

  test.each([
    ['is no administrator any more', () => root.call('user.update', { user: 'boss', admin: false })],
    ['is disabled', () => root.call('user.update', { user: 'boss', disabled: true })],
  ])('they end when who answers for them %s', async (_, change) => {
    const boss = await as('boss');
    const [used, unused] = await Promise.all(
      [1, 2].map(() => boss.call('ticket.create', { machine: 'desk', user: 'visitor' })),
    );
    const { holder } = await holderOf(used!.secret);
    await change();
    await expect(holder.call('auth.whoami', {})).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(logIn({ ticket: unused!.secret })).rejects.toMatchObject({ code: 'unauthenticated' });
    await root.call('user.update', { user: 'boss', admin: true, disabled: false });
  });

  test('a name that is given to an account later does not give its rights away', async () => {
    const { ticket } = await root.call('console.open', { machine: 'desk', user: 'newcomer', rights: 'view' });
    await root.call('user.create', { name: 'newcomer', password: PASSWORD, admin: true });
    expect(await holderOf(ticket)).toMatchObject({ admin: false, machines: ['desk: view'] });
    await root.call('user.delete', { user: 'newcomer' });
  });
});

describe('tickets', () => {
  test.each<[string, () => Promise<unknown>, string, string | RegExp]>([
    [
      'in another’s name, by who is no administrator',
      async () => (await as('owner')).call('ticket.create', { machine: 'desk', user: 'visitor' }),
      'forbidden',
      'only administrators may make tickets in the name of others',
    ],
    [
      'to drive, by who may watch',
      async () => (await as('viewer')).call('ticket.create', { machine: 'desk', rights: 'control' }),
      'forbidden',
      'viewer may only watch desk',
    ],
    [
      'for a machine that is not theirs',
      async () => (await as('owner')).call('ticket.create', { machine: 'lab' }),
      'no-such-machine',
      'there is no machine lab',
    ],
    [
      'for a user who has no role',
      () => root.call('ticket.create', { machine: 'desk', user: 'stranger' }),
      'wrong-state',
      /^stranger has no role for desk, and a ticket gives none; .*vitrine role grant desk stranger use$/,
    ],
    [
      'for a template',
      () => root.call('ticket.create', { machine: 'golden' }),
      'wrong-state',
      'golden is a template: it has no screen',
    ],
    [
      'for a name that is none',
      () => root.call('ticket.create', { machine: 'desk', user: 'a\u001b[2Jb' }),
      'bad-request',
      /cannot be a name$/,
    ],
  ])('are not to be had %s', async (_, ask, code, message) => {
    await expect(ask()).rejects.toMatchObject({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  test('go no further than their user’s role at the time', async () => {
    const { secret } = await (await as('owner')).call('ticket.create', { machine: 'desk', uses: 2 });
    const { holder, machines } = await holderOf(secret);
    expect(machines).toEqual(['desk: use']);
    await root.call('access.revoke', { machine: 'desk', subject: 'owner' });
    expect(await holder.call('machine.list', {})).toEqual([]);
    expect((await holderOf(secret)).machines).toEqual([]);
  });
});

describe('whoever administers a machine does not administer the host', () => {
  test.each([
    ['qemuArgs', { qemuArgs: ['-device', 'x'] }],
    ['sharedFolders', { sharedFolders: [{ name: 'all', path: '/' }] }],
    ['disks', { disks: [{ file: '/dev/sda' }] }],
    ['cdrom', { cdrom: '/etc/shadow' }],
    ['usb', { usb: ['1234:5678'] }],
    ['nics', { nics: [{ type: 'bridge' as const, bridge: 'br0' }] }],
    ['rdpPort', { console: { rdpPort: '0.0.0.0:22' } }],
    ['template', { template: true }],
  ])('%s', async (field, more) => {
    const config = { access: { owner: 'admin' as const }, ...more };
    await expect(
      (await as('owner')).call('machine.update', { machine: 'desk', config: { demo: true, ...config } }),
    ).rejects.toMatchObject({
      code: 'forbidden',
      message: `only administrators of the host may change ${field}: it reaches into the host`,
    });
  });

  test('what is the machine’s own is theirs', async () => {
    const owner = await as('owner');
    const { config } = await owner.call('machine.show', { machine: 'desk' });
    const changed = { ...config, memory: 96, description: 'mine' };
    await owner.call('machine.update', { machine: 'desk', config: changed });
    expect(await owner.call('machine.show', { machine: 'desk' })).toMatchObject({ memoryMiB: 96, description: 'mine' });
  });
});

test('who has taken somebody’s login does not find out the password by changing it', async () => {
  const viewer = await as('viewer');
  const change = (current: string) =>
    viewer.call('user.password', { user: 'viewer', current, password: 'new password' });
  for (let i = 0; i < LIMITS.failedLogins; i++) {
    await expect(change(`guess ${i}`)).rejects.toMatchObject({ code: 'forbidden' });
  }
  await expect(change(PASSWORD)).rejects.toMatchObject({ code: 'too-many-attempts' });
});

describe('RFB, with the service’s own rights', () => {
  /** A viewer that says a name and a password; undefined: it is in, or why not. */
  async function enter(identity: { user: string; machine?: string } | undefined, machine?: string) {
    const [serverEnd, viewerEnd] = memoryPair();
    const viewer = new Viewer(viewerEnd);
    parts.broker.acceptWebSocket(serverEnd, identity, machine);
    await viewer.read(12);
    viewerEnd.write(Buffer.from('RFB 003.008\n'));
    const types = await viewer.read((await viewer.read(1))[0]!);
    if (types[0] !== 1) {
      viewerEnd.destroy('enough');
      return 'a login is asked for';
    }
    viewer.send('01');
    const refused = (await viewer.read(4)).readUInt32BE() !== 0;
    const reason = refused ? await viewer.reason() : undefined;
    viewerEnd.destroy('enough');
    return reason;
  }

  test('a new password ends what the old one opened, and nothing else', async () => {
    const { ticket } = await (await as('boss')).call('console.open', { machine: 'desk', user: 'visitor' });
    const inBy = (identity: Identity | undefined): Viewer => {
      const [serverEnd, viewerEnd] = memoryPair();
      parts.broker.acceptWebSocket(serverEnd, identity);
      return new Viewer(viewerEnd);
    };
    const boss = inBy(await parts.accounts.checkPassword('boss', PASSWORD));
    const visitor = inBy(parts.accounts.useTicket(ticket));
    const owner = inBy(await parts.accounts.checkPassword('owner', PASSWORD));
    for (const viewer of [boss, visitor, owner]) await viewer.read(12);
    await root.call('user.password', { user: 'boss', password: PASSWORD });
    expect(parts.broker.visits.map(({ user }) => user)).toEqual(['owner']);
    expect([boss, visitor, owner].map(({ closed }) => closed !== undefined)).toEqual([true, true, false]);
    owner.transport.destroy('enough');
  });

  test('a cookie opens no machine without a role', async () => {
    expect(await enter({ user: 'stranger' }, 'desk')).toBe('there is no machine "desk" for you here');
    expect(await enter({ user: 'stranger' }, 'none')).toBe('there is no machine "none" for you here');
    expect(await enter({ user: 'nobody' }, 'desk')).toBe('there is no machine "desk" for you here');
    expect(await enter({ user: 'owner', machine: 'lab' }, 'desk')).toBe('there is no machine "lab" for you here');
    expect(await enter(undefined, 'desk')).toBe('a login is asked for');
  });
});

test('the private socket, whose callers are administrators, is for its owner alone', () => {
  expect(statSync(join(folder, 'api.sock')).mode & 0o777).toBe(0o600);
});

test('a name that is nobody’s is a mistake', async () => {
  const nobody = { code: 'no-such-user', message: expect.stringContaining('alcie') };
  const made = root.call('machine.create', { name: 'theirs', config: { demo: true }, owner: 'alcie' });
  await expect(made).rejects.toMatchObject(nobody);
  await expect(root.call('access.revoke', { machine: 'desk', subject: 'alcie' })).rejects.toMatchObject(nobody);
  await root.call('access.revoke', { machine: 'desk', subject: 'OWNER' });
  expect(await root.call('access.list', { machine: 'desk' })).toEqual({ viewer: 'view' });
});

test('of a machine that one may not see there are no sessions either, and of one that is gone there is a log', async () => {
  const stranger = await as('stranger');
  const nowhere = { code: 'no-such-machine' };
  await expect(root.call('session.list', { machine: 'desc' })).rejects.toMatchObject(nowhere);
  await expect(stranger.call('session.list', { machine: 'desk' })).rejects.toMatchObject(nowhere);
  expect(await (await as('owner')).call('session.list', { machine: 'DESK' })).toEqual([]);

  await root.call('machine.create', { name: 'passing', config: { demo: true } });
  await root.call('machine.delete', { machine: 'passing' });
  const entries = await root.call('host.audit', { machine: 'Passing' });
  expect(entries.map(({ action }) => action)).toEqual(['create', 'delete']);
});
