import { describe, expect, test } from 'vitest';
import { SECURITY_TYPE } from '../../../protocols/rfb/security.js';
import { ServerHandshake, type ServerHandshakeEvent } from '../../../protocols/rfb/server-handshake.js';
import type { Step } from '../../../protocols/wire/step.js';
import { Random } from '../../random.js';
import { decodesOrRejects } from '../../wire/registry-suite.js';

const CHALLENGE = Uint8Array.from({ length: 16 }, (_, i) => i);
const { none, vncAuth } = SECURITY_TYPE;

/** Drives a handshake and writes down both sides in hex. */
class Talk {
  readonly handshake: ServerHandshake;
  events: ServerHandshakeEvent[] = [];

  constructor(securityTypes: number[] = [vncAuth], refusal?: string) {
    this.handshake = new ServerHandshake({ securityTypes, challenge: CHALLENGE, refusal });
  }
  say(bytes: string | Uint8Array): string {
    return this.#heard(this.handshake.step(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes));
  }
  verdict(accepted: boolean, reason?: string): string {
    return this.#heard(this.handshake.verdict(accepted, reason));
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
