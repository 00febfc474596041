import { describe, expect, test } from 'vitest';
import { Acceptor } from '../../../../protocols/rdp/acceptor.js';
import type { AcceptorEvent } from '../../../../protocols/rdp/acceptor-events.js';
import { PreconnectionPdu } from '../../../../protocols/rdp/preconnection.js';
import type { AcceptorState } from '../../../../protocols/rdp/transcript.js';
import { encode } from '../../../../protocols/wire/codec.js';
import { DecodeError } from '../../../../protocols/wire/errors.js';
import type { Step } from '../../../../protocols/wire/step.js';
import { Random } from '../../../random.js';
import { decodesOrRejects, mutate } from '../../../wire/registry-suite.js';
import { CLIENTS, hex, join, ofType, type Played, play, recorded } from './recorded.js';

const acceptor = (maxSequenceBytes = 65536) => new Acceptor({ maxPduBytes: 65536, maxSequenceBytes });

/** How many bytes of a recording lead to the login. */
function loginLength(reads: readonly Uint8Array[]): number {
  const count = reads.findIndex((_, i) => ofType(play(acceptor(), reads.slice(0, i)), 'login').length > 0);
  return join(reads.slice(0, count)).length;
}

/** Gives the bytes to acceptors in turn: each leaves after its share of them, and the next one resumes. */
function relay(bytes: Uint8Array, ends: readonly number[]): Played & { states: AcceptorState[] } {
  const played = { sent: [] as Uint8Array[], events: [] as AcceptorEvent[], states: [] as AcceptorState[] };
  let current = acceptor();
  let at = 0;
  const take = ({ send, events }: Step<AcceptorEvent>): void => {
    played.sent.push(...send);
    for (const event of events) {
      played.events.push(event);
      if (event.type === 'tls') {
        take(current.tlsReady());
        take(current.step(event.early));
      }
      if (event.type === 'login') take(current.accept(1024, 768));
    }
  };
  for (const end of [...ends, bytes.length]) {
    take(current.step(bytes.subarray(at, end)));
    at = end;
    const state = current.leave();
    if (state === undefined) throw new Error(`it cannot leave after ${end} bytes`);
    expect(current.step(hex('00')), 'after it has left').toEqual({ send: [], events: [] });
    played.states.push(state);
    current = acceptor();
    const { send, events } = current.resume(state);
    // An active share is announced to each new owner; the first announcement is the client's.
    const repeated = ofType(played, 'active').length > 0;
    take({ send, events: repeated ? events.filter(({ type }) => type !== 'active') : events });
  }
  return played;
}

/** Early input is passed over by one acceptor, and by the caller of another that took over in the middle. */
function sinceActive(events: readonly AcceptorEvent[]): string[] {
  const types = events.map(({ type }) => type);
  return types.slice(types.indexOf('active'));
}

describe('an acceptor that another one follows', () => {
  test.each(CLIENTS)('%s: wherever it changes, all that is said and heard is the same', (client) => {
    const reads = recorded(client);
    const bytes = join(reads);
    const whole = play(acceptor(), reads);
    const login = loginLength(reads);
    for (let at = login; at <= bytes.length; at += 7) {
      const { sent, events } = relay(bytes, [at]);
      expect(join(sent), `changed after ${at} bytes`).toEqual(join(whole.sent));
      expect(sinceActive(events)).toEqual(sinceActive(whole.events));
    }
  });

  test('many changes, byte by byte', () => {
    const bytes = join(recorded('freerdp-2'));
    const login = loginLength(recorded('freerdp-2'));
    const ends = Array.from({ length: bytes.length - login }, (_, i) => login + i);
    const { sent, events, states } = relay(bytes, ends);
    expect(join(sent)).toEqual(join(play(acceptor(), recorded('freerdp-2')).sent));
    expect(events.filter(({ type }) => type === 'fast-path')).toHaveLength(4);
    // What has no part in the state is not kept.
    expect(states.at(-1)!.plain).toEqual(
      states.find(({ plain }) => plain.length === states.at(-1)!.plain.length)!.plain,
    );
    expect(states.at(-1)!.rest).toHaveLength(0);
  });

  test('while the verdict is out: what the client has said meanwhile goes along', () => {
    const reads = recorded('freerdp-2');
    const first = acceptor();
    first.step(reads[0]!);
    first.tlsReady();
    const early = join(reads.slice(1));
    first.step(early);
    const state = first.leave()!;
    expect(state).toMatchObject({ desktop: undefined });
    const second = acceptor();
    expect(second.resume(state)).toEqual({ send: [], events: [] });
    const { events } = second.accept(800, 600);
    expect(events[0]).toMatchObject({ type: 'active', settings: { desktopWidth: 800, desktopHeight: 600 } });
  });

  test('the password stays', () => {
    const first = acceptor();
    play(first, recorded('freerdp-2').slice(0, 11));
    const { plain } = first.leave()!;
    expect(Buffer.from(plain).includes(Buffer.from('secret', 'utf16le'))).toBe(false);
    expect(Buffer.from(plain).includes(Buffer.from('client', 'utf16le'))).toBe(true);
  });

  test('of several activations the latest one counts, and the record does not grow', () => {
    const reads = recorded('freerdp-2');
    let current = acceptor();
    play(current, reads.slice(0, 16));
    const again = reads.slice(11, 16);
    const lengths = [];
    for (let i = 1; i <= 4; i++) {
      expect(current.reactivate(1000 + i, 700)).toHaveLength(2);
      for (const read of again) current.step(read);
      expect(current.isActive).toBe(true);
      const state = current.leave()!;
      expect(state.desktop).toEqual({ width: 1000 + i, height: 700 });
      lengths.push(state.plain.length);
      current = acceptor();
      current.resume(state);
    }
    expect(new Set(lengths).size).toBe(1);
  });

  test.each([0, 1, 3, 4])('a reactivation goes on where it was, after %i answers', (answers) => {
    const reads = recorded('freerdp-2');
    const first = acceptor();
    play(first, reads.slice(0, 16));
    first.reactivate(800, 600);
    const again = reads.slice(11, 16);
    for (const read of again.slice(0, answers)) first.step(read);
    const second = acceptor();
    expect(second.resume(first.leave()!)).toEqual({ send: [], events: [] });
    expect(second.isActive).toBe(false);
    // What the client typed before it saw the deactivation.
    expect(second.step(reads[16]!).events).toHaveLength(1);
    const { events } = again
      .slice(answers)
      .map((read) => second.step(read))
      .at(-1)!;
    expect(events).toMatchObject([{ type: 'active', settings: { desktopWidth: 800, desktopHeight: 600 } }]);
  });

  test('before the login and after the end nothing can go on', () => {
    const reads = recorded('freerdp-2');
    const early = acceptor();
    play(early, reads.slice(0, 5));
    expect(early.leave()).toBeUndefined();
    const late = acceptor();
    play(late, reads.slice(0, 16));
    late.disconnect(0);
    expect(late.leave()).toBeUndefined();
  });

  test('a sequence longer than is kept is refused', () => {
    expect(() => play(acceptor(400), recorded('freerdp-2'))).toThrow(/connection sequence/);
    const waiting = acceptor(2000);
    const reads = recorded('freerdp-2');
    waiting.step(reads[0]!);
    waiting.tlsReady();
    waiting.step(join(reads.slice(1, 11)));
    waiting.step(new Uint8Array(2000));
    expect(() => waiting.leave()).toThrow(/connection sequence/);
  });

  test('cut, mutated and foreign states: an answer or a DecodeError', () => {
    const first = acceptor();
    play(first, recorded('freerdp-2'));
    const state = first.leave()!;
    const resume = (changed: Partial<AcceptorState>) =>
      decodesOrRejects(() => acceptor().resume({ ...state, ...changed }));
    for (let length = 0; length < state.request.length; length++) {
      expect(resume({ request: state.request.subarray(0, length) })).toBe(false);
    }
    let whole = 0;
    for (let length = 0; length < state.plain.length; length++) {
      if (resume({ plain: state.plain.subarray(0, length) })) whole++;
    }
    // From the login on it is a state, one of an activation under way.
    expect(whole).toBeGreaterThan(0);
    expect(whole).toBeLessThan(state.plain.length);
    const random = new Random(5);
    for (let round = 0; round < 500; round++) {
      resume({ request: mutate(state.request, random) });
      resume({ plain: mutate(state.plain, random) });
      resume({ rest: random.bytes(random.below(300)) });
    }
  });
});

describe('preconnection', () => {
  const blob = encode(PreconnectionPdu, { id: 0, text: 'desk-3' });
  const [request, ...rest] = recorded('freerdp-2');

  test.each([
    ['with a text', blob, { id: 0, text: 'desk-3' }],
    ['with a number', encode(PreconnectionPdu, { id: 9, text: undefined }), { id: 9, text: undefined }],
  ])('%s, before all else; it comes with the login, in whatever pieces', (_, first, expected) => {
    const bytes = join([first, request!, ...rest]);
    for (const reads of [[first, request!, ...rest], [bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      const played = play(acceptor(), reads);
      expect(ofType(played, 'login')[0]!.login.preconnection).toEqual(expected);
      expect(ofType(played, 'active')).toHaveLength(1);
    }
  });

  test('it goes along to the next acceptor', () => {
    const first = acceptor();
    play(first, [blob, request!, ...rest]);
    const state = first.leave()!;
    expect(state.request.subarray(0, blob.length)).toEqual(blob);
    expect(acceptor().resume(state).events).toMatchObject([{ type: 'active' }]);
  });

  test('the bytes of the specification', () => {
    // cbSize 20, Flags 0, Version 2, Id 0, cchPCB 1, wszPCB ""; then with "VM" and a third version
    expect(encode(PreconnectionPdu, { id: 0, text: '' })).toEqual(hex('14000000 00000000 02000000 00000000 0100 0000'));
    expect(encode(PreconnectionPdu, { id: 1, text: 'VM' })).toEqual(
      hex('18000000 00000000 02000000 01000000 0300 5600 4d00 0000'),
    );
  });

  test.each([
    ['a second one', join([blob, blob])],
    ['one that is longer than any', hex('00040100 00000000')],
    ['one too short for its fields', hex('0c000000 00000000 01000000')],
    ['of a later version', hex('10000000 00000000 03000000 00000000')],
    ['whose text is longer than it', hex('14000000 00000000 02000000 00000000 ff00 0000')],
  ])('%s is refused', (_, bytes) => {
    expect(() => acceptor().step(bytes)).toThrow(DecodeError);
  });
});
