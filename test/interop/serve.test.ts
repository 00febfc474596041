import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress, xfreerdp } from './harness/clients.js';
import { colourCount, fromPng } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires, X } from './harness/requires.js';
import { ServiceUnderTest } from './harness/service.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';

const PASSWORD = 'test-pass-2718';
const MACHINES = ['desk-1', 'desk-2', 'desk-3'];
/** The demo's desktop has hundreds of colours, the lobby's pictures too, and a screen that is not there none. */
const MANY_COLOURS = 100;

describe('a host of desktops', requires(...X, 'xfreerdp'), () => {
  let service: ServiceUnderTest;

  beforeAll(async () => {
    service = await ServiceUnderTest.start();
    const { api } = service;
    for (const name of MACHINES) {
      await api.call('machine.clone', { machine: 'demo', name, linked: true });
      await api.call('machine.start', { machine: name });
    }
    const grants = { alice: ['desk-1'], bob: ['desk-2', 'desk-3'], mallory: [] };
    for (const [name, machines] of Object.entries(grants)) {
      await api.call('user.create', { name, password: PASSWORD });
      for (const machine of machines) await api.call('access.grant', { machine, subject: name, role: 'use' });
    }
  });
  afterAll(endEverything);

  const connect = (user: string) => XClient.open(xfreerdp(service.rdp, { user, password: PASSWORD }));
  const whereIs = async (user: string) =>
    (await service.api.call('session.list', {})).find((session) => session.user === user)?.machine;
  const untilAt = (user: string, machine: string | null) =>
    until(`${user} is at ${machine ?? 'the picker'}`, async () => (await whereIs(user)) === machine);
  const screen = async (machine: string) =>
    fromPng(Buffer.from(await service.api.call('console.screenshot', { machine })));

  test('one address leads everybody to their own machine', async () => {
    const client = await connect('alice');
    await untilAt('alice', 'desk-1');
    await until('the desktop is shown', async () => colourCount(await client.picture()) > MANY_COLOURS);
    await client.type('hello');
    const before = await screen('desk-2');
    await until('it is typed', async () => {
      const typed = await screen('desk-1');
      return typed.pixels.some((pixel, i) => pixel !== before.pixels[i]);
    });
    await client.close();
    await until('alice has left', async () => (await whereIs('alice')) === undefined);
  });

  test('whoever has several chooses, and comes back by the chord to choose anew', async () => {
    const client = await connect('bob');
    await untilAt('bob', null);
    await until('the picker is shown', async () => colourCount(await client.picture()) > MANY_COLOURS);
    await client.press('Home');
    await client.press('Return');
    await untilAt('bob', 'desk-2');
    await client.press('ctrl+alt+shift+p');
    await untilAt('bob', null);
    await client.press('End');
    await client.press('Return');
    await untilAt('bob', 'desk-3');
    await client.close();
  });

  test('whoever has none reaches none, whatever they name', async () => {
    const client = await XClient.start(xfreerdp(service.rdp, { user: 'mallory#desk-1', password: PASSWORD }));
    await client.ended();
    expect(await whereIs('mallory')).toBeUndefined();
  });

  test('a port of its own leads to one machine, for those who have a role there', async () => {
    const { api } = service;
    const ports = async () => (await api.call('machine.show', { machine: 'desk-3' })).ports;
    const { config } = await api.call('machine.show', { machine: 'desk-3' });
    const first = await freePort();
    const last = first + 9;
    await api.call('machine.update', {
      machine: 'desk-3',
      config: { ...config, console: { rdpPort: `${first}-${last}` } },
    });
    const address = await until('it is open', async () => (await ports()).rdp);
    const { rdp, vnc } = await api.call('console.open', { machine: 'desk-3' });
    expect([rdp?.address, vnc?.includes('@127.0.0.1:')]).toEqual([address, true]);
    const there = (user: string) => xfreerdp(parseAddress(address), { user, password: PASSWORD });
    const bob = await XClient.open(there('bob'));
    await untilAt('bob', 'desk-3');
    await bob.close();
    // She has a machine, but not this one.
    await (await XClient.start(there('alice'))).ended();
    expect(await whereIs('alice')).toBeUndefined();
    await api.call('machine.update', { machine: 'desk-3', config });
    await until('it is closed', async () => (await ports()).rdp === null);
  });

  test('machines outlive a service that is killed, and are found again; one that is killed comes back', async () => {
    const pids = async () => {
      const machines = await service.api.call('machine.list', {});
      return new Map(machines.filter(({ pid }) => pid !== null).map(({ name, pid }) => [name, pid!]));
    };
    const before = await pids();
    process.kill(service.pid, 'SIGKILL');
    await until('the service has ended', () => service.program.exit);
    await service.startAgain();
    expect(await pids()).toEqual(before);

    process.kill(before.get('desk-3')!, 'SIGKILL');
    await until('desk-3 is back', async () => {
      const machine = await service.api.call('machine.show', { machine: 'desk-3' });
      return machine.state === 'running' && machine.pid !== before.get('desk-3');
    });
    const after = await pids();
    for (const name of ['desk-1', 'desk-2']) expect(after.get(name)).toBe(before.get(name));
    const client = await connect('alice');
    await untilAt('alice', 'desk-1');
    await client.close();
  });

  test('a service that is stopped says so, to those at machines and to those at the picker', async () => {
    const [atMachine, atPicker] = [await connect('alice'), await connect('bob')];
    await untilAt('alice', 'desk-1');
    await untilAt('bob', null);
    process.kill(service.pid, 'SIGTERM');
    for (const client of [atMachine, atPicker]) {
      expect(await client.ended()).toEqual({ code: 1, signal: null });
      expect(client.program.output).toContain('RPC_INITIATED_DISCONNECT');
    }
    expect(await until('the service has ended', () => service.program.exit)).toEqual({ code: 0, signal: null });
    await service.startAgain();
  });

  test('whoever is shut out while connected is out', async () => {
    const client = await connect('alice');
    await untilAt('alice', 'desk-1');
    await service.api.call('user.update', { user: 'alice', disabled: true });
    expect(await client.ended()).toEqual({ code: 1, signal: null });
    expect(await whereIs('alice')).toBeUndefined();
    await service.api.call('user.update', { user: 'alice', disabled: false });
  });
});

/** One that nobody has at present. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
