/** Pixels of four bytes, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** How many of the pixels are not the same, in percent; all where the sizes differ. */
export function differingPercent(a: Picture, b: Picture): number {
  if (a.width !== b.width || a.height !== b.height) return 100;
  const count = a.width * a.height;
  let differing = 0;
  for (let at = 0; at < count * 4; at += 4) {
    if (a.data[at] !== b.data[at] || a.data[at + 1] !== b.data[at + 1] || a.data[at + 2] !== b.data[at + 2])
      differing++;
  }
  return count === 0 ? 0 : (differing * 100) / count;
}

/** Whether a screen rests. What moves slowly adds up: each picture is compared with the first of the rest. */
export class StillWatch {
  readonly #forMs: number;
  readonly #tolerance: number;
  #since: { readonly picture: Picture; readonly ms: number } | undefined;

  constructor(forMs: number, tolerance: number) {
    this.#forMs = forMs;
    this.#tolerance = tolerance;
  }

  /** A picture and when it was; true when none has differed by more than the tolerance for long enough. */
  look(picture: Picture, ms: number): boolean {
    if (this.#since === undefined || differingPercent(picture, this.#since.picture) > this.#tolerance) {
      this.#since = { picture, ms };
    }
    return ms - this.#since.ms >= this.#forMs;
  }
}
