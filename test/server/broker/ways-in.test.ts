import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ClientInfo, INFO } from '../../../protocols/rdp/client-info.js';
import { mcsPdu } from '../../../protocols/rdp/envelope.js';
import { SendDataRequest } from '../../../protocols/rdp/mcs/domain.js';
import { PreconnectionPdu } from '../../../protocols/rdp/preconnection.js';
import { SECURITY, SecurityHeader } from '../../../protocols/rdp/security-header.js';
import { tpkt } from '../../../protocols/rdp/tpkt.js';
import { ConnectionRequest } from '../../../protocols/rdp/x224.js';
import { encode } from '../../../protocols/wire/codec.js';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { RFB, RFB_REPEATER } from '../../../server/broker/protocols.js';
import type { TlsIdentity } from '../../../server/transport/transport.js';
import { vncResponse } from '../../../src/base/vnc-response.js';
import { fakeSession } from '../fake-session.js';
import { Client } from '../rdp/fixture.js';
import { TcpClient } from '../rfb/tcp-client.js';
import { TICKET, Town } from './town.js';

/**
 * Every way in which a client can name a machine, through the whole of a broker: it leads to machines of one's own, and
 * to no other's. Alice has 'mine' and 'lab', bob has 'theirs'; 'none' does not exist.
 */

let tls: TlsIdentity;
let town: Town;
beforeAll(async () => {
  const pem = await makeIdentity(Date.now());
  tls = { cert: pem, key: pem };
});
beforeEach(async () => {
  town = Town.byName(tls);
  for (const name of ['mine', 'lab', 'theirs']) (await town.home(name)).roles = {};
  for (const name of ['mine', 'lab']) town.homes.get(name)!.roles = { alice: 'use' };
  town.homes.get('theirs')!.roles = { bob: 'use' };
});
afterEach(async () => {
  await town.close();
  expect(town.faults).toEqual([]);
});

const soon = <T>(fact: () => T): Promise<T> => vi.waitFor(fact, { interval: 5, timeout: 5_000 });

/** Where somebody has come to: the name of a machine, or 'picker', or 'away'. */
type Place = string;

async function placeOf(user: string, isOver: () => boolean): Promise<Place> {
  return soon(() => {
    for (const { name, visitors } of town.homes.values()) {
      if (visitors.list().some((session) => session.user === user)) return name;
    }
    if (town.broker.visits.some((visit) => visit.user === user)) return 'picker';
    expect(isOver()).toBe(true);
    return 'away';
  });
}

interface RdpSaying {
  readonly user?: string;
  readonly domain?: string;
  readonly routing?: string;
  readonly preconnection?: string;
  readonly preset?: string;
}

/** An RDP client that logs in as alice. */
async function byRdp({ user = 'alice', domain = '', routing, preconnection, preset }: RdpSaying): Promise<Place> {
  const client = new Client('freerdp-2', town.acceptRdp(preset), fakeSession('memory'));
  if (preconnection !== undefined) client.write(encode(PreconnectionPdu, { id: 0, text: preconnection }));
  const negotiation = { flags: 0, protocols: 1 };
  client.write(tpkt((w) => ConnectionRequest.encode(w, { sourceReference: 0, routing, negotiation })));
  // What was recorded, but for the login.
  client.writeReads(1, 10);
  const info = { codePage: 0, flags: INFO.unicode, domain, user, password: "alice's", extended: undefined };
  const texts = { alternateShell: '', workingDirectory: '' };
  const userData = Buffer.concat([
    encode(SecurityHeader, { flags: SECURITY.info }),
    encode(ClientInfo, { ...info, ...texts }),
  ]);
  client.write(mcsPdu(SendDataRequest, { initiator: 1008, channelId: 1003, userData }));
  await soon(() => expect(client.heard).not.toEqual([]));
  client.writeReads(11, 16);
  return placeOf('alice', () => client.heard.at(-1) === 'goodbye');
}

interface VncSaying {
  readonly user?: string;
  /** Inside TLS with this server name; else VeNCrypt's Plain. */
  readonly serverName?: string;
  readonly repeaterId?: string;
  readonly preset?: string;
}

async function connectVnc(preset?: string, repeater = false): Promise<TcpClient> {
  const server = town.broker.createServer(repeater ? (RFB_REPEATER as never) : (RFB as never), preset);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return new TcpClient(connect((server.address() as AddressInfo).port, '127.0.0.1'));
}

/** A VNC viewer that logs in as alice. */
async function byVnc({ user = 'alice', serverName, repeaterId, preset }: VncSaying): Promise<Place> {
  const viewer = await connectVnc(preset, repeaterId !== undefined);
  if (repeaterId !== undefined) {
    await viewer.read(12);
    viewer.write(Buffer.concat([Buffer.from(`ID:${repeaterId}`), Buffer.alloc(250)]).subarray(0, 250));
  }
  await viewer.begin();
  await viewer.veNCrypt();
  viewer.choose(serverName === undefined ? 256 : 262);
  if (serverName !== undefined) {
    await viewer.read(1);
    await viewer.secure({ servername: serverName });
  }
  viewer.plain(user, "alice's");
  const refusal = await viewer.result();
  if (refusal !== undefined) {
    expect(refusal).toMatch(/^there is no machine "(theirs|none)" for you here$/);
    viewer.close();
    await soon(() => expect(town.broker.size).toBe(0));
    return 'away';
  }
  viewer.write([1]);
  return placeOf('alice', () => viewer.closed);
}

async function byWebSocket(machine: string): Promise<Place> {
  const watcher = town.watch({ user: 'alice' }, machine);
  const refusal = await watcher.begin().then(
    () => undefined,
    (error: Error) => error.message,
  );
  return placeOf('alice', () => refusal !== undefined);
}

/** `binding`: it is that machine or none; else it may be anything, and says nothing where it is no machine of theirs. */
const WAYS: readonly (readonly [string, (name: string) => Promise<Place>, binding: boolean])[] = [
  ['RDP, preconnection PDU', (preconnection) => byRdp({ preconnection }), true],
  ['RDP, preconnection PDU of Hyper-V', (vm) => byRdp({ preconnection: `${vm};EnhancedMode=1` }), true],
  ['RDP, load balance info', (vm) => byRdp({ routing: `tsv://${vm}` }), true],
  ['RDP, load balance info of Windows', (vm) => byRdp({ routing: `tsv://MS Terminal Services Plugin.1.${vm}` }), true],
  ['RDP, cookie msts', (vm) => byRdp({ routing: `Cookie: msts=${vm}` }), true],
  ['RDP, cookie mstshash', (vm) => byRdp({ routing: `Cookie: mstshash=${vm}` }), false],
  ['RDP, user name alice#vm', (vm) => byRdp({ user: `alice#${vm}` }), true],
  ['RDP, user name vm\\alice', (vm) => byRdp({ user: `${vm}\\alice` }), false],
  ['RDP, domain', (domain) => byRdp({ domain }), false],
  ['RDP, port of its own', (preset) => byRdp({ preset }), true],
  ['VNC, user name alice#vm', (vm) => byVnc({ user: `alice#${vm}` }), true],
  ['VNC, user name vm\\alice', (vm) => byVnc({ user: `${vm}\\alice` }), false],
  ['VNC, server name in TLS', (vm) => byVnc({ serverName: `${vm}.host.example` }), false],
  ['VNC, repeater ID', (repeaterId) => byVnc({ repeaterId }), true],
  ['VNC, port of its own', (preset) => byVnc({ preset }), true],
  ['browser, address', byWebSocket, true],
];

describe.each(WAYS)('%s', (_, goTo, binding) => {
  test('leads to a machine of one’s own', async () => {
    expect(await goTo('mine')).toBe('mine');
    expect(town.audit).toContain('session.start ok alice mine');
  });

  test.each(['theirs', 'none'])('leads not to %s', async (name) => {
    expect(await goTo(name)).toBe(binding ? 'away' : 'picker');
    expect(town.audit.filter((entry) => entry.startsWith('session.start ok'))).toEqual([]);
    for (const home of town.homes.values()) expect(home.links).toBe(0);
  });
});

describe('a ticket as a VNC viewer’s password', () => {
  async function byTicket(password: string): Promise<string | undefined> {
    const viewer = await connectVnc();
    expect(await viewer.begin()).toContain(2);
    viewer.write([2]);
    viewer.write(vncResponse(await viewer.read(16), password));
    const refusal = await viewer.result();
    if (refusal === undefined) viewer.write([1]);
    return refusal;
  }

  test('leads to its machine, with its rights', async () => {
    expect(await byTicket(TICKET)).toBeUndefined();
    await soon(() =>
      expect(town.homes.get('theirs')!.visitors.list()).toMatchObject([{ user: 'bob', rights: 'view' }]),
    );
  });

  test('leads nowhere once its user has no role', async () => {
    town.homes.get('theirs')!.roles = {};
    expect(await byTicket(TICKET)).toBe('there is no machine "theirs" for you here');
  });

  test('any other password is none', async () => {
    expect(await byTicket("alice's")).toBe('wrong password');
  });
});
