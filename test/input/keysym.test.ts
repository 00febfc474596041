import { describe, expect, test } from 'vitest';
import { keyForKeysym } from '../../src/input/keysym.js';

const leds = (numLock: boolean) => ({ scrollLock: false, capsLock: false, numLock });

describe('a keysym', () => {
  test('of a character names the key and the Shift that a US guest needs', () => {
    expect(keyForKeysym(0x61)).toEqual({ code: 0x1e, shift: false, letter: true }); // a
    expect(keyForKeysym(0x41)).toEqual({ code: 0x1e, shift: true, letter: true }); // A
    expect(keyForKeysym(0x22)).toEqual({ code: 0x28, shift: true, letter: false }); // "
    expect(keyForKeysym(0x31)).toEqual({ code: 0x02, shift: false, letter: false }); // 1
    expect(keyForKeysym(0x01000040)).toEqual({ code: 0x03, shift: true, letter: false }); // @ as Unicode
  });

  test('of every printable ASCII character has a key', () => {
    for (let c = 0x20; c < 0x7f; c++) expect(keyForKeysym(c), String.fromCharCode(c)).toBeDefined();
  });

  test('of a key that makes no character leaves Shift alone', () => {
    expect(keyForKeysym(0xff0d)).toEqual({ code: 0x1c }); // Return
    expect(keyForKeysym(0x20)).toEqual({ code: 0x39 }); // space
    expect(keyForKeysym(0xff53)).toEqual({ code: 0xcd }); // Right
    expect(keyForKeysym(0xffbe)).toEqual({ code: 0x3b }); // F1
    expect(keyForKeysym(0xffc9)).toEqual({ code: 0x58 }); // F12
    expect(keyForKeysym(0xff13)).toEqual({ code: 0xc6 }); // Pause
    expect(keyForKeysym(0x1008ff12)).toEqual({ code: 0xa0 }); // mute
  });

  test('ISO_Left_Tab is Shift and Tab', () => {
    expect(keyForKeysym(0xfe20)).toEqual({ code: 0x0f, shift: true });
  });

  test('of the keypad does the same whatever Num Lock says', () => {
    expect(keyForKeysym(0xffb7)).toEqual({ code: 0x47 }); // KP_7, nothing known
    expect(keyForKeysym(0xffb7, leds(true))).toEqual({ code: 0x47 });
    expect(keyForKeysym(0xffb7, leds(false))).toEqual({ code: 0x08, shift: false, letter: false });
    expect(keyForKeysym(0xff95, leds(false))).toEqual({ code: 0x47 }); // KP_Home
    expect(keyForKeysym(0xff95, leds(true))).toEqual({ code: 0xc7 });
  });

  test('that only chooses among characters, or that a US keyboard cannot make, has no key', () => {
    for (const keysym of [0xfe03, 0xff7e, 0xfe51, 0xe9, 0x20ac, 0x010020ac, 0, 0xffffffff]) {
      expect(keyForKeysym(keysym)).toBeUndefined();
    }
  });
});
