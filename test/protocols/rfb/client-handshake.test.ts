import { describe, expect, test } from 'vitest';
import { ClientHandshake, type ClientHandshakeEvent } from '../../../protocols/rfb/client-handshake.js';
import { BGRX } from '../../../protocols/rfb/pixel-format.js';
import { ServerHandshake } from '../../../protocols/rfb/server-handshake.js';
import { DecodeError } from '../../../protocols/wire/errors.js';
import { hex, toHex } from '../../hex.js';
import { Random } from '../../random.js';
import { decodesOrRejects, mutate } from '../../wire/registry-suite.js';

const V33 = hex('52 46 42 20 30 30 33 2e 30 30 33 0a'); // "RFB 003.003\n"
const V37 = hex('52 46 42 20 30 30 33 2e 30 30 37 0a');
const V38 = hex('52 46 42 20 30 30 33 2e 30 30 38 0a');
const CHALLENGE = hex('00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f');
const RESPONSE = CHALLENGE.map((byte) => byte ^ 0xff);
const OK = hex('00 00 00 00');
const FAILED = hex('00 00 00 01');
const INIT = hex(
  '02 80 01 e0', // 640x480
  '20 18 00 01', // 32 bits a pixel, depth 24, little endian, true colour
  '00 ff 00 ff 00 ff', // max
  '10 08 00', // shifts
  '00 00 00', // padding
  '00 00 00 02 56 4d', // name "VM"
);
const REASON = hex('00 00 00 04 62 75 73 79'); // "busy"

interface Run {
  sent: string[];
  events: ClientHandshakeEvent[];
}

/** Feeds a server's bytes; a challenge is answered with its complement. */
function run(hasPassword: boolean, server: Uint8Array[], piece = Infinity): Run {
  const handshake = new ClientHandshake({ hasPassword, shared: true });
  const all = Buffer.concat(server);
  const result: Run = { sent: [], events: [] };
  const take = (step: ReturnType<ClientHandshake['step']>): void => {
    result.sent.push(...step.send.map(toHex));
    result.events.push(...step.events);
    for (const event of step.events) {
      if (event.type === 'challenge') take(handshake.respond(event.challenge.map((byte) => byte ^ 0xff)));
    }
  };
  for (let at = 0; at < all.length; at += piece) take(handshake.step(Uint8Array.from(all.subarray(at, at + piece))));
  return result;
}

const ready = { type: 'server-init', init: { width: 640, height: 480, format: BGRX, name: 'VM' } };
const challenge = { type: 'challenge', challenge: CHALLENGE };
const shared = '01';

const CASES: readonly {
  name: string;
  password: boolean;
  server: Uint8Array[];
  sent: (string | Uint8Array)[];
  events: object[];
}[] = [
  {
    name: '3.8 without login',
    password: false,
    server: [V38, hex('02 01 02'), OK, INIT],
    sent: [V38, '01', shared],
    events: [ready],
  },
  {
    name: '3.8 with VncAuth, which is taken before None',
    password: true,
    server: [V38, hex('02 01 02'), CHALLENGE, OK, INIT],
    sent: [V38, '02', RESPONSE, shared],
    events: [challenge, ready],
  },
  {
    name: '3.8 with a wrong password',
    password: true,
    server: [V38, hex('01 02'), CHALLENGE, FAILED, REASON],
    sent: [V38, '02', RESPONSE],
    events: [challenge, { type: 'refused', why: 'login-failed', reason: 'busy' }],
  },
  {
    name: '3.8 without the password that it takes',
    password: false,
    server: [V38, hex('02 02 13')],
    sent: [V38],
    events: [{ type: 'refused', why: 'password-needed' }],
  },
  {
    name: '3.8 with security types of others',
    password: true,
    server: [V38, hex('02 13 1e')],
    sent: [V38],
    events: [{ type: 'refused', why: 'unsupported', types: [19, 30] }],
  },
  {
    name: '3.8 turned away',
    password: true,
    server: [V38, hex('00'), REASON],
    sent: [V38],
    events: [{ type: 'refused', why: 'turned-away', reason: 'busy' }],
  },
  {
    name: '3.7 without login: no result is told',
    password: false,
    server: [V37, hex('01 01'), INIT],
    sent: [V37, '01', shared],
    events: [ready],
  },
  {
    name: '3.7 with a wrong password: no reason is told',
    password: true,
    server: [V37, hex('01 02'), CHALLENGE, FAILED],
    sent: [V37, '02', RESPONSE],
    events: [challenge, { type: 'refused', why: 'login-failed', reason: undefined }],
  },
  {
    name: '3.3 decides itself: None',
    password: true,
    server: [V33, hex('00 00 00 01'), INIT],
    sent: [V33, shared],
    events: [ready],
  },
  {
    name: '3.3 decides itself: VncAuth',
    password: true,
    server: [V33, hex('00 00 00 02'), CHALLENGE, OK, INIT],
    sent: [V33, RESPONSE, shared],
    events: [challenge, ready],
  },
  {
    name: '3.3 turned away',
    password: true,
    server: [V33, hex('00 00 00 00'), REASON],
    sent: [V33],
    events: [{ type: 'refused', why: 'turned-away', reason: 'busy' }],
  },
  {
    name: "RealVNC's 5.0 speaks 3.8",
    password: false,
    server: [hex('52 46 42 20 30 30 35 2e 30 30 30 0a'), hex('01 01'), OK, INIT],
    sent: [V38, '01', shared],
    events: [ready],
  },
  {
    name: "Apple's 3.889 speaks 3.8",
    password: true,
    server: [hex('52 46 42 20 30 30 33 2e 38 38 39 0a'), hex('04 1e 21 24 02'), CHALLENGE, OK, INIT],
    sent: [V38, '02', RESPONSE, shared],
    events: [challenge, ready],
  },
];

describe('client handshake', () => {
  for (const c of CASES) {
    test.each([Infinity, 1, 7])(`${c.name} (%s bytes at a time)`, (piece) => {
      const { sent, events } = run(c.password, c.server, piece);
      expect(sent).toEqual(c.sent.map((s) => (typeof s === 'string' ? s : toHex(s))));
      expect(events).toMatchObject(c.events);
      expect(events.length).toBe(c.events.length);
    });
  }

  test('hands over what came behind the handshake', () => {
    const { events } = run(false, [V38, hex('01 01'), OK, INIT, hex('02 02')]);
    expect(events).toMatchObject([{ type: 'server-init', rest: hex('02 02') }]);
  });

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2p1 Debian\r\n'],
    ['a version before 3', 'RFB 002.002\n'],
  ])('rejects %s', (_, greeting) => {
    expect(() => run(false, [Buffer.from(greeting)])).toThrow(DecodeError);
  });

  test.each([
    ['a reason', [V38, hex('00 ff ff ff ff')]],
    ['a desktop name', [V38, hex('01 01'), OK, INIT.slice(0, 20), hex('7f ff ff ff')]],
  ])('rejects %s of absurd length at once', (_, server) => {
    expect(() => run(false, server)).toThrow(DecodeError);
  });

  test('holds no more than its cap for a server that never comes to the point', () => {
    const handshake = new ClientHandshake({ hasPassword: false, shared: true });
    handshake.step(V38);
    handshake.step(hex('00 00 07 ff ff')); // a reason of 512 KiB is announced
    expect(() => {
      for (let i = 0; i < 16; i++) handshake.step(new Uint8Array(64 << 10));
    }).toThrow(DecodeError);
  });

  test.each([
    [1, false],
    [2, true],
  ])('agrees with the server side on security type %i', (type, hasPassword) => {
    const client = new ClientHandshake({ hasPassword, shared: false });
    const server = new ServerHandshake({ securityTypes: [type], challenge: CHALLENGE });
    const seen: string[] = [];
    let toServer = client.step(server.greeting()).send;
    for (let turn = 0; turn < 8 && toServer.length > 0; turn++) {
      const toClient: Uint8Array[] = [];
      for (const bytes of toServer) {
        const step = server.step(bytes);
        toClient.push(...step.send);
        for (const event of step.events) {
          seen.push(event.type);
          if (event.type === 'login') toClient.push(...server.verdict(true).send);
        }
      }
      toServer = toClient.flatMap((bytes) => {
        const step = client.step(bytes.slice());
        const answers = step.events.map((event) => (event.type === 'challenge' ? client.respond(RESPONSE).send : []));
        return [...step.send, ...answers.flat()];
      });
    }
    expect(seen).toEqual(['login', 'client-init']);
  });

  test('throws nothing but DecodeError, whatever a server says', () => {
    const random = new Random(3);
    let rejected = 0;
    for (let i = 0; i < 4000; i++) {
      const { server, password } = random.pick(CASES);
      const bytes = mutate(Uint8Array.from(Buffer.concat(server)), random);
      if (!decodesOrRejects(() => run(password, [bytes], 1 + random.below(40)))) rejected++;
    }
    expect(rejected).toBeGreaterThan(100);
  });
});
