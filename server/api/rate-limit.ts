import { LIMITS } from '../limits.js';

/** Callers that are remembered at most; whoever is forgotten begins with a full purse. */
const MOST_REMEMBERED = 10_000;

/** So many requests at once, and so many each second from then on, for each caller. */
export class RateLimit {
  readonly #purses = new Map<string, { coins: number; atMs: number }>();

  /** Whether one more may pass. */
  takes(caller: string, nowMs: number): boolean {
    const { coins, atMs } = this.#purses.get(caller) ?? { coins: LIMITS.apiBurst, atMs: nowMs };
    const now = Math.min(LIMITS.apiBurst, coins + ((nowMs - atMs) / 1000) * LIMITS.apiRequestsPerSecond);
    const passes = now >= 1;
    // Taken out first: who came last stands last.
    this.#purses.delete(caller);
    this.#purses.set(caller, { coins: passes ? now - 1 : now, atMs: nowMs });
    if (this.#purses.size > MOST_REMEMBERED) this.#purses.delete(this.#purses.keys().next().value!);
    return passes;
  }
}
