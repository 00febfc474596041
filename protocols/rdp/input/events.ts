/**
 * What a client's keyboard and mouse did, as both input paths carry it: the slow path in TS_INPUT_EVENT, the fast
 * path in TS_FP_INPUT_EVENT. The flags of the mouse events are the same numbers on both.
 */
export type InputEvent =
  | SynchronizeEvent
  | KeyboardEvent
  | UnicodeKeyboardEvent
  | MouseEvent
  | ExtendedMouseEvent
  | IgnoredEvent;

/** State of the client's toggle keys; also says that no other key is held. */
export interface SynchronizeEvent {
  readonly kind: 'synchronize';
  /** Bits of TOGGLE. */
  readonly toggles: number;
}

export interface KeyboardEvent {
  readonly kind: 'keyboard';
  /** Make code of scan code set 1, without its prefix. */
  readonly code: number;
  readonly prefix: 'none' | 'e0' | 'e1';
  readonly down: boolean;
}

export interface UnicodeKeyboardEvent {
  readonly kind: 'unicode';
  /** One UTF-16 code unit. */
  readonly unit: number;
  readonly down: boolean;
}

export interface MouseEvent {
  readonly kind: 'mouse';
  /** Bits of POINTER_FLAG, and the wheel's rotation in the lowest nine. */
  readonly flags: number;
  readonly x: number;
  readonly y: number;
}

export interface ExtendedMouseEvent {
  readonly kind: 'extended-mouse';
  /** Bits of EXTENDED_POINTER_FLAG. */
  readonly flags: number;
  readonly x: number;
  readonly y: number;
}

/** An event that says nothing about keys or mouse: an unused one, or a quality-of-experience timestamp. */
export interface IgnoredEvent {
  readonly kind: 'ignored';
}

/** @spec MS-RDPBCGR 2.2.8.1.1.3.1.1.5 Synchronize Event (TS_SYNC_EVENT), toggleFlags */
export const TOGGLE = { scrollLock: 1, numLock: 2, capsLock: 4, kanaLock: 8 } as const;

/** @spec MS-RDPBCGR 2.2.8.1.1.3.1.1.3 Mouse Event (TS_POINTER_EVENT), pointerFlags */
export const POINTER_FLAG = {
  /** The rotation is negative: with it, the lowest nine bits are a two's complement number. */
  wheelNegative: 0x0100,
  wheelRotation: 0x01ff,
  wheel: 0x0200,
  horizontalWheel: 0x0400,
  move: 0x0800,
  left: 0x1000,
  right: 0x2000,
  middle: 0x4000,
  down: 0x8000,
} as const;

/** @spec MS-RDPBCGR 2.2.8.1.1.3.1.1.4 Extended Mouse Event (TS_POINTERX_EVENT), pointerFlags */
export const EXTENDED_POINTER_FLAG = { back: 0x0001, forward: 0x0002, down: 0x8000 } as const;

export const IGNORED: IgnoredEvent = { kind: 'ignored' };
