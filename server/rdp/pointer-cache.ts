import type { CursorShape } from '../../src/display/cursor.js';

/** Slots beyond this are not used: guests have few shapes. */
const MAX_SLOTS = 64;

/** What a client's pointer cache holds, least recently used first. Indices stay below the client's own size. */
export class PointerCache {
  readonly size: number;
  readonly #slots = new Map<string, number>();

  constructor(clientSize: number) {
    this.size = Math.min(clientSize, MAX_SLOTS);
  }

  /** A short name for a shape: the same for equal shapes, and for others only by a chance of one in 2^64. */
  nameOf({ width, height, hotX, hotY, bgra }: CursorShape): string {
    let a = 0x811c9dc5;
    let b = 0x2545f491;
    for (let i = 0; i < bgra.length; i++) {
      const byte = bgra[i]!;
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul(b + byte, 0x85ebca6b);
      b ^= b >>> 13;
    }
    return `${width}x${height} ${hotX},${hotY} ${a} ${b}`;
  }

  /** The slot of a shape; `isNew` when it has to be sent there first. */
  place(name: string): { index: number; isNew: boolean } {
    const known = this.#slots.get(name);
    if (known !== undefined) {
      this.#slots.delete(name);
      this.#slots.set(name, known);
      return { index: known, isNew: false };
    }
    let index = this.#slots.size;
    if (index >= this.size) {
      const [oldest, slot] = this.#slots.entries().next().value!;
      this.#slots.delete(oldest);
      index = slot;
    }
    this.#slots.set(name, index);
    return { index, isNew: true };
  }
}
