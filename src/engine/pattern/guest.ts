import type { Display } from '../../display/display.js';
import { BUTTON, type Leds, type PointerEvent, type ScanCode } from '../../input/events.js';
import { type Colour, cellHeight } from '../../paint/canvas.js';
import { ARROW } from './arrow.js';
import { Card } from './card.js';
import { Keyboard } from './keyboard.js';
import { Screen } from './screen.js';

const F1 = 0x3b;
const MODES: readonly (readonly [width: number, height: number])[] = [
  [640, 480],
  [1024, 768],
  [1280, 800],
  [1920, 1080],
];

const BRUSHES: readonly (readonly [button: number, colour: Colour])[] = [
  [BUTTON.left, 0xffb000],
  [BUTTON.middle, 0x40d060],
  [BUTTON.right, 0x40b0ff],
  [BUTTON.back, 0xff60a0],
  [BUTTON.forward, 0xc080ff],
];
const BRUSH_EDGE = 5;

/** What happens in the guest that its engine has to know. */
export interface GuestEvents {
  leds(leds: Leds): void;
  /** Something that moves was started or stopped. */
  motion(): void;
  ended(how: 'stopped' | 'crashed', reason: string): void;
}

/** The test card as a guest: it draws, echoes keys and pointer, and does what its function keys say. */
export class Guest {
  readonly #display: Display;
  readonly #events: GuestEvents;
  readonly #keyboard = new Keyboard();
  #card: Card;
  #screen: Screen;
  #animated: boolean;
  #scrolling = false;
  #flicker: 'off' | 'black' | 'white' = 'off';
  #frame = 0;
  #scrolled = 0;
  #pointer: PointerEvent;
  #ended = false;
  #wheelX = 0;
  #wheelY = 0;

  constructor(display: Display, width: number, height: number, animated: boolean, events: GuestEvents) {
    this.#display = display;
    this.#events = events;
    this.#animated = animated;
    display.resize(width, height);
    display.setCursor('unknown');
    this.#pointer = { x: width >> 1, y: height >> 1, buttons: 0 };
    this.#card = new Card(width, height);
    this.#screen = new Screen(display, this.#card.canvas);
    this.#drawAll();
    events.leds(this.#keyboard.leds);
  }

  /** Whether `step` would change anything. */
  get isMoving(): boolean {
    return this.#animated || this.#scrolling;
  }
  get typed(): string {
    return this.#keyboard.typed;
  }

  /** One step of everything that moves; the picture depends on the number of steps, not on time. */
  step(): void {
    if (this.#animated) {
      this.#frame++;
      this.#card.bar(this.#frame);
      this.#title();
    }
    if (this.#scrolling) {
      this.#screen.scrollUp(this.#card.scrollArea, cellHeight(this.#card.scale));
      this.#card.scrollLine(++this.#scrolled);
    }
    this.#screen.present();
  }

  setMode(width: number, height: number): void {
    this.#display.resize(width, height);
    this.#card = new Card(width, height);
    this.#screen = new Screen(this.#display, this.#card.canvas);
    this.#pointer = {
      ...this.#pointer,
      x: Math.min(this.#pointer.x, width - 1),
      y: Math.min(this.#pointer.y, height - 1),
    };
    this.#drawAll();
  }

  key(code: ScanCode, down: boolean): void {
    const before = this.#keyboard.leds;
    this.#keyboard.key(code, down);
    if (this.#keyboard.leds !== before) this.#events.leds(this.#keyboard.leds);
    if (down && this.#flicker !== 'off') {
      this.#flicker = this.#flicker === 'black' ? 'white' : 'black';
      this.#card.flicker(this.#flicker);
    }
    if (down) this.#function(code - F1);
    // Whoever is told that it ended may paint there now.
    if (this.#ended) return;
    this.#echoKeys();
    this.#screen.present();
  }

  pointer(event: PointerEvent): void {
    this.#wheelX += event.wheelX ?? 0;
    this.#wheelY += event.wheelY ?? 0;
    const brush = BRUSHES.find(([button]) => event.buttons & button);
    if (brush !== undefined) this.#paint(this.#pointer.buttons === 0 ? event : this.#pointer, event, brush[1]);
    this.#pointer = event;
    this.#moveCrosshair();
    this.#echoPointer();
    this.#screen.present();
  }

  /** Function keys, counted from 0. */
  #function(index: number): void {
    const mode = MODES[index];
    if (mode !== undefined) this.setMode(...mode);
    else if (index === 4) {
      this.#animated = !this.#animated;
      this.#events.motion();
    } else if (index === 5) {
      this.#scrolling = !this.#scrolling;
      this.#events.motion();
    } else if (index === 6) {
      this.#display.setCursor(this.#display.cursor === ARROW ? 'hidden' : ARROW);
      this.#moveCrosshair();
    } else if (index === 7) {
      this.#flicker = this.#flicker === 'off' ? 'black' : 'off';
      this.#card.flicker(this.#flicker);
    } else if (index === 8) this.#end('crashed', 'the test card was told to crash (F9)');
    else if (index === 9) this.#end('stopped', 'the guest powered off');
  }

  #end(how: 'stopped' | 'crashed', reason: string): void {
    this.#ended = true;
    this.#events.ended(how, reason);
  }

  #drawAll(): void {
    this.#card.bar(this.#frame);
    this.#card.flicker(this.#flicker);
    this.#title();
    this.#card.line('help', 'F1-F4 size F5 motion F6 scroll F7 cursor');
    this.#card.line('help2', 'F8 flicker F9 crash F10 power off');
    this.#echoKeys();
    this.#echoPointer();
    this.#moveCrosshair();
    this.#screen.present();
  }

  #title(): void {
    const { width, height } = this.#display;
    this.#card.line('title', `vitrine ${width}x${height} frame ${this.#frame}`);
  }

  #echoKeys(): void {
    this.#card.line('typed', `> ${this.#keyboard.typed}_`);
    this.#card.line('codes', this.#keyboard.codes);
  }

  #echoPointer(): void {
    const { x, y, buttons } = this.#pointer;
    this.#card.line('pointer', `pointer ${x},${y} buttons ${buttons} wheel ${this.#wheelX},${this.#wheelY}`);
  }

  /** A hardware cursor takes the crosshair's place. */
  #moveCrosshair(): void {
    this.#screen.moveCrosshair(this.#display.cursor === ARROW ? undefined : this.#pointer);
  }

  #paint(from: { x: number; y: number }, to: { x: number; y: number }, colour: Colour): void {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 2));
    const half = BRUSH_EDGE >> 1;
    for (let i = 0; i <= steps; i++) {
      const x = Math.round(from.x + ((to.x - from.x) * i) / steps) - half;
      const y = Math.round(from.y + ((to.y - from.y) * i) / steps) - half;
      this.#card.canvas.fill({ x, y, width: BRUSH_EDGE, height: BRUSH_EDGE }, colour);
    }
  }
}
