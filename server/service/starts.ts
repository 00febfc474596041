import type { Clock } from '../../src/base/clock.js';
import { Slots } from './slots.js';

/** Logins take seconds at most, and must not keep a host from starting anything for longer than that. */
const LOGINS_MS = 5_000;

/**
 * Machines' starts: so many at a time, and logins first. A whole class may come in at once, and each start takes
 * seconds of processor time: who waits for a machine sees a notice, who waits for the login sees nothing, and is cut
 * off by the client after ten seconds.
 */
export class Starts {
  readonly #slots: Slots;
  readonly #logins: () => Promise<void>;
  readonly #clock: Clock;

  /** @param logins resolves when nobody logs in just now */
  constructor(most: number, logins: () => Promise<void>, clock: Clock) {
    this.#slots = new Slots(most);
    this.#logins = logins;
    this.#clock = clock;
  }

  /** Resolves when it is one's turn; the returned function ends it. Rejects with `giveUp`'s reason where that is first. */
  async take(giveUp: AbortSignal): Promise<() => void> {
    const over = await this.#slots.take(giveUp);
    let cancel = (): void => {};
    const longest = new Promise<void>((resolve) => {
      cancel = this.#clock.after(LOGINS_MS, resolve);
      giveUp.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.#logins(), longest]);
    cancel();
    if (!giveUp.aborted) return over;
    over();
    throw giveUp.reason;
  }
}
