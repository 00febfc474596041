import type { Leds, ScanCode } from './events.js';
import { keysForCodePoint } from './layout-us.js';

/** The key of a US keyboard that a keysym stands for. */
export interface KeysymKey {
  readonly code: ScanCode;
  /** Whether Shift has to be held; undefined for keys that mean the same with any modifiers. */
  readonly shift?: boolean;
  /** A letter: the guest's Caps Lock inverts what Shift does. */
  readonly letter?: boolean;
}

/** Keys that make no character. X11's names stand in keysymdef.h and XF86keysym.h. */
const KEYS = new Map<number, ScanCode>([
  [0xff08, 0x0e], // BackSpace
  [0xff09, 0x0f], // Tab
  [0xff0a, 0x1c], // Linefeed
  [0xff0d, 0x1c], // Return
  [0xff13, 0xc6], // Pause
  [0xff14, 0x46], // Scroll_Lock
  [0xff15, 0xb7], // Sys_Req
  [0xff1b, 0x01], // Escape
  [0xff22, 0x7b], // Muhenkan
  [0xff23, 0x79], // Henkan_Mode
  [0xff27, 0x70], // Hiragana_Katakana
  [0xff2a, 0x29], // Zenkaku_Hankaku
  [0xff50, 0xc7], // Home
  [0xff51, 0xcb], // Left
  [0xff52, 0xc8], // Up
  [0xff53, 0xcd], // Right
  [0xff54, 0xd0], // Down
  [0xff55, 0xc9], // Page_Up
  [0xff56, 0xd1], // Page_Down
  [0xff57, 0xcf], // End
  [0xff61, 0xb7], // Print
  [0xff63, 0xd2], // Insert
  [0xff67, 0xdd], // Menu
  [0xff6b, 0xc6], // Break
  [0xff7f, 0x45], // Num_Lock
  [0xff80, 0x39], // KP_Space
  [0xff89, 0x0f], // KP_Tab
  [0xff8d, 0x9c], // KP_Enter
  [0xffaa, 0x37], // KP_Multiply
  [0xffab, 0x4e], // KP_Add
  [0xffac, 0x7e], // KP_Separator
  [0xffad, 0x4a], // KP_Subtract
  [0xffaf, 0xb5], // KP_Divide
  [0xffbd, 0x59], // KP_Equal
  [0xffe1, 0x2a], // Shift_L
  [0xffe2, 0x36], // Shift_R
  [0xffe3, 0x1d], // Control_L
  [0xffe4, 0x9d], // Control_R
  [0xffe5, 0x3a], // Caps_Lock
  [0xffe7, 0xdb], // Meta_L
  [0xffe8, 0xdc], // Meta_R
  [0xffe9, 0x38], // Alt_L
  [0xffea, 0xb8], // Alt_R
  [0xffeb, 0xdb], // Super_L
  [0xffec, 0xdc], // Super_R
  [0xffff, 0xd3], // Delete
  [0x1008ff11, 0xae], // XF86AudioLowerVolume
  [0x1008ff12, 0xa0], // XF86AudioMute
  [0x1008ff13, 0xb0], // XF86AudioRaiseVolume
  [0x1008ff14, 0xa2], // XF86AudioPlay
  [0x1008ff15, 0xa4], // XF86AudioStop
  [0x1008ff16, 0x90], // XF86AudioPrev
  [0x1008ff17, 0x99], // XF86AudioNext
  [0x1008ff18, 0xb2], // XF86HomePage
  [0x1008ff19, 0xec], // XF86Mail
  [0x1008ff1b, 0xe5], // XF86Search
  [0x1008ff1d, 0xa1], // XF86Calculator
  [0x1008ff26, 0xea], // XF86Back
  [0x1008ff27, 0xe9], // XF86Forward
  [0x1008ff28, 0xe8], // XF86Stop
  [0x1008ff29, 0xe7], // XF86Refresh
  [0x1008ff2a, 0xde], // XF86PowerOff
  [0x1008ff2b, 0xe3], // XF86WakeUp
  [0x1008ff2f, 0xdf], // XF86Sleep
  [0x1008ff30, 0xe6], // XF86Favorites
  [0x1008ff32, 0xed], // XF86AudioMedia
  [0x1008ff33, 0xeb], // XF86MyComputer
]);

/** First scan code of consecutive keys, for consecutive keysyms. */
const RANGES: readonly (readonly [firstKeysym: number, codes: readonly ScanCode[]])[] = [
  [0xffbe, [0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x44, 0x57, 0x58]], // F1 to F12
  [0xffca, [0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x76]], // F13 to F24
];
for (const [first, codes] of RANGES) for (const [i, code] of codes.entries()) KEYS.set(first + i, code);

/** Keys of the keypad, by the keysym they have with Num Lock and the one without. */
const KEYPAD: readonly (readonly [digit: number, navigation: number, code: ScanCode, character: string])[] = [
  [0xffae, 0xff9f, 0x53, '.'], // KP_Decimal, KP_Delete
  [0xffb0, 0xff9e, 0x52, '0'], // KP_0, KP_Insert
  [0xffb1, 0xff9c, 0x4f, '1'], // KP_1, KP_End
  [0xffb2, 0xff99, 0x50, '2'], // KP_2, KP_Down
  [0xffb3, 0xff9b, 0x51, '3'], // KP_3, KP_Page_Down
  [0xffb4, 0xff96, 0x4b, '4'], // KP_4, KP_Left
  [0xffb5, 0xff9d, 0x4c, '5'], // KP_5, KP_Begin
  [0xffb6, 0xff98, 0x4d, '6'], // KP_6, KP_Right
  [0xffb7, 0xff95, 0x47, '7'], // KP_7, KP_Home
  [0xffb8, 0xff97, 0x48, '8'], // KP_8, KP_Up
  [0xffb9, 0xff9a, 0x49, '9'], // KP_9, KP_Page_Up
];

const ISO_LEFT_TAB = 0xfe20;
const BACK_TAB = 0x1000ff74;
const TAB_CODE = 0x0f;
/** Keypad keys without Num Lock do what the gray keys do, which have the same codes behind an E0 prefix. */
const GRAY = 0x80;
const KEYPAD_FIVE = 0x4c;

/**
 * The key for an X11 keysym; undefined where a US keyboard has none. Keysyms that only choose among a client's
 * characters (AltGr, Mode_switch, dead keys) have none on purpose: the character they lead to arrives by itself.
 * @param leds the guest's, where known: they tell what its keypad would do
 */
export function keyForKeysym(keysym: number, leds?: Leds): KeysymKey | undefined {
  if (keysym === ISO_LEFT_TAB || keysym === BACK_TAB) return { code: TAB_CODE, shift: true };
  const code = KEYS.get(keysym);
  if (code !== undefined) return { code };
  const keypad = keypadKey(keysym, leds);
  if (keypad !== undefined) return keypad;
  const codePoint = codePointOf(keysym);
  return codePoint === undefined ? undefined : characterKey(codePoint);
}

/** Whatever the guest's Num Lock says, a digit comes as a digit and an arrow as an arrow. */
function keypadKey(keysym: number, leds: Leds | undefined): KeysymKey | undefined {
  for (const [digit, navigation, code, character] of KEYPAD) {
    if (keysym === digit) {
      return leds?.numLock === false ? characterKey(character.charCodeAt(0)) : { code };
    }
    if (keysym === navigation) {
      return leds?.numLock === true && code !== KEYPAD_FIVE ? { code: code | GRAY } : { code };
    }
  }
  return undefined;
}

function characterKey(codePoint: number): KeysymKey | undefined {
  const chord = keysForCodePoint(codePoint);
  if (chord === undefined) return undefined;
  return codePoint <= 0x20 || codePoint === 0x7f ? { code: chord.code } : chord;
}

/** Latin-1 keysyms are their own code points; Unicode ones have 0x01000000 added. */
function codePointOf(keysym: number): number | undefined {
  if (keysym >= 0x20 && keysym <= 0xff) return keysym;
  if (keysym >= 0x01000000 && keysym <= 0x0110ffff) return keysym - 0x01000000;
  return undefined;
}
