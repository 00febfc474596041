import { POINTER_FLAG } from '../../protocols/rdp/input/events.js';

/** Rotation of one notch. */
const NOTCH = 120;
/**
 * Some clients send 128 or 136 for a notch (the magnitude with the sign bit set over it): near enough to be one.
 * Without this, what is over would add up to a notch too many.
 */
const NOTCH_TOLERANCE = 16;

/** One wheel's rotation in whole notches; parts of notches, as touchpads send them, wait until they make one. */
export class Wheel {
  #rest = 0;

  /** Notches that an event completes; positive is up, or to the right. */
  turn(flags: number): number {
    const rotation = rotationOf(flags);
    if (Math.abs(Math.abs(rotation) - NOTCH) <= NOTCH_TOLERANCE) {
      this.#rest = 0;
      return Math.sign(rotation);
    }
    // Turning back starts anew.
    if (Math.sign(rotation) !== Math.sign(this.#rest)) this.#rest = 0;
    this.#rest += rotation;
    const notches = Math.trunc(this.#rest / NOTCH);
    this.#rest -= notches * NOTCH;
    return notches;
  }
}

/** The lowest nine bits, as a two's complement number. */
function rotationOf(flags: number): number {
  const value = flags & POINTER_FLAG.wheelRotation;
  return (flags & POINTER_FLAG.wheelNegative) !== 0 ? value - 0x200 : value;
}
