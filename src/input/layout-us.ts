import type { ScanCode } from './events.js';

/** The key, and whether Shift is held, that makes a character on a US keyboard. */
export interface KeyChord {
  readonly code: ScanCode;
  readonly shift: boolean;
}

/** Rows of the keyboard: first scan code, characters without Shift, characters with Shift. */
const ROWS: readonly (readonly [first: ScanCode, plain: string, shifted: string])[] = [
  [0x02, '1234567890-=', '!@#$%^&*()_+'],
  [0x10, 'qwertyuiop[]', 'QWERTYUIOP{}'],
  [0x1e, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [0x2b, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
];

const CHORDS = new Map<number, KeyChord>([
  [0x08, { code: 0x0e, shift: false }],
  [0x09, { code: 0x0f, shift: false }],
  [0x0a, { code: 0x1c, shift: false }],
  [0x0d, { code: 0x1c, shift: false }],
  [0x1b, { code: 0x01, shift: false }],
  [0x20, { code: 0x39, shift: false }],
  [0x7f, { code: 0xd3, shift: false }],
]);
for (const [first, plain, shifted] of ROWS) {
  for (let i = 0; i < plain.length; i++) {
    CHORDS.set(plain.charCodeAt(i), { code: first + i, shift: false });
    CHORDS.set(shifted.charCodeAt(i), { code: first + i, shift: true });
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
