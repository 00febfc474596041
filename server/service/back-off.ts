import type { Clock } from '../../src/base/clock.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Somebody that has run this long was well; its next fall is a new story. */
const WELL_MS = 60_000;

/** Waits longer after each failure. */
export class BackOff {
  readonly #clock: Clock;
  #delayMs = FIRST_MS;
  #wellSinceMs: number | undefined;
  #cancel = (): void => {};

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `again` after the wait that is due, which is returned. */
  after(again: () => void): number {
    this.#cancel();
    if (this.#wellSinceMs !== undefined && this.#clock.now() - this.#wellSinceMs >= WELL_MS) this.#delayMs = FIRST_MS;
    this.#wellSinceMs = undefined;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(LONGEST_MS, delayMs * 2);
    this.#cancel = this.#clock.after(delayMs, again);
    return delayMs;
  }

  succeeded(): void {
    this.#wellSinceMs = this.#clock.now();
  }

  cancel(): void {
    this.#cancel();
  }
}
