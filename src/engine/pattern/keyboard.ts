import type { Leds, ScanCode } from '../../input/events.js';
import { characterForKey } from '../../input/layout-us.js';

const BACKSPACE = 0x0e;
const ENTER = 0x1c;
const KEYPAD_ENTER = 0x9c;
const LEFT_SHIFT = 0x2a;
const RIGHT_SHIFT = 0x36;
const CAPS_LOCK = 0x3a;
const NUM_LOCK = 0x45;
const SCROLL_LOCK = 0x46;

const MAX_TYPED = 256;
const MAX_CODES = 16;

/** A guest's US keyboard driver: what was typed, which lights are on. */
export class Keyboard {
  #leds: Leds = { scrollLock: false, numLock: false, capsLock: false };
  readonly #held = new Set<ScanCode>();
  #typed = '';
  #codes: string[] = [];

  get leds(): Leds {
    return this.#leds;
  }
  /** The line typed since the last Enter. */
  get typed(): string {
    return this.#typed;
  }
  /** The last scan codes in hex, + for down and - for up. */
  get codes(): string {
    return this.#codes.join(' ');
  }

  key(code: ScanCode, down: boolean): void {
    this.#codes = [...this.#codes, `${down ? '+' : '-'}${code.toString(16).padStart(2, '0')}`].slice(-MAX_CODES);
    const repeated = this.#held.has(code);
    if (down) this.#held.add(code);
    else this.#held.delete(code);
    if (!down) return;
    if (code === BACKSPACE) this.#typed = this.#typed.slice(0, -1);
    else if (code === ENTER || code === KEYPAD_ENTER) this.#typed = '';
    else if (!repeated && code === CAPS_LOCK) this.#leds = { ...this.#leds, capsLock: !this.#leds.capsLock };
    else if (!repeated && code === NUM_LOCK) this.#leds = { ...this.#leds, numLock: !this.#leds.numLock };
    else if (!repeated && code === SCROLL_LOCK) this.#leds = { ...this.#leds, scrollLock: !this.#leds.scrollLock };
    else this.#type(code);
  }

  #type(code: ScanCode): void {
    const shift = this.#held.has(LEFT_SHIFT) || this.#held.has(RIGHT_SHIFT);
    const plain = characterForKey(code, false);
    if (plain === undefined) return;
    const isLetter = plain >= 'a' && plain <= 'z';
    const character = characterForKey(code, isLetter && this.#leds.capsLock ? !shift : shift)!;
    this.#typed = (this.#typed + character).slice(-MAX_TYPED);
  }
}
