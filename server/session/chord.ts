import type { ScanCode } from '../../src/input/events.js';

/** Each may be held on either side of the keyboard. */
const MODIFIERS: readonly (readonly ScanCode[])[] = [
  [0x1d, 0x9d], // Ctrl
  [0x38, 0xb8], // Alt; AltGr is the right one
  [0x2a, 0x36], // Shift
];
const P: ScanCode = 0x19;

/**
 * - 'pass': the guest gets it
 * - 'swallow': it belongs to the chord
 * - 'chord': so does this, and the chord is complete
 */
export type ChordVerdict = 'pass' | 'swallow' | 'chord';

/**
 * Watches one client's keys for Ctrl+Alt+Shift+P, which asks for the picker. The chord counts when P comes up: the
 * repeats of a P that is still held would be typed wherever the client goes.
 */
export class Chord {
  readonly #held = new Set<ScanCode>();
  #armed = false;

  /** Every key of the client's, before anything else sees it. */
  key(code: ScanCode, down: boolean): ChordVerdict {
    if (code === P) return down ? this.#pressed() : this.#released();
    if (down) this.#held.add(code);
    else this.#held.delete(code);
    return 'pass';
  }

  /** The client holds nothing any more: it has lost the focus. */
  reset(): void {
    this.#held.clear();
    this.#armed = false;
  }

  #pressed(): ChordVerdict {
    this.#armed ||= MODIFIERS.every((sides) => sides.some((code) => this.#held.has(code)));
    return this.#armed ? 'swallow' : 'pass';
  }

  #released(): ChordVerdict {
    if (!this.#armed) return 'pass';
    this.#armed = false;
    return 'chord';
  }
}
