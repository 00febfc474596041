import { type Clock, systemClock } from '../../base/clock.js';

/** Looks per time limit: a limit is overrun by a quarter at most. */
const LOOKS = 4;

/**
 * Notices that a counter in shared memory stands still. Costs the watched thread nothing, and counts its own looks
 * instead of time, so that a computer that slept or is overloaded is not taken for a hang.
 */
export class Watchdog {
  readonly #counter: Int32Array;
  readonly #intervalMs: number;
  readonly #onHang: () => void;
  readonly #clock: Clock;
  #last = 0;
  #missed = 0;
  #cancel: (() => void) | undefined;

  /** @param counter its first element is watched */
  constructor(counter: Int32Array, limitMs: number, onHang: () => void, clock: Clock = systemClock) {
    this.#counter = counter;
    this.#intervalMs = limitMs / LOOKS;
    this.#onHang = onHang;
    this.#clock = clock;
  }

  start(): void {
    this.stop();
    this.#last = Atomics.load(this.#counter, 0);
    this.#missed = 0;
    this.#arm();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.#cancel = this.#clock.after(this.#intervalMs, () => {
      const now = Atomics.load(this.#counter, 0);
      this.#missed = now === this.#last ? this.#missed + 1 : 0;
      this.#last = now;
      this.#cancel = undefined;
      if (this.#missed < LOOKS) this.#arm();
      else this.#onHang();
    });
  }
}
