import { describe, expect, test } from 'vitest';
import { type ServerMessage, ServerMessages } from '../../../protocols/rfb/server-messages.js';
import { DecodeError } from '../../../protocols/wire/errors.js';
import { hex } from '../../hex.js';
import { Random } from '../../random.js';
import { decodesOrRejects, mutate } from '../../wire/registry-suite.js';

const fits = (width: number, height: number) => width > 0 && height > 0 && width * height <= 1 << 20;

function parser(): ServerMessages {
  return new ServerMessages({ width: 64, height: 48, fits, maxCursorEdge: 32 });
}

/** All facts, copied, with pixels of one rectangle that came in pieces put together. */
function read(bytes: Uint8Array, piece = Infinity, messages = parser()): ServerMessage[] {
  const facts: ServerMessage[] = [];
  for (let at = 0; at < bytes.length; at += piece) {
    // As a socket does it: the memory is used again for the next read.
    const staging = bytes.slice(at, at + piece);
    for (const fact of messages.feed(staging)) {
      const last = facts.at(-1);
      if (fact.type !== 'pixels') facts.push(fact);
      else if (last?.type === 'pixels') {
        expect(fact.from).toBe(last.from + last.bytes.length);
        facts[facts.length - 1] = { ...last, bytes: Uint8Array.from([...last.bytes, ...fact.bytes]) };
      } else facts.push({ ...fact, bytes: fact.bytes.slice() });
    }
    staging.fill(0xee);
  }
  return facts;
}

const BEGIN = { type: 'update-begin' };
const END = { type: 'update-end' };

const CASES: readonly { name: string; bytes: Uint8Array; facts: object[] }[] = [
  {
    name: 'raw pixels',
    bytes: hex(
      '00 00 00 01', // FramebufferUpdate, 1 rectangle
      '00 01 00 02 00 02 00 01', // x 1, y 2, 2x1
      '00 00 00 00', // Raw
      '01 02 03 00 04 05 06 00', // two pixels B G R X
    ),
    facts: [
      BEGIN,
      { type: 'pixels', rect: { x: 1, y: 2, width: 2, height: 1 }, from: 0, bytes: hex('01 02 03 00 04 05 06 00') },
      { type: 'painted', rect: { x: 1, y: 2, width: 2, height: 1 } },
      END,
    ],
  },
  {
    name: 'an update without rectangles, and a rectangle without pixels',
    bytes: hex(
      '00 00 00 00', // no rectangle
      '00 00 00 01', // 1 rectangle
      '00 05 00 05 00 00 00 03', // 0x3
      '00 00 00 00', // Raw
    ),
    facts: [BEGIN, END, BEGIN, { type: 'painted', rect: { width: 0, height: 3 } }, END],
  },
  {
    name: 'a copy',
    bytes: hex(
      '00 00 00 01',
      '00 0a 00 00 00 10 00 08', // to 10,0 16x8
      '00 00 00 01', // CopyRect
      '00 00 00 04', // from 0,4
    ),
    facts: [BEGIN, { type: 'copy', rect: { x: 10, y: 0, width: 16, height: 8 }, from: { x: 0, y: 4 } }, END],
  },
  {
    name: "a part of ZRLE's stream",
    bytes: hex(
      '00 00 00 01',
      '00 00 00 00 00 10 00 08',
      '00 00 00 10', // ZRLE
      '00 00 00 03 78 9c 01', // 3 bytes
    ),
    facts: [BEGIN, { type: 'zrle', rect: { x: 0, y: 0, width: 16, height: 8 }, bytes: hex('78 9c 01') }, END],
  },
  {
    name: 'a cursor, and one that is too large',
    bytes: hex(
      '00 00 00 02',
      '00 01 00 00 00 02 00 01', // hot spot 1,0; 2x1
      'ff ff ff 11', // Cursor
      '01 02 03 00 04 05 06 00', // pixels
      '40', // mask: the second is opaque
      '00 00 00 00 00 21 00 01', // 33x1
      'ff ff ff 11',
      'aa'.repeat(33 * 4 + 5), // skipped
    ),
    facts: [
      BEGIN,
      {
        type: 'cursor',
        rect: { x: 1, y: 0, width: 2, height: 1 },
        pixels: hex('01 02 03 00 04 05 06 00'),
        mask: hex('40'),
      },
      END,
    ],
  },
  {
    name: 'a new size, in which rectangles are then counted',
    bytes: hex(
      '00 00 00 02',
      '00 00 00 00 01 00 00 80', // 256x128
      'ff ff ff 21', // DesktopSize
      '00 ff 00 7f 00 01 00 01', // the last pixel
      '00 00 00 00',
      '00 00 00 00',
    ),
    facts: [BEGIN, { type: 'size', width: 256, height: 128 }, { type: 'pixels' }, { type: 'painted' }, END],
  },
  {
    name: 'layouts: the announcement, a request that was refused, a change',
    bytes: hex(
      '00 00 00 03',
      '00 00 00 00 00 40 00 30', // reason 0, status 0, 64x48 as it is
      'ff ff fe cc', // ExtendedDesktopSize
      '01 00 00 00', // 1 screen
      '00 00 00 07 00 00 00 00 00 40 00 30 00 00 00 00', // id 7, 0,0 64x48, flags 0
      '00 01 00 01 00 50 00 50', // reason 1 (this client), status 1 (prohibited), 80x80
      'ff ff fe cc',
      '00 00 00 00', // no screens
      '00 02 00 00 00 50 00 32', // reason 2 (another client), status 0, 80x50
      'ff ff fe cc',
      '00 00 00 00',
    ),
    facts: [
      BEGIN,
      {
        type: 'layout',
        reason: 0,
        status: 0,
        screens: [{ id: 7, x: 0, y: 0, width: 64, height: 48, flags: 0 }],
      },
      { type: 'layout', reason: 1, status: 1, screens: [] },
      { type: 'size', width: 80, height: 50 },
      { type: 'layout', reason: 2, status: 0, screens: [] },
      END,
    ],
  },
  {
    name: 'the small pseudo-rectangles, ended by LastRect',
    bytes: hex(
      '00 00 ff ff', // until LastRect
      '00 00 00 00 00 00 00 00',
      'ff ff fe cd', // DesktopName
      '00 00 00 02 56 4d',
      '00 00 00 00 00 00 00 00',
      'ff ff fe fb', // LED state
      '06', // Num Lock, Caps Lock
      '00 00 00 00 00 40 00 30',
      'ff ff fe ff', // pointer motion change: relative
      '00 01 00 00 00 40 00 30',
      'ff ff fe ff', // absolute
      '00 00 00 00 00 40 00 30',
      'ff ff fe fe', // extended key events
      '00 00 00 00 00 00 00 00',
      'ff ff fe c4', // extended mouse buttons
      '00 00 00 00 00 00 00 00',
      'ff ff ff 20', // LastRect
      '02', // Bell
    ),
    facts: [
      BEGIN,
      { type: 'name', name: 'VM' },
      { type: 'leds', scrollLock: false, numLock: true, capsLock: true },
      { type: 'pointer-mode', absolute: false },
      { type: 'pointer-mode', absolute: true },
      { type: 'extended-keys' },
      { type: 'extended-buttons' },
      END,
    ],
  },
  {
    name: 'nothing of cut texts, extended clipboards and colour maps',
    bytes: hex(
      '03 00 00 00 00 00 00 04 74 65 78 74', // ServerCutText "text"
      '03 00 00 00 ff ff ff fc 01 00 00 01', // extended clipboard, 4 bytes
      '01 00 00 05 00 01 00 01 00 02 00 03', // SetColourMapEntries, 1 colour
      '00 00 00 00',
    ),
    facts: [BEGIN, END],
  },
];

describe('server messages', () => {
  for (const { name, bytes, facts } of CASES) {
    test.each([Infinity, 1, 5])(`tells ${name} (%s bytes at a time)`, (piece) => {
      const told = read(bytes, piece);
      expect(told).toMatchObject(facts);
      expect(told.length).toBe(facts.length);
    });
  }

  test('lets pixels be read straight to their place', () => {
    const messages = parser();
    const head = hex('00 00 00 01', '00 00 00 04 00 40 00 02', '00 00 00 00');
    expect(read(Uint8Array.from([...head, 1, 2, 3]), Infinity, messages).at(-1)).toMatchObject({ from: 0 });
    expect(messages.direct).toMatchObject({ rect: { y: 4, width: 64 }, done: 3, total: 512 });
    expect([...messages.placed(500)]).toEqual([]);
    expect(messages.direct).toMatchObject({ done: 503 });
    expect(() => [...messages.placed(10)]).toThrow('no such pixels');
    expect([...messages.placed(9)]).toMatchObject([{ type: 'painted' }, END]);
    expect(messages.direct).toBeUndefined();
    expect(() => [...messages.placed(1)]).toThrow('no such pixels');
  });

  test.each([
    ['a message of unknown type', '07'],
    ['an encoding that was not asked for', '00 00 00 01 00 00 00 00 00 01 00 01 00 00 00 05'],
    ['pixels to the right of the screen', '00 00 00 01 00 3f 00 00 00 02 00 01 00 00 00 00'],
    ['pixels below the screen', '00 00 00 01 00 00 00 30 00 01 00 01 00 00 00 00'],
    ['a copy from outside', '00 00 00 01 00 00 00 00 00 10 00 10 00 00 00 01 00 31 00 00'],
    ['a screen that is too large', '00 00 00 01 00 00 00 00 ff ff ff ff ff ff ff 21'],
    ['a screen without area', '00 00 00 01 00 00 00 00 00 00 00 00 ff ff ff 21'],
    ['a name of absurd length', '00 00 00 01 00 00 00 00 00 00 00 00 ff ff fe cd 40 00 00 00'],
    ['more ZRLE than the pixels can need', '00 00 00 01 00 00 00 00 00 01 00 01 00 00 00 10 00 01 00 00'],
  ])('rejects %s', (_, bytes) => {
    expect(() => read(hex(bytes))).toThrow(DecodeError);
  });

  test('throws nothing but DecodeError, whatever a server says', () => {
    const random = new Random(11);
    let rejected = 0;
    for (let i = 0; i < 6000; i++) {
      const count = 1 + random.below(3);
      const stream = Array.from({ length: count }, () => [...random.pick(CASES).bytes]).flat();
      const bytes = mutate(Uint8Array.from(stream), random);
      if (!decodesOrRejects(() => read(bytes, 1 + random.below(64)))) rejected++;
    }
    expect(rejected).toBeGreaterThan(100);
  });
});
