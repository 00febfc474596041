import type { ScanCode } from '../../input/events.js';
import { characterForKey } from '../../input/layout-us.js';

/** State of the keyboard that decides what a key means. */
export interface KeyModifiers {
  readonly shift: boolean;
  readonly capsLock: boolean;
  readonly numLock: boolean;
}

/** Keys that mean the same whatever is held: X11 keysyms as in keysymdef.h. */
const FIXED = new Map<ScanCode, number>([
  [0x01, 0xff1b] /* Escape */,
  [0x0e, 0xff08] /* BackSpace */,
  [0x0f, 0xff09] /* Tab */,
  [0x1c, 0xff0d] /* Return */,
  [0x1d, 0xffe3] /* Control_L */,
  [0x2a, 0xffe1] /* Shift_L */,
  [0x36, 0xffe2] /* Shift_R */,
  [0x37, 0xffaa] /* KP_Multiply */,
  [0x38, 0xffe9] /* Alt_L */,
  [0x3a, 0xffe5] /* Caps_Lock */,
  [0x45, 0xff7f] /* Num_Lock */,
  [0x46, 0xff14] /* Scroll_Lock */,
  [0x4a, 0xffad] /* KP_Subtract */,
  [0x4e, 0xffab] /* KP_Add */,
  [0x54, 0xff15] /* Sys_Req */,
  [0x57, 0xffc8] /* F11 */,
  [0x58, 0xffc9] /* F12 */,
  [0x9c, 0xff8d] /* KP_Enter */,
  [0x9d, 0xffe4] /* Control_R */,
  [0xa0, 0x1008ff12] /* XF86AudioMute */,
  [0xae, 0x1008ff11] /* XF86AudioLowerVolume */,
  [0xb0, 0x1008ff13] /* XF86AudioRaiseVolume */,
  [0xb5, 0xffaf] /* KP_Divide */,
  [0xb7, 0xff61] /* Print */,
  [0xb8, 0xffea] /* Alt_R */,
  [0xc6, 0xff13] /* Pause */,
  [0xc7, 0xff50] /* Home */,
  [0xc8, 0xff52] /* Up */,
  [0xc9, 0xff55] /* Page_Up */,
  [0xcb, 0xff51] /* Left */,
  [0xcd, 0xff53] /* Right */,
  [0xcf, 0xff57] /* End */,
  [0xd0, 0xff54] /* Down */,
  [0xd1, 0xff56] /* Page_Down */,
  [0xd2, 0xff63] /* Insert */,
  [0xd3, 0xffff] /* Delete */,
  [0xdb, 0xffeb] /* Super_L */,
  [0xdc, 0xffec] /* Super_R */,
  [0xdd, 0xff67] /* Menu */,
]);
for (let i = 0; i < 10; i++) FIXED.set(0x3b + i, 0xffbe + i); /* F1 to F10 */

/** The keypad: with Num Lock, and without it. */
const KEYPAD = new Map<ScanCode, readonly [numLock: number, plain: number]>([
  [0x47, [0xffb7, 0xff95]] /* 7 Home */,
  [0x48, [0xffb8, 0xff97]] /* 8 Up */,
  [0x49, [0xffb9, 0xff9a]] /* 9 Page_Up */,
  [0x4b, [0xffb4, 0xff96]] /* 4 Left */,
  [0x4c, [0xffb5, 0xff9d]] /* 5 Begin */,
  [0x4d, [0xffb6, 0xff98]] /* 6 Right */,
  [0x4f, [0xffb1, 0xff9c]] /* 1 End */,
  [0x50, [0xffb2, 0xff99]] /* 2 Down */,
  [0x51, [0xffb3, 0xff9b]] /* 3 Page_Down */,
  [0x52, [0xffb0, 0xff9e]] /* 0 Insert */,
  [0x53, [0xffae, 0xff9f]] /* Decimal Delete */,
]);

/** What a key of a US keyboard means, as an X11 keysym; undefined for keys without one. */
export function keysymFor(code: ScanCode, modifiers: KeyModifiers): number | undefined {
  const fixed = FIXED.get(code);
  if (fixed !== undefined) return fixed;
  const keypad = KEYPAD.get(code);
  // Shift turns Num Lock round for as long as it is held.
  if (keypad !== undefined) return keypad[modifiers.numLock !== modifiers.shift ? 0 : 1];
  // The key that only European keyboards have, beside the left Shift.
  if (code === 0x56) return modifiers.shift ? 0x3e : 0x3c;
  const plain = characterForKey(code, false);
  if (plain === undefined) return undefined;
  const isLetter = plain >= 'a' && plain <= 'z';
  const shift = isLetter && modifiers.capsLock ? !modifiers.shift : modifiers.shift;
  // Latin-1 keysyms are the characters' own codes.
  return characterForKey(code, shift)!.charCodeAt(0);
}
