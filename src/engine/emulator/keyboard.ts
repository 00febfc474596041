import { PAUSE, type ScanCode } from '../../input/events.js';

/** Added to a make code when the key goes up. */
const BREAK = 0x80;
const EXTENDED = 0xe0;
/** Pause has no break code: it sends all of this when it goes down. */
const PAUSE_BYTES = [0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5] as const;

/** What an XT (set 1) keyboard sends for a key; nothing for a number that is no key. */
export function keyBytes(code: ScanCode, down: boolean): readonly number[] {
  if (code === PAUSE) return down ? PAUSE_BYTES : [];
  const make = code & 0x7f;
  if (code !== (code & 0xff) || make === 0) return [];
  const byte = down ? make : make | BREAK;
  return (code & 0x80) !== 0 ? [EXTENDED, byte] : [byte];
}
