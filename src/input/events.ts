/**
 * A key by its place on the keyboard: the XT (set 1) make code, with 0x80 added for keys that send an E0 prefix.
 * Right Ctrl (E0 1D) is 0x9d; Pause (E1 1D 45) is 0xc6. The same numbers as RFB's QEMU extended key event.
 */
export type ScanCode = number;

export const PAUSE: ScanCode = 0xc6;

/** Pointer buttons held down, as bits. */
export const BUTTON = { left: 1, middle: 2, right: 4, back: 8, forward: 16 } as const;

/** Where the pointer is and what it holds, in pixels of the guest's screen. Wheels are notches since the last event. */
export interface PointerEvent {
  readonly x: number;
  readonly y: number;
  /** Bits of BUTTON. */
  readonly buttons: number;
  /** Notches; positive is away from the user (up). */
  readonly wheelY?: number;
  /** Notches; positive is to the right. */
  readonly wheelX?: number;
}

/** Keyboard lights as the guest has them. */
export interface Leds {
  readonly scrollLock: boolean;
  readonly numLock: boolean;
  readonly capsLock: boolean;
}
