const CTRL = [0xffe3, 'ControlLeft'];
const ALT = [0xffe9, 'AltLeft'];
const SUPER = [0xffeb, 'MetaLeft'];
const functionKey = (number) => [0xffbd + number, `F${number}`];

/** What a browser or the system it runs on keeps for itself, as keysyms and codes. */
export const CHORDS = [
  ['Ctrl+Alt+Del', [CTRL, ALT, [0xffff, 'Delete']]],
  ['Ctrl+Alt+Backspace', [CTRL, ALT, [0xff08, 'Backspace']]],
  ['Alt+Tab', [ALT, [0xff09, 'Tab']]],
  ['Alt+F4', [ALT, functionKey(4)]],
  ['Ctrl+W', [CTRL, [0x77, 'KeyW']]],
  ['Super', [SUPER]],
  ['Super+L', [SUPER, [0x6c, 'KeyL']]],
  ['Esc', [[0xff1b, 'Escape']]],
  ['Tab', [[0xff09, 'Tab']]],
  ['Print Screen', [[0xff61, 'PrintScreen']]],
  ...[1, 2, 3, 4, 5, 6, 7].map((number) => [`Ctrl+Alt+F${number}`, [CTRL, ALT, functionKey(number)]]),
];

/** Down in order, up in reverse, as hands do it. */
export function press(rfb, keys) {
  for (const [keysym, code] of keys) rfb.sendKey(keysym, code, true);
  for (const [keysym, code] of keys.toReversed()) rfb.sendKey(keysym, code, false);
}
