/** A typed event without names: one per fact. Listeners are called in order of subscription. */
export class Emitter<T = void> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Subscribes; the returned function ends the subscription. */
  on(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves with the next value, or rejects with the signal's reason. */
  next(signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        off();
        reject(signal?.reason);
      };
      const off = this.on((value) => {
        off();
        signal?.removeEventListener('abort', aborted);
        resolve(value);
      });
      if (signal?.aborted) aborted();
      else signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}
