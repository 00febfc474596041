import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE } from './message-types.js';

/** Bits of a button mask: buttons 1 to 8, of which 4 to 7 are wheel notches, and 9, which only the long form has. */
export const POINTER_BUTTON = {
  left: 1,
  middle: 2,
  right: 4,
  wheelUp: 8,
  wheelDown: 16,
  wheelLeft: 32,
  wheelRight: 64,
  back: 128,
  forward: 256,
} as const;

/** @spec RFC 6143 7.5.5 PointerEvent */
export interface PointerEvent {
  /** Bits of POINTER_BUTTON up to `back`. */
  readonly buttons: number;
  readonly x: number;
  readonly y: number;
}

export const PointerEvent: Codec<PointerEvent> = {
  name: 'PointerEvent',
  fixedSize: 6 /* type 1, button-mask 1, x 2, y 2 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.pointerEvent).u8(v.buttons).u16be(v.x).u16be(v.y);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.pointerEvent);
    return { buttons: r.u8('button-mask'), x: r.u16be('x-position'), y: r.u16be('y-position') };
  },
};

/** In the short button mask: a second mask follows, in which the back button has its place. */
export const EXTENDED_BUTTONS = 0x80;

/** The long form, once both sides know of it. @spec rfbproto ExtendedMouseButtons Pseudo-encoding */
export interface ExtendedPointerEvent {
  /** Bits of POINTER_BUTTON; the seven bits from `back` up are the second mask. */
  readonly buttons: number;
  readonly x: number;
  readonly y: number;
}

export const ExtendedPointerEvent: Codec<ExtendedPointerEvent> = {
  name: 'ExtendedPointerEvent',
  fixedSize: 7 /* type 1, button-mask 1, x 2, y 2, extended-buttons-mask 1 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.pointerEvent).u8((v.buttons & 0x7f) | EXTENDED_BUTTONS);
    w.u16be(v.x)
      .u16be(v.y)
      .u8(v.buttons >> 7);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.pointerEvent);
    const mask = r.u8('button-mask');
    if ((mask & EXTENDED_BUTTONS) === 0) r.fail('invalid', 'button-mask', 'not the long form of a pointer event');
    const x = r.u16be('x-position');
    const y = r.u16be('y-position');
    return { buttons: (mask & 0x7f) | (r.u8('extended-buttons-mask') << 7), x, y };
  },
};
