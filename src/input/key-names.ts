import type { ScanCode } from './events.js';
import { keysForCodePoint } from './layout-us.js';

/** A key that goes down or up. */
export interface KeyStroke {
  readonly code: ScanCode;
  readonly down: boolean;
}

const LEFT_SHIFT: ScanCode = 0x2a;
const EXTENDED = 0xe0;
const PAUSE_PREFIX = 0xe1;
const RELEASED = 0x80;

/** Names as people write them in shortcuts, in lower case. */
const NAMED: Readonly<Record<string, ScanCode>> = {
  ctrl: 0x1d,
  control: 0x1d,
  rctrl: 0x9d,
  shift: LEFT_SHIFT,
  rshift: 0x36,
  alt: 0x38,
  option: 0x38,
  altgr: 0xb8,
  ralt: 0xb8,
  win: 0xdb,
  super: 0xdb,
  meta: 0xdb,
  cmd: 0xdb,
  rwin: 0xdc,
  menu: 0xdd,
  esc: 0x01,
  escape: 0x01,
  enter: 0x1c,
  return: 0x1c,
  tab: 0x0f,
  space: 0x39,
  backspace: 0x0e,
  delete: 0xd3,
  del: 0xd3,
  insert: 0xd2,
  ins: 0xd2,
  home: 0xc7,
  end: 0xcf,
  pageup: 0xc9,
  pgup: 0xc9,
  pagedown: 0xd1,
  pgdn: 0xd1,
  up: 0xc8,
  down: 0xd0,
  left: 0xcb,
  right: 0xcd,
  capslock: 0x3a,
  numlock: 0x45,
  scrolllock: 0x46,
  print: 0xb7,
  sysrq: 0xb7,
  pause: 0xc6,
  break: 0xc6,
  plus: 0x0d,
  minus: 0x0c,
  f11: 0x57,
  f12: 0x58,
};

/**
 * The strokes of chords such as `ctrl+alt+delete f2 A`, separated by blanks: keys go down in order and up in reverse.
 * A single character is its key on a US keyboard, with Shift where it needs it. Throws RangeError that names the key.
 */
export function strokesOf(chords: string): KeyStroke[] {
  return chords
    .split(/\s+/)
    .filter((chord) => chord !== '')
    .flatMap((chord) => {
      const codes = keysOf(chord).flatMap(codesOf);
      const down = codes.map((code) => ({ code, down: true }));
      return [...down, ...down.map(({ code }) => ({ code, down: false })).reverse()];
    });
}

/** `+` joins keys, and is one itself where nothing is left to join. */
function keysOf(chord: string): string[] {
  if (chord === '+') return ['+'];
  return chord.endsWith('++') ? [...chord.slice(0, -2).split('+'), '+'] : chord.split('+');
}

function codesOf(key: string): ScanCode[] {
  const name = key.toLowerCase();
  const functionKey = /^f([1-9]|10)$/.exec(name)?.[1];
  if (functionKey !== undefined) return [0x3b + Number(functionKey) - 1];
  const named = NAMED[name];
  if (named !== undefined && Object.hasOwn(NAMED, name)) return [named];
  const typed = [...key].length === 1 ? keysForCodePoint(key.codePointAt(0)!) : undefined;
  if (typed === undefined) throw new RangeError(`there is no key '${key}'`);
  return typed.shift ? [LEFT_SHIFT, typed.code] : [typed.code];
}

/**
 * The strokes that a keyboard's set-1 bytes stand for, as `VBoxManage controlvm … keyboardputscancode` takes them.
 * Throws RangeError for what is no byte, or no whole sequence.
 */
export function strokesOfScanCodes(bytes: readonly number[]): KeyStroke[] {
  const strokes: KeyStroke[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (!Number.isInteger(byte) || byte < 0 || byte > 0xff) throw new RangeError(`${byte} is not a byte`);
    if (byte === PAUSE_PREFIX) {
      // Pause is E1 1D 45, and E1 9D C5 when it comes up.
      const [first, second] = [bytes[i + 1], bytes[i + 2]];
      if (first === undefined || second === undefined) throw new RangeError('e1 begins a sequence of three bytes');
      strokes.push({ code: 0xc6, down: (second & RELEASED) === 0 });
      i += 2;
      continue;
    }
    const extended = byte === EXTENDED;
    const code = extended ? bytes[++i] : byte;
    if (code === undefined) throw new RangeError('e0 needs a byte behind it');
    strokes.push({ code: (code & 0x7f) | (extended ? 0x80 : 0), down: (code & RELEASED) === 0 });
  }
  return strokes;
}
