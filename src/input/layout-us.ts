import type { ScanCode } from './events.js';

/** The key, and whether Shift is held, that makes a character on a US keyboard. */
export interface KeyChord {
  readonly code: ScanCode;
  readonly shift: boolean;
  /** A letter: Caps Lock inverts what Shift does. */
  readonly letter: boolean;
}

/** Rows of the keyboard: first scan code, characters without Shift, characters with Shift. */
const ROWS: readonly (readonly [first: ScanCode, plain: string, shifted: string])[] = [
  [0x02, '1234567890-=', '!@#$%^&*()_+'],
  [0x10, 'qwertyuiop[]', 'QWERTYUIOP{}'],
  [0x1e, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [0x2b, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
];

const CHORDS = new Map<number, KeyChord>();
for (const [character, code] of [
  ['\b', 0x0e],
  ['\t', 0x0f],
  ['\n', 0x1c],
  ['\r', 0x1c],
  ['\x1b', 0x01],
  [' ', 0x39],
  ['\x7f', 0xd3],
] as const) {
  CHORDS.set(character.charCodeAt(0), { code, shift: false, letter: false });
}
for (const [first, plain, shifted] of ROWS) {
  for (let i = 0; i < plain.length; i++) {
    const letter = /[a-z]/.test(plain[i]!);
    CHORDS.set(plain.charCodeAt(i), { code: first + i, shift: false, letter });
    CHORDS.set(shifted.charCodeAt(i), { code: first + i, shift: true, letter });
  }
}

/** How to type a Unicode code point on a US keyboard; undefined where that keyboard has no key for it. */
export function keysForCodePoint(codePoint: number): KeyChord | undefined {
  return CHORDS.get(codePoint);
}

/** The character that a key makes on a US keyboard; undefined for keys that make none. The reverse of `keysForCodePoint`. */
export function characterForKey(code: ScanCode, shift: boolean): string | undefined {
  if (code === 0x39) return ' ';
  for (const [first, plain, shifted] of ROWS) {
    const at = code - first;
    if (at >= 0 && at < plain.length) return (shift ? shifted : plain)[at];
  }
  return undefined;
}
