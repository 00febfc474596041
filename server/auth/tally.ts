import { LIMITS } from '../limits.js';

/** So many failures cost nothing; then there is a wait, which doubles with each one more. */
export interface Patience {
  readonly failures: number;
  readonly firstWaitMs: number;
}

/** Tries whose outcome is not known yet. */
export class Pending {
  #count = 0;
  readonly #settled: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }
  begin(): void {
    this.#count++;
  }
  end(): void {
    this.#count--;
    for (const go of this.#settled.splice(0)) go();
  }
  /** Resolves when one of them has its outcome. */
  settled(): Promise<void> {
    return new Promise((resolve) => this.#settled.push(resolve));
  }
}

/** Failures one after the other, and tries that may become the next. */
export class Tally extends Pending {
  readonly #patience: Patience;
  #failures = 0;
  #lastMs = 0;

  constructor(patience: Patience) {
    super();
    this.#patience = patience;
  }

  /** As many are being looked at as may still fail. */
  get isBusy(): boolean {
    return this.count > 0 && this.#failures + this.count >= this.#patience.failures;
  }

  mustWait(nowMs: number): boolean {
    const more = this.#failures - this.#patience.failures;
    return more >= 0 && nowMs - this.#lastMs < Math.min(this.#patience.firstWaitMs * 2 ** more, LIMITS.maxLoginWaitMs);
  }

  failed(nowMs: number): void {
    const isOver = nowMs - this.#lastMs >= LIMITS.failuresRememberedMs;
    this.#failures = isOver ? 1 : this.#failures + 1;
    this.#lastMs = nowMs;
  }

  reset(): void {
    this.#failures = 0;
  }
}
