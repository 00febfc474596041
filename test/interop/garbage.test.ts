import { readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../random.js';
import type { Address } from './harness/clients.js';
import { type PatternGuest, startPattern } from './harness/pattern.js';
import { endEverything } from './harness/processes.js';
import { RfbProbe } from './harness/rfb-probe.js';
import { PASSWORD } from './harness/vitrine.js';
import { until } from './harness/wait.js';

const CONNECTIONS = 200;
/** The server's longest patience is the 30 s of a handshake. */
const VANISH_MS = 60_000;
/** Resident memory may grow by this much over all 1,800 connections; seen were 10 to 30 MiB. */
const GROWTH_BYTES = 64 << 20;

const PORTS = ['rdp', 'vnc', 'http'] as const;
type Port = (typeof PORTS)[number];

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** TPKT header; X.224 Connection Request; negotiation request for TLS and CredSSP. */
const CONNECTION_REQUEST = hex('03 00 00 13  0e e0 0000 0000 00  01 00 0800 03000000');
/** The head of a TLS record with a ClientHello of 512 bytes, and two bytes of it. */
const CLIENT_HELLO = hex('16 0301 0200 01 00');
const UPGRADE = 'GET /websockify HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

const TRUNCATED: Readonly<Record<Port, readonly Buffer[]>> = {
  rdp: [
    CONNECTION_REQUEST.subarray(0, 3),
    CONNECTION_REQUEST.subarray(0, 11),
    CONNECTION_REQUEST,
    Buffer.concat([CONNECTION_REQUEST, CLIENT_HELLO]),
  ],
  vnc: ['RFB', 'RFB 003.008\n', 'RFB 003.008\n\x02', 'RFB 003.008\n\x02half', 'RFB 003.003\n'].map((t) =>
    Buffer.from(t),
  ),
  http: [
    Buffer.from('GET / HTT'),
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\nX-Long: '),
    Buffer.from(UPGRADE),
    // A WebSocket, then the head of a frame of 2^40 bytes.
    Buffer.concat([Buffer.from(UPGRADE + KEY), hex('82 ff 0000010000000000')]),
    CLIENT_HELLO,
  ],
};

interface Garbage {
  readonly bytes: Uint8Array;
  /** Ends its side after the bytes, or stays and says nothing more. */
  readonly leaves: boolean;
}

const NOISE = Array.from({ length: 8 }, (_, i) => new Random(i + 1).bytes(1 << 20));

interface Kind {
  readonly name: string;
  /** Connections at a time: few enough that each is heard out, or all, of which the server turns most away. */
  readonly atOnce: number;
  make(port: Port, index: number): Garbage;
}

const truncated = (port: Port, i: number): Buffer => TRUNCATED[port][i % TRUNCATED[port].length]!;
const KINDS: readonly Kind[] = [
  { name: 'a megabyte of noise', atOnce: 10, make: (_port, i) => ({ bytes: NOISE[i % 8]!, leaves: i % 2 === 0 }) },
  { name: 'half a handshake and gone', atOnce: 10, make: (port, i) => ({ bytes: truncated(port, i), leaves: true }) },
  {
    name: 'half a handshake or none, and silence',
    atOnce: CONNECTIONS,
    make: (port, i) => ({ bytes: i % 2 === 0 ? truncated(port, i / 2) : new Uint8Array(), leaves: false }),
  },
];

/** Resolves when the server has closed the connection. */
function send(server: Address, { bytes, leaves }: Garbage): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection({ ...server, allowHalfOpen: true });
    socket.on('error', () => {});
    // What the server says is of no interest, that it ends is.
    socket.resume();
    socket.on('end', () => socket.destroy());
    socket.on('close', () => resolve());
    if (leaves) socket.end(bytes);
    else socket.write(bytes);
  });
}

describe('garbage', () => {
  let guest: PatternGuest;
  let startBytes: number;
  const openFiles = () => readdirSync(`/proc/${guest.vitrine.program.pid}/fd`).length;

  beforeAll(async () => {
    guest = await startPattern();
    startBytes = guest.vitrine.residentBytes;
  });
  afterAll(async () => {
    const exit = await guest?.vitrine.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  for (const { name, atOnce, make } of KINDS) {
    test(`${CONNECTIONS} connections of ${name} on each port vanish, and a viewer does not notice`, async () => {
      const filesBefore = openFiles();
      const sendAll = async (port: Port): Promise<void> => {
        for (let from = 0; from < CONNECTIONS; from += atOnce) {
          const wave = Array.from({ length: atOnce }, (_, i) => send(guest.vitrine[port], make(port, from + i)));
          await Promise.all(wave);
        }
      };
      const all = PORTS.map(sendAll);
      let gone = false;
      void Promise.all(all).then(() => {
        gone = true;
      });
      // Key to picture, again and again, for as long as it lasts.
      while (!gone) {
        const before = guest.probe.updates;
        guest.probe.key('k'.charCodeAt(0));
        await until('the viewer sees its key', () => guest.probe.updates > before);
      }
      await until('all connections are gone', () => openFiles() <= filesBefore, {
        deadlineMs: VANISH_MS,
        state: () => `${openFiles()} open files, ${filesBefore} before`,
      });
    }, 120_000);
  }

  test('memory is as it was, and new viewers are welcome', async () => {
    const growth = guest.vitrine.residentBytes - startBytes;
    console.log(`resident memory grew by ${(growth / (1 << 20)).toFixed(1)} MiB`);
    expect(growth).toBeLessThan(GROWTH_BYTES);
    const viewer = await RfbProbe.connect(guest.vitrine.vnc, PASSWORD);
    expect((await viewer.picture()).width).toBe(1024);
    expect(guest.vitrine.program.stderr).not.toMatch(/bug:|^\s+at /m);
  });
});
