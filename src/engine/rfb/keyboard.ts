import { KeyEvent, QemuExtendedKeyEvent } from '../../../protocols/rfb/key-event.js';
import { encode } from '../../../protocols/wire/codec.js';
import type { Leds, ScanCode } from '../../input/events.js';
import { keysymFor } from './keysyms.js';

const LEFT_SHIFT = 0x2a;
const RIGHT_SHIFT = 0x36;
const CAPS_LOCK = 0x3a;
const NUM_LOCK = 0x45;

/**
 * Scan codes to key events. A server with QEMU's extension gets the scan code; any other the keysym that the key has
 * on a US keyboard, for which Shift and the lock keys are kept in mind.
 */
export class Keyboard {
  /** Keys that are down, each with the keysym it went down with: it must go up with the same. */
  readonly #held = new Map<ScanCode, number>();
  #extended = false;
  #capsLock = false;
  /** Until a server says otherwise: people with a keypad have it on. */
  #numLock = true;

  /** The server takes scan codes. It starts to count presses of lock keys from "off". */
  useScanCodes(): void {
    if (this.#extended) return;
    this.#extended = true;
    this.#capsLock = false;
    this.#numLock = false;
  }

  /** The message that tells of a key; undefined for a key that the server could not understand. */
  key(code: ScanCode, down: boolean): Uint8Array | undefined {
    const held = this.#held.get(code);
    if (down && held === undefined) this.#toggle(code);
    const keysym = held ?? keysymFor(code, this.#modifiers());
    if (down && keysym !== undefined) this.#held.set(code, keysym);
    if (!down) this.#held.delete(code);
    if (this.#extended) return encode(QemuExtendedKeyEvent, { down, keysym: keysym ?? 0, keycode: code });
    return keysym === undefined ? undefined : encode(KeyEvent, { down, keysym });
  }

  /**
   * The guest's lights. A server that takes scan codes is not followed in this: QEMU compares the keysym with its own count
   * of lock key presses, and presses the lock key itself where they disagree. Counting presses as it does keeps it quiet.
   */
  setLeds(leds: Leds): void {
    if (this.#extended) return;
    this.#capsLock = leds.capsLock;
    this.#numLock = leds.numLock;
  }

  #toggle(code: ScanCode): void {
    if (code === CAPS_LOCK) this.#capsLock = !this.#capsLock;
    else if (code === NUM_LOCK) this.#numLock = !this.#numLock;
  }

  #modifiers() {
    const shift = this.#held.has(LEFT_SHIFT) || this.#held.has(RIGHT_SHIFT);
    return { shift, capsLock: this.#capsLock, numLock: this.#numLock };
  }
}
