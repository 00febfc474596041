import type { Core } from './v86.js';

/** Shorter sleeps than this cost more in waking up than they save. */
const MIN_SLEEP_MS = 2;
/** A sleep owed is forgotten beyond this: a single long tick must not freeze the guest for seconds. */
const MAX_OWED_MS = 1000;

/**
 * Decides when the emulator runs its next slice. A guest that waits (HLT) sleeps until its next timer; one that
 * spins is held to its share of a core.
 */
export class Governor {
  readonly #core: Core;
  readonly #afterTick: () => void;
  readonly #onThrow: (thrown: unknown) => void;
  /** Milliseconds of sleep owed for each millisecond run. */
  readonly #owedPerMs: number;
  #owedMs = 0;
  #paused = false;
  #dead = false;
  /** The yield that a pause held back. */
  #heldTick: number | undefined;

  /**
   * @param cpuCap percent of one core, 1 to 100
   * @param afterTick runs after every slice
   * @param onThrow a slice threw; no other is run
   */
  constructor(core: Core, cpuCap: number, afterTick: () => void, onThrow: (thrown: unknown) => void) {
    this.#core = core;
    this.#owedPerMs = 100 / cpuCap - 1;
    this.#afterTick = afterTick;
    this.#onThrow = onThrow;
    const runSlice = core.do_tick;
    core.do_tick = () => this.#tick(runSlice);
    core.yield = (delayMs, tick) => this.#yield(delayMs, tick);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#heldTick === undefined) return;
    this.#heldTick = undefined;
    this.#core.next_tick(0);
  }

  /** No slice runs any more. */
  kill(): void {
    this.#dead = true;
  }

  #tick(runSlice: () => void): void {
    if (this.#dead) return;
    const startMs = performance.now();
    try {
      runSlice.call(this.#core);
      this.#owedMs = Math.min(MAX_OWED_MS, this.#owedMs + (performance.now() - startMs) * this.#owedPerMs);
      this.#afterTick();
    } catch (thrown) {
      this.#dead = true;
      this.#onThrow(thrown);
    }
  }

  #yield(delayMs: number, tick: number): void {
    if (this.#dead) return;
    if (this.#paused) {
      this.#heldTick = tick;
      return;
    }
    const run = () => {
      if (this.#paused) this.#heldTick = tick;
      else this.#core.yield_callback(tick);
    };
    const owedMs = this.#owedMs < MIN_SLEEP_MS ? 0 : Math.floor(this.#owedMs);
    const waitMs = Math.max(delayMs, owedMs);
    if (waitMs <= 0) {
      setImmediate(run);
      return;
    }
    // What the guest sleeps by itself pays its debt.
    this.#owedMs = Math.max(0, this.#owedMs - waitMs);
    setTimeout(run, Math.max(1, waitMs));
  }
}
