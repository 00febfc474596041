import { describe, expect, test } from 'vitest';
import { Keyboard } from '../../../src/engine/rfb/keyboard.js';
import { keysymFor } from '../../../src/engine/rfb/keysyms.js';
import { Pointer } from '../../../src/engine/rfb/pointer.js';
import { keysForCodePoint } from '../../../src/input/layout-us.js';
import { toHex } from '../../hex.js';

const NOTHING_HELD = { shift: false, capsLock: false, numLock: false };

function keysymOf(message: Uint8Array | undefined): number | undefined {
  return message === undefined ? undefined : new DataView(message.buffer, message.byteOffset).getUint32(4);
}

describe('keysyms', () => {
  test('every printable ASCII character can be typed, by its own code', () => {
    for (let c = 0x20; c < 0x7f; c++) {
      const { code, shift } = keysForCodePoint(c)!;
      expect(keysymFor(code, { ...NOTHING_HELD, shift })).toBe(c);
    }
  });

  test('Caps Lock turns letters round, and nothing else', () => {
    const caps = { ...NOTHING_HELD, capsLock: true };
    expect(keysymFor(0x1e, caps)).toBe(0x41);
    expect(keysymFor(0x1e, { ...caps, shift: true })).toBe(0x61);
    expect(keysymFor(0x02, caps)).toBe(0x31);
  });

  test('the keypad follows Num Lock, which Shift turns round', () => {
    expect(keysymFor(0x47, NOTHING_HELD)).toBe(0xff95);
    expect(keysymFor(0x47, { ...NOTHING_HELD, numLock: true })).toBe(0xffb7);
    expect(keysymFor(0x47, { shift: true, capsLock: false, numLock: true })).toBe(0xff95);
  });

  test('no two keys mean the same, and every key of a PC keyboard means something', () => {
    const seen = new Map<number, number>();
    const keys = Array.from({ length: 0x58 }, (_, i) => i + 1).filter((code) => code !== 0x55);
    for (const code of [...keys, 0x9c, 0x9d, 0xb5, 0xb7, 0xb8, 0xc6, 0xc7, 0xc8, 0xc9, 0xcb, 0xcd, 0xcf]) {
      const keysym = keysymFor(code, NOTHING_HELD);
      expect(keysym, code.toString(16)).toBeDefined();
      expect(seen.get(keysym!), code.toString(16)).toBeUndefined();
      seen.set(keysym!, code);
    }
  });
});

describe('keyboard', () => {
  test('a key goes up with the keysym it went down with', () => {
    const keyboard = new Keyboard();
    keyboard.key(0x2a, true);
    expect(keysymOf(keyboard.key(0x1e, true))).toBe(0x41);
    keyboard.key(0x2a, false);
    expect(toHex(keyboard.key(0x1e, false)!)).toBe('04 00 00 00 00 00 00 41');
  });

  test('says nothing of keys without a keysym, except by scan code', () => {
    const keyboard = new Keyboard();
    expect(keyboard.key(0x70, true)).toBeUndefined();
    keyboard.useScanCodes();
    expect(toHex(keyboard.key(0x70, true)!)).toBe('ff 00 00 01 00 00 00 00 00 00 00 70');
  });

  test('follows the lights of a server that takes keysyms', () => {
    const keyboard = new Keyboard();
    expect(keysymOf(keyboard.key(0x47, true))).toBe(0xffb7);
    keyboard.key(0x47, false);
    keyboard.setLeds({ scrollLock: false, numLock: false, capsLock: true });
    expect(keysymOf(keyboard.key(0x47, true))).toBe(0xff95);
    expect(keysymOf(keyboard.key(0x1e, true))).toBe(0x41);
  });

  test('counts lock keys for a server that takes scan codes, each press once', () => {
    const keyboard = new Keyboard();
    keyboard.useScanCodes();
    keyboard.setLeds({ scrollLock: false, numLock: true, capsLock: true });
    expect(keysymOf(keyboard.key(0x47, true))).toBe(0xff95);
    keyboard.key(0x47, false);
    keyboard.key(0x45, true);
    keyboard.key(0x45, true);
    keyboard.key(0x45, false);
    expect(keysymOf(keyboard.key(0x47, true))).toBe(0xffb7);
  });
});

describe('pointer', () => {
  const bytes = (messages: Uint8Array[]) => messages.map(toHex);

  test('wheels are presses and releases of buttons 4 to 7, with what is held', () => {
    expect(bytes(new Pointer().pointer({ x: 1, y: 2, buttons: 1, wheelY: -1 }))).toEqual([
      '05 01 00 01 00 02',
      '05 11 00 01 00 02',
      '05 01 00 01 00 02',
    ]);
    expect(bytes(new Pointer().pointer({ x: 1, y: 2, buttons: 0, wheelX: 1, wheelY: 1 }))).toEqual([
      '05 00 00 01 00 02',
      '05 08 00 01 00 02',
      '05 00 00 01 00 02',
      '05 40 00 01 00 02',
      '05 00 00 01 00 02',
    ]);
  });

  test('a wheel that spins is cut', () => {
    expect(new Pointer().pointer({ x: 0, y: 0, buttons: 0, wheelY: 1e6 }).length).toBe(33);
  });

  test('side buttons use the long form where the server knows it', () => {
    const pointer = new Pointer();
    expect(bytes(pointer.pointer({ x: 0, y: 0, buttons: 24 }))).toEqual(['05 80 00 00 00 00']);
    pointer.extendedButtons = true;
    expect(bytes(pointer.pointer({ x: 0, y: 0, buttons: 25 }))).toEqual(['05 81 00 00 00 00 03']);
    expect(bytes(pointer.pointer({ x: 0, y: 0, buttons: 5 }))).toEqual(['05 05 00 00 00 00']);
  });

  test('movements count from the last position, and a wheel moves nothing', () => {
    const pointer = new Pointer();
    pointer.pointer({ x: 100, y: 100, buttons: 0 });
    pointer.absolute = false;
    expect(bytes(pointer.pointer({ x: 95, y: 103, buttons: 0, wheelY: 1 }))).toEqual([
      '05 00 7f fa 80 02',
      '05 08 7f ff 7f ff',
      '05 00 7f ff 7f ff',
    ]);
  });
});
