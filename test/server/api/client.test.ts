import { chmodSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, ListenOptions } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ApiClient } from '../../../server/api/client.js';
import { listenLocally } from '../../../server/api/local.js';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { scratchFolder } from '../auth/scratch.js';
import { machineView, PNG } from './fake-operations.js';
import { apiForTest, PASSWORD } from './fixture.js';

async function local() {
  const opened = await apiForTest();
  const socketPath = join(scratchFolder(), 'api.sock');
  const server = await listenLocally(opened.api, socketPath);
  onTestFinished(() => server.close());
  return { ...opened, socketPath, client: clientFor({ socketPath }) };
}

function clientFor(address: ConstructorParameters<typeof ApiClient>[0]): ApiClient {
  const client = new ApiClient(address);
  onTestFinished(() => client.close());
  return client;
}

async function listening(server: Server, options: ListenOptions): Promise<void> {
  await new Promise<void>((resolve) => server.listen(options, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
}

test('whoever can open the private socket is the administrator, without a login', async () => {
  const { client, calls, socketPath } = await local();
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  expect(await client.call('machine.list', {})).toHaveLength(2);
  expect(await client.call('user.list', {})).toMatchObject([{ name: 'alice' }]);
  const caller = { user: userInfo().username, admin: true, groups: [], remote: 'local' };
  expect(calls.map((call) => call.caller)).toEqual([caller, caller]);
});

test('parameters arrive wherever they belong, and results are what they are', async () => {
  const { client, calls } = await local();
  expect(await client.call('console.screenshot', { machine: 'desk', maxWidth: 100 })).toEqual(PNG);
  expect(await client.call('machine.log', { machine: 'desk' })).toBe('a line\n');
  expect(await client.call('session.kick', { session: 'a/b ?&#é', message: 'bye & thanks' })).toEqual({});
  await client.call('user.create', { name: 'bob', groups: ['a', 'b'], admin: false });
  await client.call('console.type', { machine: 'desk', text: 'Grüße\n\u0000🙂' });
  expect(calls.map(({ name, params }) => [name, params])).toEqual([
    ['console.screenshot', { machine: 'desk', maxWidth: 100 }],
    ['machine.log', { machine: 'desk' }],
    ['session.kick', { session: 'a/b ?&#é', message: 'bye & thanks' }],
    ['user.create', { name: 'bob', groups: ['a', 'b'], admin: false }],
    ['console.type', { machine: 'desk', text: 'Grüße\n\u0000🙂' }],
  ]);
});

test('problems are thrown as what they are', async () => {
  const { client } = await local();
  await expect(client.call('machine.show', { machine: '-rf' })).rejects.toMatchObject({
    name: 'Problem',
    code: 'no-such-machine',
    exitCode: 1,
    message: 'there is no machine -rf',
  });
  await expect(client.call('console.type', { machine: 'desk', text: 1 as unknown as string })).rejects.toMatchObject({
    code: 'bad-request',
    exitCode: 2,
  });
});

test('a token opens the API over HTTPS, for who trusts the certificate', async () => {
  const { api, calls } = await apiForTest();
  const pem = await makeIdentity(Date.now());
  const server = createHttpsServer({ cert: pem, key: pem }, (request, response) => void api.handle(request, response));
  await listening(server, { port: 0, host: '127.0.0.1' });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const anonymous = clientFor({ url, ca: pem });
  await expect(anonymous.call('machine.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
  const { token } = await anonymous.call('auth.login', { user: 'viewer', password: PASSWORD, token: true });
  const client = clientFor({ url, ca: pem, token: token! });
  await client.call('machine.show', { machine: 'desk' });
  expect(calls).toMatchObject([{ name: 'machine.show', caller: { user: 'viewer', admin: false } }]);
  await expect(client.call('machine.stop', { machine: 'desk' })).rejects.toMatchObject({ code: 'forbidden' });
  await client.call('auth.logout', {});
  await expect(client.call('machine.list', {})).rejects.toMatchObject({ code: 'unauthenticated' });
  const trusting = clientFor({ url });
  await expect(trusting.call('machine.list', {})).rejects.toMatchObject({ code: 'unavailable' });
});

test('events are a loop, which may be left', async () => {
  const { client, onEvent } = await local();
  const seen: string[] = [];
  for await (const event of client.events()) {
    seen.push(event.type);
    if (event.type === 'ready') onEvent.emit({ type: 'machine', machine: machineView('desk') });
    if (seen.length === 4) break;
  }
  expect(seen).toEqual(['machine', 'machine', 'ready', 'machine']);
});

test('the loop of events ends with the service, and by its signal', async () => {
  const { client, api } = await local();
  for (const end of [() => api.close(), (controller: AbortController) => controller.abort()]) {
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const event of client.events(controller.signal)) {
      seen.push(event.type);
      if (event.type === 'ready') end(controller);
    }
    expect(seen).toEqual(['machine', 'machine', 'ready']);
  }
});

test('where nobody answers, or somebody else, it says so', async () => {
  const path = join(scratchFolder(), 'none.sock');
  await expect(clientFor({ socketPath: path }).call('host.show', {})).rejects.toMatchObject({
    code: 'unavailable',
    message: `no service answers at ${path}`,
  });
  const server = createServer((_, response) => void response.writeHead(404).end('<html>'));
  await listening(server, { path });
  await expect(clientFor({ socketPath: path }).call('host.show', {})).rejects.toMatchObject({
    code: 'unavailable',
    message: 'whoever answers there is no vitrine (HTTP status 404)',
  });
  expect(() => new ApiClient({ url: 'example.org:8080' })).toThrow('example.org:8080 is not an address');
  expect(() => new ApiClient({ url: 'nonsense' })).toThrow('nonsense is not an address');
  expect(() => new ApiClient({ url: 'https://example.org/vms/' })).toThrow('has a path');
});

test('a service that hangs up between two calls is simply called again', async () => {
  const socketPath = join(scratchFolder(), 'api.sock');
  const server = createServer((_, response) => response.end('[]'));
  await listening(server, { path: socketPath });
  const client = clientFor({ socketPath });
  for (let call = 0; call < 3; call++) {
    expect(await client.call('machine.list', {})).toEqual([]);
    await new Promise(setImmediate);
    server.closeIdleConnections();
  }
});

test('one service only answers at a socket; what a killed one has left is taken over', async () => {
  const { api, socketPath } = await local();
  await expect(listenLocally(api, socketPath)).rejects.toThrow('a service is running already');
  const left = join(scratchFolder(), 'left.sock');
  const dead = createServer();
  await listening(dead, { path: left });
  chmodSync(left, 0o666);
  // Closed without node taking the file away, as a kill does.
  (dead as unknown as { _handle: { close(): void } })._handle.close();
  const server = await listenLocally(api, left);
  expect(await clientFor({ socketPath: left }).call('machine.list', {})).toHaveLength(2);
  server.close();
});

test.each(['', '.', '..'])('a name that an address would swallow (%j) never gets there', async (name) => {
  const { client, calls } = await local();
  await expect(client.call('user.delete', { user: name })).rejects.toMatchObject({
    code: 'bad-request',
    message: `${JSON.stringify(name)} is no user`,
  });
  expect(calls).toEqual([]);
});
