import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { makeIdentity } from '../../server/auth/make-certificate.js';
import { LIMITS } from '../../server/limits.js';
import { HandedOverTransport } from '../../server/transport/handed-over.js';
import { memoryPair } from '../../server/transport/memory.js';
import { TcpTransport } from '../../server/transport/tcp.js';
import type { TlsIdentity, Transport } from '../../server/transport/transport.js';
import { WebSocketTransport } from '../../server/transport/websocket.js';
import { Random } from '../random.js';

/** The far end of the connection, as plain as the medium allows. */
interface Peer {
  send(bytes: Uint8Array): void;
  received(): Buffer;
  /** Stops or goes on reading. */
  reading(on: boolean): void;
  closed: Promise<unknown>;
  destroy(): void;
}
interface Pair {
  transport: Transport;
  peer: Peer;
}

let identity: TlsIdentity;
const cleanups: (() => void)[] = [];

beforeAll(async () => {
  const pem = await makeIdentity(Date.now());
  identity = { cert: pem, key: pem };
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function socketPeer(socket: Socket): Peer {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  return {
    send: (bytes) => socket.write(bytes),
    received: () => Buffer.concat(chunks),
    reading: (on) => (on ? socket.resume() : socket.pause()),
    closed: once(socket, 'close'),
    destroy: () => socket.destroy(),
  };
}

async function tcpSockets(): Promise<[server: Socket, client: Socket]> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  server.close();
  return [accepted, client];
}

const kinds: Record<string, () => Promise<Pair>> = {
  async tcp() {
    const [accepted, client] = await tcpSockets();
    return { transport: new TcpTransport(accepted), peer: socketPeer(client) };
  },
  async 'handed over'() {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    server.listen(join(folder, 's'));
    await once(server, 'listening');
    const client = connect(join(folder, 's'));
    const [accepted] = (await once(server, 'connection')) as [Socket];
    server.close();
    return { transport: new HandedOverTransport(accepted, '10.0.0.7'), peer: socketPeer(client) };
  },
  async tls() {
    const [accepted, client] = await tcpSockets();
    const transport = new TcpTransport(accepted);
    const [secure] = await Promise.all([
      new Promise<TLSSocket>((resolve) => {
        const socket = connectTls({ socket: client, rejectUnauthorized: false }, () => resolve(socket));
      }),
      transport.upgradeTls(identity),
    ]);
    return { transport, peer: socketPeer(secure) };
  },
  async websocket() {
    const http = createHttpServer();
    const sockets = new WebSocketServer({ server: http });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    const [accepted] = (await once(sockets, 'connection')) as [WebSocket];
    await once(client, 'open');
    const chunks: Buffer[] = [];
    client.on('message', (data: Buffer) => chunks.push(data));
    client.on('error', () => {});
    cleanups.push(() => {
      client.terminate();
      http.close();
    });
    return {
      transport: new WebSocketTransport(accepted, '127.0.0.1'),
      peer: {
        send: (bytes) => client.send(bytes),
        received: () => Buffer.concat(chunks),
        reading: (on) => (on ? client.resume() : client.pause()),
        closed: once(client, 'close'),
        destroy: () => client.terminate(),
      },
    };
  },
  async memory() {
    const [transport, far] = memoryPair();
    const chunks: Uint8Array[] = [];
    far.onData = (bytes) => chunks.push(bytes);
    const closed = new Promise((resolve) => {
      far.onClose = resolve;
    });
    return {
      transport,
      peer: {
        send: (bytes) => far.write(bytes),
        received: () => Buffer.concat(chunks),
        reading: (on) => (on ? far.resume() : far.pause()),
        closed,
        destroy: () => far.destroy('gone'),
      },
    };
  },
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe.each(Object.entries(kinds))('transport: %s', (_name, open) => {
  test('carries bytes both ways, in order and whole', async () => {
    const { transport, peer } = await open();
    const inbound: Uint8Array[] = [];
    transport.onData = (bytes) => inbound.push(bytes);
    const random = new Random(5);
    const sent = Array.from({ length: 40 }, () => random.bytes(1 + random.below(60_000)));
    for (const bytes of sent) {
      transport.write(bytes);
      peer.send(bytes);
    }
    const whole = Buffer.concat(sent);
    await until(() => Buffer.concat(inbound).length >= whole.length && peer.received().length >= whole.length);
    expect(Buffer.concat(inbound).equals(whole)).toBe(true);
    expect(peer.received().equals(whole)).toBe(true);
    transport.destroy('done');
  });

  test('counts what the peer has not read, and says when that is gone', async () => {
    const { transport, peer } = await open();
    peer.reading(false);
    let drained = 0;
    transport.onDrain = () => drained++;
    const block = new Uint8Array(1 << 20);
    for (let i = 0; i < 24; i++) transport.write(block);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(transport.unsentBytes).toBeGreaterThan(0);
    expect(drained).toBe(0);
    peer.reading(true);
    await until(() => peer.received().length === 24 << 20);
    await until(() => drained > 0);
    expect(transport.unsentBytes).toBe(0);
    transport.destroy('done');
  });

  test('end delivers what was written, closes both ends and reports once', async () => {
    const { transport, peer } = await open();
    const reasons: string[] = [];
    transport.onClose = (reason) => reasons.push(reason);
    transport.write(Buffer.from('goodbye'));
    transport.end();
    await peer.closed;
    await until(() => transport.isClosed);
    expect(peer.received().toString()).toBe('goodbye');
    transport.destroy('again');
    transport.write(Buffer.from('ignored'));
    expect(reasons).toHaveLength(1);
  });

  test('a peer that vanishes is a close, not an error', async () => {
    const { transport, peer } = await open();
    const closed = new Promise<string>((resolve) => {
      transport.onClose = resolve;
    });
    peer.destroy();
    await closed;
    expect(transport.isClosed).toBe(true);
  });
});

test('a peer that asks without reading is cut off at the limit', async () => {
  const { transport, peer } = await kinds.tcp!();
  peer.reading(false);
  const closed = new Promise<string>((resolve) => {
    transport.onClose = resolve;
  });
  const block = new Uint8Array(8 << 20);
  for (let i = 0; i < 16 && !transport.isClosed; i++) transport.write(block);
  expect(await closed).toBe('the peer does not read');
  expect(transport.unsentBytes).toBeLessThan(LIMITS.maxUnsentBytes + (16 << 20));
});

test('TLS takes over bytes that were read before the upgrade', async () => {
  const [accepted, client] = await tcpSockets();
  const transport = new TcpTransport(accepted);
  const early: Uint8Array[] = [];
  transport.onData = (bytes) => early.push(bytes);
  const secure = connectTls({ socket: client, rejectUnauthorized: false });
  cleanups.push(() => secure.destroy());
  await until(() => early.length > 0);
  await transport.upgradeTls(identity, Buffer.concat(early));
  const got: Buffer[] = [];
  transport.onData = (bytes) => got.push(Buffer.from(bytes));
  secure.write('inside');
  await until(() => got.length > 0);
  expect(Buffer.concat(got).toString()).toBe('inside');
  transport.destroy('done');
});

test('a failed TLS handshake rejects and closes', async () => {
  const [accepted, client] = await tcpSockets();
  const transport = new TcpTransport(accepted);
  client.on('error', () => {});
  client.write('this is no ClientHello, not even nearly');
  await expect(transport.upgradeTls(identity)).rejects.toThrow(/TLS handshake failed/);
  expect(transport.isClosed).toBe(true);
});

/** A connection that has become TLS, with a way around TLS at the client's end. */
async function secured() {
  const [accepted, client] = await tcpSockets();
  const transport = new TcpTransport(accepted);
  const detour = Duplex.from({ readable: client, writable: client });
  detour.on('error', () => {});
  client.on('error', () => {});
  const secure = connectTls({ socket: detour, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  secure.on('error', () => {});
  cleanups.push(() => secure.destroy());
  const closed = new Promise<string>((resolve) => {
    transport.onClose = resolve;
  });
  await Promise.all([transport.upgradeTls(identity), once(secure, 'secureConnect')]);
  return { transport, client, secure, closed };
}

test('what is no TLS any more closes the connection', async () => {
  const { client, closed } = await secured();
  client.write('17030300 this is no record, not even nearly');
  expect(await closed).toMatch(/SSL|TLS/);
});

test('nobody has the TLS handshake done again and again', async () => {
  const { transport, secure } = await secured();
  await expect(
    new Promise<void>((resolve, reject) => {
      secure.on('error', reject);
      secure.renegotiate({ rejectUnauthorized: false }, (error) => (error === null ? resolve() : reject(error)));
    }),
  ).rejects.toThrow(/no renegotiation/);
  transport.destroy('done');
});
