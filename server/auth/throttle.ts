import { LIMITS } from '../limits.js';

/** Remembers failed logins by address, across protocols, so that guessing passwords takes its time. */
export class Throttle {
  readonly #failures = new Map<string, number[]>();

  /** Whether this address has failed too often lately. */
  isBlocked(address: string, nowMs: number): boolean {
    const recent = this.#recent(address, nowMs);
    return recent.length >= LIMITS.failedLogins;
  }

  failed(address: string, nowMs: number): void {
    const recent = this.#recent(address, nowMs);
    recent.push(nowMs);
    this.#failures.set(address, recent.slice(-LIMITS.failedLogins));
    // The map holds only addresses that failed within the window.
    for (const [known] of this.#failures) this.#recent(known, nowMs);
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }

  #recent(address: string, nowMs: number): number[] {
    const recent = (this.#failures.get(address) ?? []).filter((ms) => nowMs - ms < LIMITS.failedLoginWindowMs);
    if (recent.length === 0) this.#failures.delete(address);
    else this.#failures.set(address, recent);
    return recent;
  }
}
