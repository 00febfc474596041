import type { ScanCode } from '../../../src/input/events.js';

/** What a key means on the lobby's screens. The keypad counts as without its lock. */
export type Command =
  | 'accept'
  | 'back'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'first'
  | 'last'
  | 'page-up'
  | 'page-down'
  | 'erase';

const COMMANDS = new Map<ScanCode, Command>([
  [0x1c, 'accept'],
  [0x9c, 'accept'],
  [0x01, 'back'],
  [0x0e, 'erase'],
]);
/** On the keypad, and with 0x80 the block of their own. */
const NAVIGATION: readonly (readonly [ScanCode, Command])[] = [
  [0x47, 'first'],
  [0x48, 'up'],
  [0x49, 'page-up'],
  [0x4b, 'left'],
  [0x4d, 'right'],
  [0x4f, 'last'],
  [0x50, 'down'],
  [0x51, 'page-down'],
];
for (const [code, command] of NAVIGATION) {
  COMMANDS.set(code, command);
  COMMANDS.set(code | 0x80, command);
}

export function commandOf(code: ScanCode): Command | undefined {
  return COMMANDS.get(code);
}
