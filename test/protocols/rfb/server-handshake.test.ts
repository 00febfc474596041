import { describe, expect, test } from 'vitest';
import { nameInRepeaterId, RepeaterId } from '../../../protocols/rfb/repeater.js';
import { SECURITY_TYPE } from '../../../protocols/rfb/security.js';
import { ServerHandshake, type ServerHandshakeOptions } from '../../../protocols/rfb/server-handshake.js';
import type { ServerHandshakeEvent } from '../../../protocols/rfb/server-handshake-events.js';
import { PlainCredentials, VENCRYPT_SUBTYPE } from '../../../protocols/rfb/vencrypt.js';
import { encode } from '../../../protocols/wire/codec.js';
import type { Step } from '../../../protocols/wire/step.js';
import { Random } from '../../random.js';
import { decodesOrRejects } from '../../wire/registry-suite.js';

const CHALLENGE = Uint8Array.from({ length: 16 }, (_, i) => i);
const { none, vncAuth, veNCrypt, appleDh } = SECURITY_TYPE;
const { plain, x509Plain, x509Vnc, tlsPlain } = VENCRYPT_SUBTYPE;

/** Drives a handshake and writes down both sides in hex. */
class Talk {
  readonly handshake: ServerHandshake;
  events: ServerHandshakeEvent[] = [];

  constructor(securityTypes: number[] = [vncAuth], refusal?: string, more: Partial<ServerHandshakeOptions> = {}) {
    this.handshake = new ServerHandshake({ securityTypes, challenge: CHALLENGE, refusal, ...more });
  }
  say(bytes: string | Uint8Array): string {
    return this.#heard(this.handshake.step(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
  }
  verdict(accepted: boolean, reason?: string): string {
    return this.#heard(this.handshake.verdict(accepted, reason));
  }
  secured(): string {
    return this.#heard(this.handshake.secured());
  }
  /** Whether a login waits for its verdict; forgets what was heard so far. */
  takeLogin(): boolean {
    if (this.events.at(-1)?.type !== 'login') return false;
    this.events = [];
    return true;
  }
  #heard(step: Step<ServerHandshakeEvent>): string {
    this.events.push(...step.events);
    return Buffer.concat(step.send).toString('hex');
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const challenge = hex(CHALLENGE);

describe('the handshake as server', () => {
  test('speaks first, and 3.8', () => {
    expect(Buffer.from(new Talk().handshake.greeting()).toString()).toBe('RFB 003.008\n');
  });

  test('3.8 with VncAuth', () => {
    const talk = new Talk();
    expect(talk.say('RFB 003.008\n')).toBe('0102'); // one type: VncAuth
    expect(talk.say('\x02')).toBe(challenge);
    const response = new Uint8Array(16).fill(7);
    expect(talk.say(response)).toBe('');
    expect(talk.events).toEqual([{ type: 'login', attempt: { kind: 'response', response } }]);
    expect(talk.verdict(true)).toBe('00000000'); // SecurityResult: ok
    expect(talk.say('\x01')).toBe('');
    expect(talk.events[1]).toEqual({ type: 'client-init', shared: true, rest: new Uint8Array(0) });
  });

  test('3.8 with None still has a result', () => {
    const talk = new Talk([none, vncAuth]);
    expect(talk.say('RFB 003.008\n')).toBe('020102');
    expect(talk.say('\x01')).toBe('');
    expect(talk.events).toEqual([{ type: 'login', attempt: { kind: 'none' } }]);
    expect(talk.verdict(true)).toBe('00000000');
  });

  test('3.7 with None has no result', () => {
    const talk = new Talk([none]);
    expect(talk.say('RFB 003.007\n')).toBe('0101');
    talk.say('\x01');
    expect(talk.verdict(true)).toBe('');
    talk.say('\x00');
    expect(talk.events[1]).toMatchObject({ type: 'client-init', shared: false });
  });

  test('3.3: the server decides, with a 32 bit word and the challenge at once', () => {
    const talk = new Talk([vncAuth, none]);
    expect(talk.say('RFB 003.003\n')).toBe(`00000002${challenge}`);
    talk.say(new Uint8Array(16));
    expect(talk.verdict(true)).toBe('00000000');
    const open = new Talk([none, vncAuth]);
    expect(open.say('RFB 003.003\n')).toBe('00000001');
    expect(open.verdict(true)).toBe('');
  });

  test('a wrong password is told as the version allows', () => {
    const fail = (version: string): string => {
      const talk = new Talk();
      talk.say(version);
      if (version !== 'RFB 003.003\n') talk.say('\x02');
      talk.say(new Uint8Array(16));
      const answer = talk.verdict(false, 'no');
      expect(talk.events.at(-1)).toEqual({ type: 'refused' });
      expect(talk.say('more')).toBe('');
      return answer;
    };
    expect(fail('RFB 003.008\n')).toBe('00000001000000026e6f'); // failed, 2 bytes of reason, "no"
    expect(fail('RFB 003.007\n')).toBe('00000001');
    expect(fail('RFB 003.003\n')).toBe('00000001');
  });

  test('a peer that is turned away at the door is told why', () => {
    expect(new Talk([vncAuth], 'no').say('RFB 003.008\n')).toBe('00000000026e6f'); // no types, reason
    expect(new Talk([vncAuth], 'no').say('RFB 003.003\n')).toBe('00000000000000026e6f'); // type invalid, reason
  });

  test.each([
    ['RFB 003.889\n', '0102'],
    ['RFB 004.001\n', '0102'],
    ['RFB 005.000\n', '0102'],
    ['RFB 003.005\n', `00000002${challenge}`],
    ['RFB 003.006\n', `00000002${challenge}`],
  ])('%j is one of the three versions', (version, answer) => {
    expect(new Talk().say(version)).toBe(answer);
  });

  test.each([
    'GET / HTTP/1.1\r\n\r\n',
    'RFB 3.8\n     ',
    'RFB 002.002\n',
    'RFB 003.008\r\n',
    '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\x00',
  ])('%j is no RFB', (bytes) => {
    expect(decodesOrRejects(() => new Talk().say(bytes))).toBe(false);
  });

  test('a type that was not offered is an error', () => {
    const talk = new Talk([vncAuth]);
    talk.say('RFB 003.008\n');
    expect(decodesOrRejects(() => talk.say('\x01'))).toBe(false);
  });

  test('takes bytes one by one, and everything at once', () => {
    const bytes = Buffer.concat([Buffer.from('RFB 003.008\n\x02'), Buffer.alloc(16, 9), Buffer.from('\x01rest')]);
    const slow = new Talk();
    for (const byte of bytes.subarray(0, -4)) {
      slow.say(Uint8Array.of(byte));
      if (slow.takeLogin()) slow.verdict(true);
    }
    expect(slow.events.map((e) => e.type)).toEqual(['client-init']);
    const fast = new Talk();
    fast.say(bytes);
    fast.verdict(true);
    expect(fast.events[1]).toMatchObject({ type: 'client-init', rest: Buffer.from('rest') });
  });

  test('does not hold more than a little while a login is being judged', () => {
    const talk = new Talk([none]);
    talk.say('RFB 003.008\n\x01');
    expect(
      decodesOrRejects(() => {
        for (let i = 0; i < 100; i++) talk.say(new Uint8Array(1024));
      }),
    ).toBe(false);
  });

  test('noise is a DecodeError or nothing', () => {
    const random = new Random(11);
    for (let round = 0; round < 3000; round++) {
      const talk = new Talk([none, vncAuth], random.below(10) === 0 ? 'no' : undefined);
      const version = random.pick(['RFB 003.003\n', 'RFB 003.007\n', 'RFB 003.008\n', 'RFB 009.009\n']);
      decodesOrRejects(() => {
        talk.say(version);
        for (let i = 0; i < 5; i++) {
          talk.say(random.bytes(random.below(20)));
          if (talk.takeLogin()) talk.verdict(random.below(2) === 0);
        }
      });
    }
  });
});

describe('VeNCrypt', () => {
  const talk = (...veNCryptSubtypes: number[]): Talk => {
    const made = new Talk([veNCrypt, vncAuth], undefined, { veNCryptSubtypes });
    expect(made.say('RFB 003.008\n')).toBe('021302');
    return made;
  };
  const alice = { user: 'alice#desk-3', password: 'öffne dich' };

  test('X509Plain: TLS, then name and password', () => {
    const x = talk(x509Plain, x509Vnc);
    expect(x.say('\x13')).toBe('0002'); // version 0.2
    expect(x.say('\x00\x02')).toBe('00020000010600000105'); // ack, two subtypes: 262, 261
    expect(x.say(Uint8Array.of(0, 0, 1, 6))).toBe('01'); // ack
    expect(x.events).toEqual([{ type: 'tls', anonymous: false, early: new Uint8Array(0) }]);
    expect(x.secured()).toBe('');
    for (const byte of encode(PlainCredentials, alice)) expect(x.say(Uint8Array.of(byte))).toBe('');
    expect(x.events[1]).toEqual({ type: 'login', attempt: { kind: 'password', ...alice } });
    expect(x.verdict(true)).toBe('00000000');
    x.say('\x01');
    expect(x.events[2]).toMatchObject({ type: 'client-init' });
  });

  test('X509Vnc: TLS, then the challenge', () => {
    const x = talk(x509Plain, x509Vnc);
    x.say(Buffer.from('13 0002 00000105'.replaceAll(' ', ''), 'hex'));
    expect(x.secured()).toBe(challenge);
    x.say(new Uint8Array(16).fill(3));
    expect(x.events[1]).toEqual({
      type: 'login',
      attempt: { kind: 'response', response: new Uint8Array(16).fill(3) },
    });
    expect(x.verdict(false, 'no')).toBe('00000001000000026e6f');
  });

  test('TLSPlain has no certificate', () => {
    const x = talk(tlsPlain);
    x.say(Buffer.from('13 0002 00000103'.replaceAll(' ', ''), 'hex'));
    expect(x.events).toMatchObject([{ type: 'tls', anonymous: true }]);
  });

  test('Plain has no TLS', () => {
    const x = talk(plain);
    x.say(Buffer.from('13 0002 00000100'.replaceAll(' ', ''), 'hex'));
    x.say(encode(PlainCredentials, alice));
    expect(x.events).toEqual([{ type: 'login', attempt: { kind: 'password', ...alice } }]);
  });

  test('nothing that was said before TLS counts as said inside', () => {
    const x = talk(x509Plain);
    const injected = encode(PlainCredentials, { user: 'mallory', password: 'x' });
    x.say(Uint8Array.from([0x13, 0, 2, 0, 0, 1, 6, ...injected]));
    expect(x.events).toEqual([{ type: 'tls', anonymous: false, early: injected }]);
    x.secured();
    x.say(encode(PlainCredentials, alice));
    expect(x.events.slice(1)).toEqual([{ type: 'login', attempt: { kind: 'password', ...alice } }]);
  });

  test('another version, a subtype that was not offered, and endless names are refused', () => {
    const old = talk(x509Plain);
    old.say('\x13');
    expect(old.say('\x00\x01')).toBe('01');
    expect(old.events).toEqual([{ type: 'refused' }]);
    const wrong = talk(x509Plain);
    expect(decodesOrRejects(() => wrong.say(Buffer.from('13 0002 00000100'.replaceAll(' ', ''), 'hex')))).toBe(false);
    const long = talk(plain);
    long.say(Buffer.from('13 0002 00000100'.replaceAll(' ', ''), 'hex'));
    expect(decodesOrRejects(() => long.say(Buffer.from('ffffffff ffffffff'.replaceAll(' ', ''), 'hex')))).toBe(false);
  });

  test('is nothing for 3.3, which gets what it can know, or a reason', () => {
    expect(new Talk([veNCrypt, vncAuth]).say('RFB 003.003\n')).toBe(`00000002${challenge}`);
    const reason = Buffer.from('this server needs a viewer of version 3.7 or later').toString('hex');
    expect(new Talk([veNCrypt]).say('RFB 003.003\n')).toBe(`00000000${'00000032'}${reason}`);
  });

  test('noise is a DecodeError or nothing', () => {
    const random = new Random(12);
    for (let round = 0; round < 2000; round++) {
      const x = talk(x509Plain, plain);
      decodesOrRejects(() => {
        x.say('\x13\x00\x02');
        if (random.below(2) === 0) x.say(Uint8Array.of(0, 0, 1, 0, ...random.bytes(8)));
        for (let i = 0; i < 5 && x.events.length === 0; i++) x.say(random.bytes(random.below(20)));
      });
    }
  });
});

describe('Diffie-Hellman', () => {
  test('sends a key, and hands on what is encrypted with it', () => {
    const parameters = { generator: 2, prime: Uint8Array.of(9, 8, 7), publicValue: Uint8Array.of(0, 1, 2) };
    const talk = new Talk([appleDh], undefined, { diffieHellman: () => parameters });
    expect(talk.say('RFB 003.889\n')).toBe('011e');
    expect(talk.say('\x1e')).toBe('0002' + '0003' + '090807' + '000102');
    talk.say(new Uint8Array(128).fill(5));
    expect(talk.events).toEqual([]);
    talk.say(Uint8Array.of(3, 2, 1));
    const attempt = {
      kind: 'diffie-hellman',
      encrypted: new Uint8Array(128).fill(5),
      publicValue: Uint8Array.of(3, 2, 1),
    };
    expect(talk.events).toEqual([{ type: 'login', attempt }]);
    expect(talk.verdict(true)).toBe('00000000');
  });
});

describe('a repeater', () => {
  test('asks where to go, and greets then', () => {
    const talk = new Talk([none], undefined, { repeater: true });
    expect(Buffer.from(talk.handshake.greeting()).toString()).toBe('RFB 000.000\n');
    const wanted = encode(RepeaterId, { id: 'ID:desk-3' });
    expect(talk.say(wanted.subarray(0, 249))).toBe('');
    expect(talk.say(wanted.subarray(249))).toBe(Buffer.from('RFB 003.008\n').toString('hex'));
    expect(talk.events).toEqual([{ type: 'repeater-id', id: 'ID:desk-3' }]);
    expect(talk.say('RFB 003.008\n')).toBe('0101');
  });

  test.each([
    ['ID:desk-3', 'desk-3'],
    ['id:1234', '1234'],
    ['desk-3', 'desk-3'],
    ['desk-3:1', 'desk-3'],
    ['desk-3::5901', 'desk-3'],
    [' ID', 'ID'],
  ])('%j names %j', (id, name) => {
    expect(nameInRepeaterId(id)).toBe(name);
  });
});

describe('a client that is in', () => {
  test('is let go while its login waits for the verdict, which is yes then', () => {
    const talk = new Talk([none]);
    expect(talk.handshake.leave()).toBeUndefined();
    talk.say('RFB 003.008\n\x01');
    talk.say('\x01early');
    const left = talk.handshake.leave()!;
    expect(hex(Buffer.concat(left.send))).toBe('00000000');
    expect(Buffer.from(left.rest).toString()).toBe('\x01early');
    expect(talk.handshake.leave()).toBeUndefined();
    expect(talk.say('more')).toBe('');
  });

  test('goes on at ClientInit', () => {
    const talk = new Talk([none], undefined, { isIn: true });
    expect(talk.handshake.greeting()).toHaveLength(0);
    expect(talk.say('\x00rest')).toBe('');
    expect(talk.events).toEqual([{ type: 'client-init', shared: false, rest: Buffer.from('rest') }]);
  });
});
