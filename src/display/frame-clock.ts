import type { Clock } from '../base/clock.js';

/** Shortest time between two frames: 60 a second. */
const FRAME_MS = 1000 / 60;

/**
 * Decides when a finished picture is published: at once after a pause, otherwise at most 60 times a second.
 * The first change after an input is published without waiting: it is what somebody looks out for.
 */
export class FrameClock {
  readonly #clock: Clock;
  readonly #publish: () => void;
  #lastMs = -Infinity;
  #hastened = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, publish: () => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  request(): void {
    const waitMs = this.#hastened ? 0 : this.#lastMs + FRAME_MS - this.#clock.now();
    if (waitMs <= 0) this.#fire();
    else this.#cancelTimer ??= this.#clock.after(waitMs, () => this.#fire());
  }

  hasten(): void {
    this.#hastened = true;
  }

  cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #fire(): void {
    this.cancel();
    this.#hastened = false;
    this.#lastMs = this.#clock.now();
    this.#publish();
  }
}
