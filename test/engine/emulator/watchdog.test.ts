import { expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.js';
import { Watchdog } from '../../../src/engine/emulator/watchdog.js';

class FakeClock implements Clock {
  callback: (() => void) | undefined;
  waitMs = 0;
  now(): number {
    return 0;
  }
  after(ms: number, callback: () => void): () => void {
    this.waitMs = ms;
    this.callback = callback;
    return () => {
      this.callback = undefined;
    };
  }
  look(): void {
    const { callback } = this;
    this.callback = undefined;
    callback?.();
  }
}

test('a counter that stands still for the whole limit is a hang; one that moves now and then is not', () => {
  const clock = new FakeClock();
  const counter = new Int32Array(1);
  let hangs = 0;
  const watchdog = new Watchdog(counter, 1000, () => hangs++, clock);
  watchdog.start();
  for (let look = 0; look < 20; look++) {
    if (look % 3 === 0) counter[0]!++;
    clock.look();
  }
  expect([hangs, clock.waitMs]).toEqual([0, 250]);
  counter[0]!++;
  for (let look = 0; look < 5; look++) clock.look();
  expect(hangs).toBe(1);
  expect(clock.callback).toBeUndefined();
});

test('a stopped watchdog holds no timer', () => {
  const clock = new FakeClock();
  const watchdog = new Watchdog(new Int32Array(1), 1000, () => expect.fail('hang'), clock);
  watchdog.start();
  watchdog.stop();
  expect(clock.callback).toBeUndefined();
});
