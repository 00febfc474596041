import { describe, expect, test } from 'vitest';
import { formatCommand, parseQmp } from '../../../protocols/qmp/message.js';
import { QmpSession, type QmpSessionEvent } from '../../../protocols/qmp/session.js';
import { DecodeError } from '../../../protocols/wire/errors.js';
import { Random } from '../../random.js';

const GREETING =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}\r\n';
const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('latin1');

function greeted(): QmpSession {
  const session = new QmpSession();
  session.step(ascii(`${GREETING}{"return": {}, "id": 1}\r\n`));
  return session;
}

describe('QMP session', () => {
  test('answers the greeting with qmp_capabilities and is ready with the answer to that', () => {
    const session = new QmpSession();
    const greeting = session.step(ascii(GREETING));
    expect(textOf(greeting.send)).toBe('{"execute":"qmp_capabilities","id":1}\n');
    expect(greeting.events).toEqual([]);
    expect(session.isReady).toBe(false);
    expect(session.step(ascii('{"return": {}, "id": 1}\r\n'))).toEqual({
      send: [],
      events: [{ kind: 'ready', version: '7.2.22' }],
    });
    expect(session.isReady).toBe(true);
  });

  test('keeps events that overtake an answer apart from it, in order', () => {
    const session = greeted();
    const { id, bytes } = session.command('stop');
    expect(textOf([bytes])).toBe('{"execute":"stop","id":2}\n');
    const { events } = session.step(
      ascii(
        '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"}\r\n' +
          `{"return": {}, "id": ${id}}\r\n` +
          '{"event": "RESET", "data": {"guest": false, "reason": "host-qmp-system-reset"}}\r\n',
      ),
    );
    expect(events).toEqual([
      { kind: 'event', name: 'STOP', data: {} },
      { kind: 'answer', id, value: {} },
      { kind: 'event', name: 'RESET', data: { guest: false, reason: 'host-qmp-system-reset' } },
    ]);
  });

  test('reports a refusal with its class and words', () => {
    const session = greeted();
    const { events } = session.step(
      ascii('{"id": 7, "error": {"class": "CommandNotFound", "desc": "The command nope has not been found"}}\r\n'),
    );
    expect(events).toEqual([
      { kind: 'refusal', id: 7, errorClass: 'CommandNotFound', description: 'The command nope has not been found' },
    ]);
  });

  test('says the same byte by byte as in one piece', () => {
    const bytes = ascii(`${GREETING}{"return": {}, "id": 1}\r\n{"event": "RESUME"}\n\r\n{"return": [1], "id": 2}\n`);
    const whole = new QmpSession().step(bytes);
    const session = new QmpSession();
    const events: QmpSessionEvent[] = [];
    const send: Uint8Array[] = [];
    // One buffer for all reads, as a socket may have: the session must not keep views of it.
    const chunk = new Uint8Array(1);
    for (const byte of bytes) {
      chunk[0] = byte;
      const step = session.step(chunk);
      events.push(...step.events);
      send.push(...step.send);
    }
    expect(events).toEqual(whole.events);
    expect(textOf(send)).toBe(textOf(whole.send));
  });

  test('takes a line up to the cap and none beyond, ended or not', () => {
    const session = greeted();
    const padding = 'x'.repeat((4 << 20) - '{"return": "", "id": 2}'.length);
    expect(session.step(ascii(`{"return": "${padding}", "id": 2}\n`)).events).toHaveLength(1);
    expect(() => session.step(ascii(`{"return": "${padding}x", "id": 2}\n`))).toThrow(/longer than 4194304 bytes/);
    const flooded = greeted();
    expect(() => {
      for (let i = 0; i < 65; i++) flooded.step(new Uint8Array(65536).fill(0x20));
    }).toThrow(DecodeError);
  });

  test.each([
    ['an event before the greeting', '{"event": "STOP"}\n'],
    ['an answer before the greeting', '{"return": {}, "id": 1}\n'],
    ['two greetings', GREETING + GREETING],
    ['a refusal of the capabilities', `${GREETING}{"id": 1, "error": {"class": "GenericError", "desc": "no"}}\n`],
    ['a line that is no JSON', `${GREETING}hello\n`],
    ['an id of somebody else', `${GREETING}{"return": {}, "id": "libvirt-1"}\n`],
    ['an array', '[]\n'],
    ['null', 'null\n'],
  ])('ends at %s', (_, text) => {
    expect(() => new QmpSession().step(ascii(text))).toThrow(DecodeError);
  });

  test('throws nothing but DecodeError, whatever the bytes', () => {
    const random = new Random(42);
    const sample = ascii(`${GREETING}{"return": {}, "id": 1}\n{"event": "SHUTDOWN", "data": {"guest": true}}\n`);
    let rejected = 0;
    for (let round = 0; round < 2000; round++) {
      const mutated = Uint8Array.from(sample);
      for (let i = random.below(4); i >= 0; i--) mutated[random.below(mutated.length)] = random.below(256);
      try {
        new QmpSession().step(mutated);
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        rejected++;
      }
    }
    expect(rejected).toBeGreaterThan(500);
  });
});

describe('QMP messages', () => {
  test('commands are plain ASCII whatever they carry', () => {
    const bytes = formatCommand('screendump', { filename: '/tmp/Bildschirm-ü-☃-\u{1f600}.png' }, 3);
    expect(textOf([bytes])).toBe(
      '{"execute":"screendump","arguments":{"filename":"/tmp/Bildschirm-\\u00fc-\\u2603-\\ud83d\\ude00.png"},"id":3}\n',
    );
  });

  test('a version that is not numbers does not stop anything', () => {
    expect(parseQmp('{"QMP": {"version": {"qemu": {"major": 11}}}}')).toEqual({ kind: 'greeting', version: '11.?.?' });
  });
});
