import { createCipheriv, createDiffieHellman, createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeIdentity } from '../../../server/auth/make-certificate.js';
import { SingleUser } from '../../../server/auth/single-user.js';
import { serveRfb } from '../../../server/rfb/session.js';
import type { Host } from '../../../server/session/host.js';
import type { RouteHints } from '../../../server/session/reception.js';
import { TcpTransport } from '../../../server/transport/tcp.js';
import type { TlsIdentity } from '../../../server/transport/transport.js';
import { vncResponse } from '../../../src/base/vnc-response.js';
import { House, PASSWORD } from './fixture.js';
import { TcpClient } from './tcp-client.js';

const [PLAIN, TLS_VNC, TLS_PLAIN, X509_VNC, X509_PLAIN] = [256, 258, 259, 261, 262];
const [VNC_AUTH, VENCRYPT, APPLE_DH] = [2, 19, 30];

let tls: TlsIdentity;
const cleanups: (() => void)[] = [];

beforeAll(async () => {
  const pem = await makeIdentity(Date.now());
  tls = { cert: pem, key: pem };
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Credentials of people who are told apart by their names. */
class Named extends SingleUser {
  readonly named = true;
}

/** Where people have said that they want to go. */
const arrivals: RouteHints[] = [];

async function connectTo(
  house: House,
  transportOf = (socket: Socket) => new TcpTransport(socket),
  rules: Partial<Host> = {},
): Promise<TcpClient> {
  arrivals.length = 0;
  const host: Host = {
    ...house.host,
    ...rules,
    tls,
    reception: {
      async arrived(_session, _identity, hints) {
        arrivals.push(hints);
        return 'here';
      },
    },
  };
  const server = createServer((socket) => void serveRfb(transportOf(socket), host)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return new TcpClient(connect((server.address() as AddressInfo).port, '127.0.0.1'));
}

/** As if somebody on the way could read along. */
class FarTransport extends TcpTransport {
  override get isPrivate(): boolean {
    return this.kind === 'tls';
  }
}
const far = (socket: Socket) => new FarTransport(socket);
const alice = () => new House(new Named('alice', PASSWORD));

describe('what is offered', () => {
  test.each([
    [
      'a password on this host',
      new House(),
      undefined,
      [VNC_AUTH, VENCRYPT],
      [X509_VNC, X509_PLAIN, TLS_VNC, TLS_PLAIN, PLAIN],
    ],
    ['a password from afar', new House(), far, [VENCRYPT, VNC_AUTH], [X509_VNC, X509_PLAIN, TLS_VNC, TLS_PLAIN]],
    [
      'names on this host',
      alice(),
      undefined,
      [VENCRYPT, APPLE_DH, VNC_AUTH],
      [X509_PLAIN, X509_VNC, TLS_PLAIN, TLS_VNC, PLAIN],
    ],
    ['names from afar', alice(), far, [VENCRYPT, APPLE_DH, VNC_AUTH], [X509_PLAIN, X509_VNC, TLS_PLAIN, TLS_VNC]],
  ] as const)('for %s', async (_what, house, transport, types, subtypes) => {
    const client = await connectTo(house, transport);
    expect(await client.begin()).toEqual(types);
    expect(await client.veNCrypt()).toEqual(subtypes);
  });
});

test('VncAuth alone, where that is wished, whoever it is and from wherever', async () => {
  for (const [house, transport] of [[new House(), undefined] as const, [alice(), far] as const]) {
    const client = await connectTo(house, transport, { vncAuthOnly: true });
    expect(await client.begin()).toEqual([VNC_AUTH]);
  }
});

describe('a login with a name', () => {
  test('inside TLS with our certificate; the names of machines are passed on', async () => {
    const house = alice();
    const client = await connectTo(house, far);
    await client.begin();
    await client.veNCrypt();
    client.choose(X509_PLAIN!);
    expect([...(await client.read(1))]).toEqual([1]);
    expect(await client.secure({ servername: 'desk-3.example' })).toContain('DNS:localhost');
    client.plain('work\\Alice#desk-3', PASSWORD);
    expect(await client.result()).toBeUndefined();
    expect(arrivals).toEqual([{ named: 'desk-3', domain: 'work', serverName: 'desk-3.example' }]);
    client.write([1]);
    expect((await client.read(24)).readUInt16BE(0)).toBe(640);
    expect([...house.sessions].map(({ identity }) => identity)).toEqual([{ user: 'alice' }]);
  });

  test('inside TLS without a certificate', async () => {
    const client = await connectTo(alice(), far);
    await client.begin();
    await client.veNCrypt();
    client.choose(TLS_PLAIN!);
    await client.read(1);
    const ciphers = 'aNULL:@SECLEVEL=0';
    expect(
      await client.secure({ ciphers, maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined }),
    ).toBeUndefined();
    client.plain('alice', PASSWORD);
    expect(await client.result()).toBeUndefined();
  });

  test('without TLS on this host', async () => {
    const client = await connectTo(alice());
    await client.begin();
    await client.veNCrypt();
    client.choose(PLAIN!);
    client.plain('alice', PASSWORD);
    expect(await client.result()).toBeUndefined();
  });

  test('with Diffie-Hellman', async () => {
    const house = alice();
    const client = await connectTo(house);
    const types = await client.begin();
    expect(types).toContain(APPLE_DH);
    client.write([APPLE_DH!]);
    const head = await client.read(4);
    const size = head.readUInt16BE(2);
    const [prime, theirs] = [await client.read(size), await client.read(size)];
    const key = createDiffieHellman(prime, head.subarray(0, 2));
    const padded = (bytes: Buffer) => Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
    const ours = padded(key.generateKeys());
    const aes = createHash('md5')
      .update(padded(key.computeSecret(theirs)))
      .digest();
    const said = Buffer.alloc(128, 0x55);
    said.write('alice#desk-3\0', 0);
    said.write(`${PASSWORD}\0`, 64);
    const cipher = createCipheriv('aes-128-ecb', aes, null).setAutoPadding(false);
    client.write(Buffer.concat([cipher.update(said), ours]));
    expect(await client.result()).toBeUndefined();
    expect(arrivals).toEqual([{ named: 'desk-3' }]);
  });

  test('is refused with a wrong name, a wrong password, and with nonsense for a key', async () => {
    for (const [user, password] of [
      ['mallory', PASSWORD],
      ['alice', 'x'],
      ['', ''],
    ] as const) {
      const client = await connectTo(alice());
      await client.begin();
      await client.veNCrypt();
      client.choose(PLAIN!);
      client.plain(user, password);
      expect(await client.result()).toBe('wrong user name or password');
    }
    const house = alice();
    const client = await connectTo(house);
    await client.begin();
    client.write([APPLE_DH!]);
    const size = (await client.read(4)).readUInt16BE(2);
    await client.read(2 * size);
    client.write(Buffer.alloc(128 + size));
    expect(await client.result()).toBe('wrong user name or password');
    expect(house.errors).toEqual([]);
  });
});

describe('a password alone inside TLS', () => {
  test('is enough where there is one user', async () => {
    const client = await connectTo(new House(), far);
    await client.begin();
    await client.veNCrypt();
    client.choose(X509_VNC!);
    await client.read(1);
    await client.secure({});
    client.write(vncResponse(await client.read(16), PASSWORD));
    expect(await client.result()).toBeUndefined();
    expect(arrivals).toEqual([{}]);
  });
});

test('a TLS handshake that fails ends its session and nothing else', async () => {
  const house = alice();
  const client = await connectTo(house, far);
  await client.begin();
  await client.veNCrypt();
  client.choose(X509_PLAIN!);
  await client.read(1);
  client.write('this is no TLS, it is just some text that goes on for a while');
  await expect(client.read(1000)).rejects.toThrow('closed');
  expect(house.sessions.size).toBe(0);
  expect(house.errors).toEqual([]);
  expect(house.clock.timers.size).toBe(0);
});

test('a repeater’s ID is passed on', async () => {
  const house = new House();
  const wanted: RouteHints[] = [];
  const reception: Host['reception'] = {
    async arrived(_session, _identity, hints) {
      wanted.push(hints);
      return 'here';
    },
  };
  const viewer = house.connect({ reception }, { repeater: true });
  expect((await viewer.read(12)).toString()).toBe('RFB 000.000\n');
  viewer.transport.write(Buffer.from('ID:desk-3'.padEnd(250, '\0')));
  await viewer.login(PASSWORD);
  expect(wanted).toEqual([{ repeaterId: 'desk-3' }]);
  expect(viewer.width).toBe(640);
});
