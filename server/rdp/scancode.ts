import type { KeyboardEvent } from '../../protocols/rdp/input/events.js';
import { PAUSE, type ScanCode } from '../../src/input/events.js';

const LEFT_CTRL = 0x1d;
const NUM_LOCK = 0x45;
const E0 = 0x80;

/**
 * Scan codes as RDP sends them (set 1 with a prefix) into the machine's. Pause comes as two keys, E1 Ctrl and then
 * what would be NumLock; the second half is dropped.
 */
export class ScanCodes {
  #pauseHalf: KeyboardEvent | undefined;

  /** The key that an event is about; undefined when it is about none. */
  keyOf(event: KeyboardEvent): ScanCode | undefined {
    const { code, prefix, down } = event;
    const half = this.#pauseHalf;
    this.#pauseHalf = undefined;
    if (prefix === 'e1') {
      if (code !== LEFT_CTRL) return undefined;
      this.#pauseHalf = event;
      return PAUSE;
    }
    if (half?.down === down && code === NUM_LOCK && prefix === 'none') return undefined;
    // 0 is no key, and the eighth bit is taken by the prefix.
    if (code === 0 || code > 0x7f) return undefined;
    return prefix === 'e0' ? code | E0 : code;
  }
}
