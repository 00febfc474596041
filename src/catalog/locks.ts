/** Lets only one at a time do something with a thing. */
export class Locks {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` when everybody before has ended with any of `keys`; they are taken in one moment, so nobody waits in a circle. */
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = keys.map((key) => this.#last.get(key));
    const result = Promise.all(before).then(work);
    const ended = result.then(
      () => {},
      () => {},
    );
    for (const key of keys) this.#last.set(key, ended);
    void ended.then(() => {
      for (const key of keys) if (this.#last.get(key) === ended) this.#last.delete(key);
    });
    return result;
  }
}
