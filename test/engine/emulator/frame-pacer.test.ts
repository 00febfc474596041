import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FramePacer } from '../../../src/engine/emulator/frame-pacer.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a guest that is paused while its last picture is on its way is still shown to its end', () => {
  let inFlight = true;
  let shown = 0;
  const pacer = new FramePacer(() => {
    if (inFlight) return 'busy';
    shown++;
    return 'frame';
  });
  pacer.now();
  expect(shown).toBe(0);
  vi.advanceTimersByTime(100);
  inFlight = false;
  vi.advanceTimersByTime(100);
  expect(shown).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a guest at rest arms no timer', () => {
  const pacer = new FramePacer(() => 'nothing');
  pacer.slice();
  vi.advanceTimersByTime(100);
  pacer.now();
  expect(vi.getTimerCount()).toBe(0);
});
