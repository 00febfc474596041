import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Governor } from '../../../src/engine/emulator/governor.js';
import type { Core } from '../../../src/engine/emulator/v86.js';

/** What was asked of the event loop, in order; sleeping makes time pass. */
let pending: { callback: () => void; ms: number }[] = [];
let nowMs = 0;
let sleptMs = 0;
function turn(): void {
  const next = pending.shift();
  nowMs += next?.ms ?? 0;
  sleptMs += next?.ms ?? 0;
  next?.callback();
}

/** As v86's core: each slice takes `sliceMs` and asks for the next one after `idleMs`. */
class FakeCore {
  slices = 0;
  sliceMs = 1;
  idleMs = 0;
  #tick = 0;
  do_tick(): void {
    this.slices++;
    nowMs += this.sliceMs;
    this.next_tick(this.idleMs);
  }
  next_tick(delayMs: number): void {
    this.yield(delayMs, ++this.#tick);
  }
  yield(_delayMs: number, _tick: number): void {}
  yield_callback(tick: number): void {
    if (tick === this.#tick) this.do_tick();
  }
}

beforeEach(() => {
  pending = [];
  nowMs = 0;
  sleptMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  vi.stubGlobal('setImmediate', (callback: () => void) => pending.push({ callback, ms: 0 }));
  vi.stubGlobal('setTimeout', (callback: () => void, ms: number) => pending.push({ callback, ms }));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function govern(core: FakeCore, cpuCap: number, onThrow: (thrown: unknown) => void = () => {}): Governor {
  return new Governor(core as unknown as Core, cpuCap, () => {}, onThrow);
}

test.each([100, 50, 10])('a guest that spins gets %i percent', (cap) => {
  const core = new FakeCore();
  govern(core, cap);
  core.next_tick(0);
  while (core.slices < 1000) turn();
  expect((100 * core.slices) / (core.slices + sleptMs)).toBeCloseTo(cap, 0);
});

test('a guest that waits by itself is not held up further', () => {
  const core = new FakeCore();
  core.idleMs = 10;
  govern(core, 50);
  core.next_tick(0);
  while (core.slices < 100) turn();
  expect(sleptMs).toBe(99 * 10);
});

test('nothing runs while it is paused, and nothing is armed', () => {
  const core = new FakeCore();
  const governor = govern(core, 100);
  core.next_tick(0);
  turn();
  governor.pause();
  turn();
  const { slices } = core;
  core.next_tick(0);
  expect(pending).toEqual([]);
  expect(core.slices).toBe(slices);
  governor.resume();
  turn();
  expect(core.slices).toBe(slices + 1);
});

test('a slice that throws is the last one', () => {
  const core = new FakeCore();
  const thrown: unknown[] = [];
  core.next_tick = () => {
    throw new Error('trap');
  };
  govern(core, 100, (error) => thrown.push(error));
  core.do_tick();
  core.do_tick();
  expect(thrown).toEqual([new Error('trap')]);
  expect(pending).toEqual([]);
});
