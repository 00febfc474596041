import { ExtendedPointerEvent, POINTER_BUTTON, PointerEvent } from '../../../protocols/rfb/pointer-event.js';
import { encode } from '../../../protocols/wire/codec.js';
import { BUTTON, type PointerEvent as GuestPointerEvent } from '../../input/events.js';

/** Added to relative movements, which the message carries as unsigned numbers. */
const NO_MOVE = 0x7fff;
/** Most wheel notches passed on for one event; a wheel cannot be turned faster by hand. */
const MAX_NOTCHES = 16;

const BUTTONS: readonly (readonly [ours: number, theirs: number])[] = [
  [BUTTON.left, POINTER_BUTTON.left],
  [BUTTON.middle, POINTER_BUTTON.middle],
  [BUTTON.right, POINTER_BUTTON.right],
  [BUTTON.back, POINTER_BUTTON.back],
  [BUTTON.forward, POINTER_BUTTON.forward],
];

/** Pointer events to messages: wheels become presses of buttons 4 to 7, and positions movements where QEMU wants those. */
export class Pointer {
  /** QEMU's -257: false asks for movements. */
  absolute = true;
  /** The server knows the long form, which has room for a ninth button. */
  extendedButtons = false;
  #last: { x: number; y: number } | undefined;

  pointer(event: GuestPointerEvent): Uint8Array[] {
    let buttons = 0;
    for (const [ours, theirs] of BUTTONS) if (event.buttons & ours) buttons |= theirs;
    const at = this.#place(event);
    const messages = [this.#message(buttons, at)];
    const still = this.absolute ? at : { x: NO_MOVE, y: NO_MOVE };
    const wheel = (notches: number, button: number): void => {
      for (let i = 0; i < Math.min(notches, MAX_NOTCHES); i++) {
        messages.push(this.#message(buttons | button, still), this.#message(buttons, still));
      }
    };
    const { wheelX = 0, wheelY = 0 } = event;
    wheel(wheelY, POINTER_BUTTON.wheelUp);
    wheel(-wheelY, POINTER_BUTTON.wheelDown);
    wheel(-wheelX, POINTER_BUTTON.wheelLeft);
    wheel(wheelX, POINTER_BUTTON.wheelRight);
    return messages;
  }

  #place(event: { x: number; y: number }): { x: number; y: number } {
    const last = this.#last ?? event;
    this.#last = { x: event.x, y: event.y };
    if (this.absolute) return event;
    return { x: (event.x - last.x + NO_MOVE) & 0xffff, y: (event.y - last.y + NO_MOVE) & 0xffff };
  }

  #message(buttons: number, { x, y }: { x: number; y: number }): Uint8Array {
    // The eighth bit of the short form marks the long one, once both sides know of it.
    const long = this.extendedButtons && buttons >= POINTER_BUTTON.back;
    return long
      ? encode(ExtendedPointerEvent, { buttons, x, y })
      : encode(PointerEvent, { buttons: buttons & 0xff, x, y });
  }
}
