/** So many things at the same time; what comes later waits, in order. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves when it is one's turn; the returned function ends it. Rejects with `giveUp`'s reason where that is first. */
  async take(giveUp?: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await this.#wait(giveUp);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      // Handed on without being free in between: nobody who comes just now gets in before those who wait.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }

  #wait(giveUp: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      giveUp?.addEventListener('abort', () => {
        const place = this.#waiting.indexOf(resolve);
        if (place < 0) return;
        this.#waiting.splice(place, 1);
        reject(giveUp.reason);
      });
    });
  }
}
