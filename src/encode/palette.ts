/** Slots of the hash table: a power of two, well above the number of colours, so that chains stay short. */
const SLOTS = 512;

/** Colours of a tile in the order in which they appear, up to a limit. Reused from tile to tile. */
export class Palette {
  /** The colours; valid up to `size`. */
  readonly colours: Uint32Array;
  readonly #slots = new Int16Array(SLOTS);
  readonly #capacity: number;
  #size = 0;

  /** @param capacity at most 256 */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.colours = new Uint32Array(capacity);
    this.clear();
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#slots.fill(-1);
    this.#size = 0;
  }

  /** The colour's index, adding it where it is new; -1 when there are more colours than fit. */
  add(colour: number): number {
    const slot = this.#find(colour);
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    if (this.#size === this.#capacity) return -1;
    this.#slots[slot] = this.#size;
    this.colours[this.#size] = colour;
    return this.#size++;
  }

  /** The slot that holds the colour, or the free one where it belongs. */
  #find(colour: number): number {
    let slot = Math.imul(colour, 0x9e3779b1) >>> 23;
    for (;;) {
      const index = this.#slots[slot]!;
      if (index < 0 || this.colours[index] === colour) return slot;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }
}
