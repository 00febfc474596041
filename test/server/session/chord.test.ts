import { describe, expect, test } from 'vitest';
import { Chord } from '../../../server/session/chord.js';

const CTRL = 0x1d;
const ALT = 0x38;
const SHIFT = 0x2a;
const RIGHT = [0x9d, 0xb8, 0x36];
const P = 0x19;
const A = 0x1e;

const down = (chord: Chord, ...codes: number[]) => codes.map((code) => chord.key(code, true));

describe('the chord for the picker', () => {
  test('counts when P comes up, and the guest gets nothing of P', () => {
    const chord = new Chord();
    expect(down(chord, CTRL, ALT, SHIFT)).toEqual(['pass', 'pass', 'pass']);
    expect(down(chord, P, P, P)).toEqual(['swallow', 'swallow', 'swallow']);
    expect(chord.key(P, false)).toBe('chord');
  });

  test.each([
    ['in any order', [SHIFT, CTRL, ALT]],
    ['of either side', RIGHT],
  ])('modifiers %s', (_, modifiers) => {
    const chord = new Chord();
    down(chord, ...modifiers, P);
    expect(chord.key(P, false)).toBe('chord');
  });

  test('modifiers that come up before P do not undo it', () => {
    const chord = new Chord();
    down(chord, CTRL, ALT, SHIFT, P);
    expect(chord.key(ALT, false)).toBe('pass');
    expect(chord.key(P, true)).toBe('swallow');
    expect(chord.key(P, false)).toBe('chord');
  });

  test.each([
    ['without Shift', [CTRL, ALT]],
    ['without Ctrl', [ALT, SHIFT]],
    ['with both sides of one instead of two', [CTRL, 0x9d, ALT]],
  ])('%s the guest gets P', (_, modifiers) => {
    const chord = new Chord();
    down(chord, ...modifiers);
    expect(chord.key(P, true)).toBe('pass');
    expect(chord.key(P, false)).toBe('pass');
  });

  test('P first, modifiers later: its repeats complete it, as they would a shortcut', () => {
    const chord = new Chord();
    expect(chord.key(P, true)).toBe('pass');
    down(chord, CTRL, ALT, SHIFT);
    expect(chord.key(P, true)).toBe('swallow');
  });

  test('other keys in between do not matter, and a modifier that was released does', () => {
    const chord = new Chord();
    down(chord, CTRL, ALT, A, SHIFT);
    expect(chord.key(A, false)).toBe('pass');
    chord.key(CTRL, false);
    expect(chord.key(P, true)).toBe('pass');
  });

  test('it can be pressed again', () => {
    const chord = new Chord();
    down(chord, CTRL, ALT, SHIFT, P);
    chord.key(P, false);
    down(chord, P);
    expect(chord.key(P, false)).toBe('chord');
  });

  test('after the focus was lost nothing is held', () => {
    const chord = new Chord();
    down(chord, CTRL, ALT, SHIFT);
    chord.reset();
    expect(chord.key(P, true)).toBe('pass');
  });
});
