import {
  EXTENDED_POINTER_FLAG,
  type ExtendedMouseEvent,
  type InputEvent,
  type MouseEvent,
  POINTER_FLAG,
  TOGGLE,
  type UnicodeKeyboardEvent,
} from '../../protocols/rdp/input/events.js';
import { BUTTON, type ScanCode } from '../../src/input/events.js';
import type { InputSource } from '../../src/input/input.js';
import { Chord } from '../session/chord.js';
import { ScanCodes } from './scancode.js';
import { Wheel } from './wheel.js';

const BUTTONS: readonly (readonly [flag: number, button: number])[] = [
  [POINTER_FLAG.left, BUTTON.left],
  [POINTER_FLAG.right, BUTTON.right],
  [POINTER_FLAG.middle, BUTTON.middle],
];
const EXTENDED_BUTTONS: readonly (readonly [flag: number, button: number])[] = [
  [EXTENDED_POINTER_FLAG.back, BUTTON.back],
  [EXTENDED_POINTER_FLAG.forward, BUTTON.forward],
];

const LOCKS: ReadonlyMap<ScanCode, number> = new Map([
  [0x3a, TOGGLE.capsLock],
  [0x45, TOGGLE.numLock],
  [0x46, TOGGLE.scrollLock],
]);

/** One client's keyboard and mouse, from either input path, as what the machine takes. */
export class ClientInput {
  readonly #source: InputSource;
  readonly #screen: { readonly width: number; readonly height: number };
  readonly #scanCodes = new ScanCodes();
  readonly #verticalWheel = new Wheel();
  readonly #horizontalWheel = new Wheel();
  readonly #onMenu: (() => void) | undefined;
  readonly #chord = new Chord();
  #toggles: number | undefined;
  #highSurrogate: number | undefined;
  #x = 0;
  #y = 0;
  #buttons = 0;

  /**
   * @param screen what positions are clamped to; its size may change.
   * @param onMenu the picker's chord was pressed; without it that is a key like others.
   */
  constructor(
    source: InputSource,
    screen: { readonly width: number; readonly height: number },
    onMenu?: (() => void) | undefined,
  ) {
    this.#source = source;
    this.#screen = screen;
    this.#onMenu = onMenu;
  }

  /** The lights on the client's keyboard as far as they are known, in bits of TOGGLE. */
  get toggles(): number | undefined {
    return this.#toggles;
  }

  /** Those of the client's keyboard are so, and the guest's become so. */
  setToggles(toggles: number): void {
    this.#toggles = toggles;
    this.#source.syncLeds({
      scrollLock: (toggles & TOGGLE.scrollLock) !== 0,
      numLock: (toggles & TOGGLE.numLock) !== 0,
      capsLock: (toggles & TOGGLE.capsLock) !== 0,
    });
  }

  handle(events: readonly InputEvent[]): void {
    for (const event of events) this.#handleEvent(event);
  }

  #handleEvent(event: InputEvent): void {
    switch (event.kind) {
      case 'keyboard': {
        const key = this.#scanCodes.keyOf(event);
        if (key !== undefined) this.#handleKey(key, event.down);
        break;
      }
      case 'unicode':
        this.#handleUnicode(event);
        break;
      case 'mouse':
        this.#handleMouse(event);
        break;
      case 'extended-mouse':
        this.#handleButtons(event, EXTENDED_BUTTONS, (event.flags & EXTENDED_POINTER_FLAG.down) !== 0);
        break;
      case 'synchronize':
        // What is held after it, the client presses again.
        this.#source.releaseAll();
        this.#buttons = 0;
        this.#chord.reset();
        this.setToggles(event.toggles);
        break;
      case 'ignored':
        break;
    }
  }

  #handleKey(key: ScanCode, down: boolean): void {
    const verdict = this.#onMenu === undefined ? 'pass' : this.#chord.key(key, down);
    if (verdict === 'chord') this.#onMenu?.();
    if (verdict !== 'pass') return;
    // A key comes up once, however often it repeats while it is down.
    const toggle = LOCKS.get(key);
    if (toggle !== undefined && !down && this.#toggles !== undefined) this.#toggles ^= toggle;
    this.#source.key(key, down);
  }

  /** Characters are typed whole as they go down; a pair of surrogates is one of them. */
  #handleUnicode({ unit, down }: UnicodeKeyboardEvent): void {
    if (!down) return;
    const high = this.#highSurrogate;
    this.#highSurrogate = undefined;
    if (unit >= 0xd800 && unit < 0xdc00) this.#highSurrogate = unit;
    else if (unit < 0xdc00 || unit > 0xdfff) this.#source.type(unit);
    else if (high !== undefined) this.#source.type(0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
  }

  #handleMouse(event: MouseEvent): void {
    const { flags } = event;
    // The position of a wheel event has no meaning: some clients send zeros.
    if ((flags & POINTER_FLAG.wheel) !== 0) this.#turn(0, this.#verticalWheel.turn(flags));
    else if ((flags & POINTER_FLAG.horizontalWheel) !== 0) this.#turn(this.#horizontalWheel.turn(flags), 0);
    else this.#handleButtons(event, BUTTONS, (flags & POINTER_FLAG.down) !== 0);
  }

  #handleButtons({ flags, x, y }: MouseEvent | ExtendedMouseEvent, buttons: typeof BUTTONS, down: boolean): void {
    this.#x = Math.min(x, this.#screen.width - 1);
    this.#y = Math.min(y, this.#screen.height - 1);
    for (const [flag, button] of buttons) {
      if ((flags & flag) === 0) continue;
      if (down) this.#buttons |= button;
      else this.#buttons &= ~button;
    }
    this.#source.pointer({ x: this.#x, y: this.#y, buttons: this.#buttons });
  }

  #turn(wheelX: number, wheelY: number): void {
    if (wheelX === 0 && wheelY === 0) return;
    this.#source.pointer({ x: this.#x, y: this.#y, buttons: this.#buttons, wheelX, wheelY });
  }
}
