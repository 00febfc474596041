import { POINTER_BUTTON } from '../../protocols/rfb/pointer-event.js';
import { BUTTON, type ScanCode } from '../../src/input/events.js';
import type { Input, InputSource } from '../../src/input/input.js';
import { type KeysymKey, keyForKeysym } from '../../src/input/keysym.js';
import { Chord } from '../session/chord.js';

const LEFT_SHIFT = 0x2a;
const RIGHT_SHIFT = 0x36;
const CAPS_LOCK = 0x3a;
/** Ctrl, Alt and the Windows keys: with one of them a letter is a shortcut, and its case means nothing. */
const SHORTCUT_MODIFIERS: readonly ScanCode[] = [0x1d, 0x9d, 0x38, 0xb8, 0xdb, 0xdc];
/** Print Screen as the QEMU extension wants it sent, and as keyboards and engines have it. */
const SYS_REQ = 0x54;
const PRINT = 0xb7;
const MAX_SCAN_CODE = 0xff;
/** Keys that one client may hold: more than there are on a keyboard means it never lets go. */
const MAX_HELD = 256;

/** Any screen. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Turns a client's key and pointer events into the machine's. */
export class RfbInput {
  readonly #input: Input;
  readonly #source: InputSource;
  readonly #screen: Size;
  /** Scan code that went down for a keysym: the same goes up, whatever the modifiers have become. */
  readonly #pressed = new Map<number, ScanCode>();
  readonly #chord: Chord | undefined;
  readonly #onChord: () => void;
  #buttons = 0;

  /**
   * @param screen pointer positions are kept inside it
   * @param onChord the client has asked for the picker; without it the chord is the guest's
   * @param stale keys that it holds down already, for another guest
   */
  constructor(input: Input, screen: Size, onChord?: () => void, stale?: readonly ScanCode[]) {
    this.#input = input;
    this.#source = input.source(stale);
    this.#screen = screen;
    this.#chord = onChord && new Chord();
    this.#onChord = onChord ?? (() => {});
  }

  /** All that the client holds down. */
  get down(): readonly ScanCode[] {
    return this.#source.down;
  }

  /** Lets go of what is held, and drops what comes; the chord still counts. */
  setMuted(muted: boolean): void {
    this.#source.setMuted(muted);
  }

  /** Releases what the client holds. */
  close(): void {
    this.#source.close();
  }

  /** @spec rfbproto QEMU Extended Key Event Message */
  qemuKey(keycode: number, keysym: number, down: boolean): void {
    if (keycode < 1 || keycode > MAX_SCAN_CODE) {
      this.keysym(keysym, down);
      return;
    }
    const code = keycode === SYS_REQ ? PRINT : keycode;
    if (!this.#isChord(code, down)) this.#source.key(code, down);
  }

  /** A key by its meaning: pressed as a US guest needs it to get that meaning, whatever the client's layout. */
  keysym(keysym: number, down: boolean): void {
    if (down) this.#press(keysym);
    else this.#release(keysym);
  }

  /** @param buttons bits of POINTER_BUTTON */
  pointer(buttons: number, x: number, y: number): void {
    // A wheel's notch is the press of its button.
    const pressed = buttons & ~this.#buttons;
    this.#buttons = buttons;
    const notches = (positive: number, negative: number): number =>
      (pressed & positive ? 1 : 0) - (pressed & negative ? 1 : 0);
    const wheelY = notches(POINTER_BUTTON.wheelUp, POINTER_BUTTON.wheelDown);
    const wheelX = notches(POINTER_BUTTON.wheelRight, POINTER_BUTTON.wheelLeft);
    this.#source.pointer({
      x: Math.min(x, this.#screen.width - 1),
      y: Math.min(y, this.#screen.height - 1),
      buttons: guestButtons(buttons),
      ...(wheelY === 0 ? {} : { wheelY }),
      ...(wheelX === 0 ? {} : { wheelX }),
    });
  }

  /** Whether a key belongs to the chord, and is not the guest's. */
  #isChord(code: ScanCode, down: boolean): boolean {
    const verdict = this.#chord?.key(code, down) ?? 'pass';
    if (verdict === 'chord') this.#onChord();
    return verdict !== 'pass';
  }

  #press(keysym: number): void {
    const { leds } = this.#input;
    const key = keyForKeysym(keysym, leds);
    if (key === undefined) return;
    // The case of letters is in their keysyms. Caps Lock may go to the guest only where its light can be told from here.
    if (key.code === CAPS_LOCK && leds === undefined) return;
    if (this.#pressed.size >= MAX_HELD && !this.#pressed.has(keysym)) return;
    this.#pressed.set(keysym, key.code);
    if (this.#source.isStale(key.code) || this.#isChord(key.code, true)) return;
    const wanted = this.#wantedShift(key);
    const held = [LEFT_SHIFT, RIGHT_SHIFT].filter((code) => this.#source.holds(code));
    if (wanted === undefined || wanted === held.length > 0) {
      this.#source.key(key.code, true);
      return;
    }
    const changed = wanted ? [LEFT_SHIFT] : held;
    for (const code of changed) this.#source.key(code, wanted);
    this.#source.key(key.code, true);
    for (const code of changed) this.#source.key(code, !wanted);
  }

  #wantedShift(key: KeysymKey): boolean | undefined {
    if (key.shift === undefined || !key.letter) return key.shift;
    if (SHORTCUT_MODIFIERS.some((code) => this.#source.holds(code))) return undefined;
    return this.#input.wantsShift({ shift: key.shift, letter: true });
  }

  #release(keysym: number): void {
    const code = this.#pressed.get(keysym) ?? this.#codeHeldFor(keysym);
    if (code === undefined) return;
    for (const [other, held] of this.#pressed) if (held === code) this.#pressed.delete(other);
    if (!this.#isChord(code, false)) this.#source.key(code, false);
  }

  /** For clients that let go of another keysym than they pressed, because Shift has gone up in between, or pressed it elsewhere. */
  #codeHeldFor(keysym: number): ScanCode | undefined {
    const code = keyForKeysym(keysym, this.#input.leds)?.code;
    return code !== undefined && (this.#source.holds(code) || this.#source.isStale(code)) ? code : undefined;
  }
}

function guestButtons(mask: number): number {
  return (
    (mask & POINTER_BUTTON.left ? BUTTON.left : 0) |
    (mask & POINTER_BUTTON.middle ? BUTTON.middle : 0) |
    (mask & POINTER_BUTTON.right ? BUTTON.right : 0) |
    (mask & POINTER_BUTTON.back ? BUTTON.back : 0) |
    (mask & POINTER_BUTTON.forward ? BUTTON.forward : 0)
  );
}
