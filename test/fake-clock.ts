import type { Clock } from '../src/base/clock.js';

/** Time that stands still unless told. */
export class FakeClock implements Clock {
  ms = 0;
  readonly timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  now(): number {
    return this.ms;
  }
  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.ms + ms, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }
  advance(ms: number): void {
    this.ms += ms;
    for (const timer of this.timers) {
      if (timer.at > this.ms) continue;
      this.timers.delete(timer);
      timer.callback();
    }
  }
}
