import { describe, expect, test } from 'vitest';
import { type ClientMessage, ClientMessages } from '../../../protocols/rfb/client-messages.js';
import { Random } from '../../random.js';
import { decodesOrRejects, mutate } from '../../wire/registry-suite.js';

/** What a client says, with a comment per field. */
const SCRIPT = Buffer.from(
  [
    '02 00 0002', // SetEncodings, padding, 2 of them
    '00000010', // ZRLE
    'fffffec4', // -316, ExtendedMouseButtons
    '00 000000', // SetPixelFormat, padding
    '10 10 00 01', // 16 bits a pixel, depth 16, little endian, true colour
    '001f 003f 001f', // maxima
    '0b 05 00', // shifts
    '000000', // padding
    '03 01 0001 0002 0300 0200', // FramebufferUpdateRequest, incremental, x, y, width, height
    '04 01 0000 0000ff0d', // KeyEvent, down, padding, Return
    'ff 00 0001 0000ff53 000000cd', // QEMU, extended key event, down, Right, E0 4D
    '05 01 0010 0020', // PointerEvent, left button, x, y
    '05 80 0010 0020 02', // PointerEvent, long form, x, y, forward
    '06 000000 00000003 616263', // ClientCutText, padding, 3 bytes, "abc"
    '06 000000 fffffffc 00000001', // ClientCutText of the extended clipboard: 4 bytes
    '96 01 0000 0000 0010 0010', // EnableContinuousUpdates
    'f8 000000 80000001 02 aabb', // Fence, padding, flags, 2 bytes of payload
    'fb 00 0400 0300 01 00', // SetDesktopSize, padding, 1024, 768, 1 screen, padding
    '00000000 0000 0000 0400 0300 00000000', // id, x, y, width, height, flags
    '04 00 0000 00000041', // KeyEvent, up, padding, A
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

const EXPECTED: ClientMessage[] = [
  { type: 'set-encodings', encodings: [16, -316] },
  {
    type: 'set-pixel-format',
    format: {
      bitsPerPixel: 16,
      depth: 16,
      bigEndian: false,
      trueColour: true,
      redMax: 31,
      greenMax: 63,
      blueMax: 31,
      redShift: 11,
      greenShift: 5,
      blueShift: 0,
    },
  },
  { type: 'framebuffer-update-request', incremental: true, x: 1, y: 2, width: 768, height: 512 },
  { type: 'key', down: true, keysym: 0xff0d },
  { type: 'qemu-key', down: true, keysym: 0xff53, keycode: 0xcd },
  { type: 'pointer', buttons: 1, x: 16, y: 32 },
  { type: 'pointer', buttons: 0x100, x: 16, y: 32 },
  { type: 'enable-continuous-updates', enable: true, x: 0, y: 0, width: 16, height: 16 },
  { type: 'fence', flags: 0x80000001, payload: Uint8Array.of(0xaa, 0xbb) },
  {
    type: 'set-desktop-size',
    width: 1024,
    height: 768,
    screens: [{ id: 0, x: 0, y: 0, width: 1024, height: 768, flags: 0 }],
  },
  { type: 'key', down: false, keysym: 0x41 },
];

/** Feeds `bytes` in pieces of `size`. */
function read(bytes: Uint8Array, size: number): ClientMessage[] {
  const messages = new ClientMessages();
  const all: ClientMessage[] = [];
  for (let at = 0; at < bytes.length; at += size) all.push(...messages.feed(bytes.slice(at, at + size)));
  return all;
}

describe('the messages of a client', () => {
  test.each([1, 2, 3, 7, 64, 1000])('arrive whole from pieces of %i bytes', (size) => {
    expect(read(SCRIPT, size)).toEqual(EXPECTED);
  });

  test('the eighth button is the back button until the client knows the long form', () => {
    const event = Buffer.from('058000100020', 'hex');
    expect(read(event, 99)).toEqual([{ type: 'pointer', buttons: 0x80, x: 16, y: 32 }]);
  });

  test('cut text of any length passes without being held', () => {
    const messages = new ClientMessages();
    const found = [...messages.feed(Buffer.from('0600000010000000', 'hex'))];
    const chunk = new Uint8Array(1 << 20);
    for (let i = 0; i < 256; i++) found.push(...messages.feed(chunk));
    expect(found).toEqual([]);
    expect([...messages.feed(Buffer.from('040100000000ff0d', 'hex'))]).toEqual([
      { type: 'key', down: true, keysym: 0xff0d },
    ]);
  });

  test('the longest list of encodings fits', () => {
    const list = Buffer.concat([Buffer.from('0200ffff', 'hex'), Buffer.alloc(0xffff * 4, 1)]);
    for (const size of [50_000, list.length]) {
      const [message] = read(list, size);
      expect(message?.type === 'set-encodings' && message.encodings.length).toBe(0xffff);
    }
  });

  test.each([
    ['an unknown message', '07'],
    ['QEMU audio, which was not announced', 'ff01'],
    ['a fence with too long a payload', `f80000008000000041${'00'.repeat(0x41)}`],
  ])('%s is an error', (_name, bytes) => {
    expect(decodesOrRejects(() => read(Buffer.from(bytes, 'hex'), 99))).toBe(false);
  });

  test('mutated scripts give messages or a DecodeError', () => {
    const random = new Random(77);
    for (let round = 0; round < 3000; round++) {
      decodesOrRejects(() => read(mutate(SCRIPT, random), random.below(60) + 1));
    }
  });
});
