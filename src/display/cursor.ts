/** A pointer shape as the guest defines it. */
export interface CursorShape {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** B G R A bytes, row by row, alpha not premultiplied: `width * height * 4` of them. */
  readonly bgra: Uint8Array;
}

/**
 * - a shape: the guest has a hardware pointer that looks like this
 * - 'hidden': the guest has one and does not show it
 * - 'unknown': the guest has said nothing; clients keep their own pointer
 */
export type Cursor = CursorShape | 'hidden' | 'unknown';

/** Largest edge taken over from a guest. */
export const MAX_CURSOR_EDGE = 384;
