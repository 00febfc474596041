import { BUTTON, type PointerEvent } from '../../input/events.js';

/** Most a PS/2 packet carries without its overflow bits. */
const MAX_DELTA = 127;
/** A PS/2 wheel counts -8 to 7. */
const MAX_NOTCHES = 7;
/** Right and bottom edge on VMware's port. */
const SCALE = 0xffff;
/** v86's mouse queue holds 1024 bytes and overwrites itself when full: the guest then loses its place for good. */
const MAX_QUEUED_BYTES = 768;

/** The guest's end of the mouse. */
export interface MousePort {
  /** The guest reads the PS/2 mouse. */
  readonly isStreaming: boolean;
  /** Bytes that it has not read yet. */
  readonly queuedBytes: number;
  send(name: 'mouse-delta' | 'mouse-click' | 'mouse-wheel' | 'mouse-absolute', data: readonly number[]): void;
}

/**
 * Turns positions on the screen into what the guest's mouse takes: positions where it reads VMware's port, otherwise
 * movements. For movements the guest's pointer is first driven into the top left corner, so that both agree from
 * then on in a guest without acceleration; in others it agrees again whenever it is pushed against an edge.
 */
export class Pointer {
  readonly #port: MousePort;
  #absolute = false;
  /** Where the guest's pointer is; undefined while nobody knows. */
  #at: { x: number; y: number } | undefined;
  #buttons = 0;
  #nudge = 1;

  constructor(port: MousePort) {
    this.#port = port;
  }

  get isAbsolute(): boolean {
    return this.#absolute;
  }

  setAbsolute(absolute: boolean): void {
    this.#absolute = absolute;
    this.forget();
  }

  /** The guest started its mouse driver or changed the screen: where its pointer stands is unknown again. */
  forget(): void {
    this.#at = undefined;
  }

  /** @param width @param height the screen that `event` is a position on */
  handle(event: PointerEvent, width: number, height: number): void {
    if (!this.#hasRoom()) {
      // What is held comes up all the same, which is three packets at most; nothing else would tell the guest.
      this.#press(this.#buttons & event.buttons);
      return;
    }
    if (this.#absolute) this.#place(event, width, height);
    else if (this.#port.isStreaming) this.#move(event, width, height);
    else return;
    this.#press(event.buttons);
    this.#roll(event.wheelY ?? 0);
  }

  #place({ x, y }: PointerEvent, width: number, height: number): void {
    this.#port.send('mouse-absolute', [onScale(x, width), onScale(y, height), SCALE, SCALE]);
    // Only a movement raises the interrupt on which the guest's driver looks at the position.
    this.#port.send('mouse-delta', [this.#nudge, 0]);
    this.#nudge = -this.#nudge;
  }

  #move({ x, y }: PointerEvent, width: number, height: number): void {
    if (this.#at === undefined) {
      if (!this.#shift(-width, -height)) return;
      this.#at = { x: 0, y: 0 };
    }
    const arrived = this.#shift(x - this.#at.x + push(x, width), y - this.#at.y + push(y, height));
    this.#at = arrived ? { x, y } : undefined;
  }

  /** Right and down are positive here; PS/2 counts up as positive. Returns false where the queue ended it early. */
  #shift(dx: number, dy: number): boolean {
    let x = dx;
    let y = dy;
    while ((x !== 0 || y !== 0) && this.#hasRoom()) {
      const stepX = limit(x, MAX_DELTA);
      const stepY = limit(y, MAX_DELTA);
      this.#port.send('mouse-delta', [stepX, -stepY]);
      x -= stepX;
      y -= stepY;
    }
    return x === 0 && y === 0;
  }

  #press(buttons: number): void {
    if (buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#port.send(
      'mouse-click',
      [BUTTON.left, BUTTON.middle, BUTTON.right].map((bit) => ((buttons & bit) !== 0 ? 1 : 0)),
    );
  }

  /** A PS/2 mouse has one wheel; notches to the side have nowhere to go. */
  #roll(notches: number): void {
    let left = Math.trunc(notches);
    while (left !== 0 && this.#hasRoom()) {
      const step = limit(left, MAX_NOTCHES);
      this.#port.send('mouse-wheel', [step, 0]);
      left -= step;
    }
  }

  #hasRoom(): boolean {
    return this.#port.queuedBytes <= MAX_QUEUED_BYTES;
  }
}

/**
 * A pixel on the scale of VMware's port. Rounded up it comes out as the same pixel in drivers that cut off (Linux, by
 * 65536) and in those that round (by 65535).
 */
export function onScale(position: number, length: number): number {
  return Math.max(0, Math.min(SCALE, Math.ceil((position * (SCALE + 1)) / length)));
}

/** At the edge of the screen: a push against it, which brings a pointer that went astray back. */
function push(position: number, length: number): number {
  if (position <= 0) return -MAX_DELTA;
  return position >= length - 1 ? MAX_DELTA : 0;
}

function limit(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}
