import { BackOff } from '../../src/base/back-off.js';
import type { Clock } from '../../src/base/clock.js';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';

export interface ComeBackOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether that is the policy for now. */
  readonly isWanted: () => boolean;
  /** Rejects where it did not come up. */
  readonly start: () => Promise<void>;
}

/** Brings a machine back whose process was killed, after a wait that grows with each fall. */
export class ComeBack {
  readonly #options: ComeBackOptions;
  readonly #backOff: BackOff;
  #plan: string | undefined;
  #closed = false;

  constructor(options: ComeBackOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.clock);
  }

  /** What will happen, while it waits. */
  get plan(): string | undefined {
    return this.#plan;
  }

  /** It is dead. */
  fell(): void {
    this.cancel();
    if (this.#closed || !this.#options.isWanted()) return;
    const delayMs = this.#backOff.after(() => void this.#again());
    this.#plan = `starting it again in ${Math.ceil(delayMs / 1000)} s`;
  }

  /** It runs: the next fall is another story after a while. */
  succeeded(): void {
    this.cancel();
    this.#backOff.succeeded();
  }

  cancel(): void {
    this.#plan = undefined;
    this.#backOff.cancel();
  }

  close(): void {
    this.#closed = true;
    this.cancel();
  }

  async #again(): Promise<void> {
    this.#plan = undefined;
    try {
      await this.#options.start();
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, 'the machine could not be started again');
      this.fell();
    }
  }
}
