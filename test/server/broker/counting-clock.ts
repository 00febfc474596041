import { type Clock, systemClock } from '../../../src/base/clock.js';

/** The system's time; tells which timers are still to come. */
export class CountingClock implements Clock {
  readonly pending = new Set<() => void>();

  now(): number {
    return systemClock.now();
  }
  after(ms: number, callback: () => void): () => void {
    const cancel = systemClock.after(ms, () => {
      this.pending.delete(cancel);
      callback();
    });
    this.pending.add(cancel);
    return () => {
      this.pending.delete(cancel);
      cancel();
    };
  }
}
