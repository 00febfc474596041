import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { whenHomeless } from '../../../server/vm/homeless.js';
import { FakeClock } from '../../fake-clock.js';

function watched() {
  const base = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, 'desk');
  mkdirSync(folder);
  const clock = new FakeClock();
  const gone = vi.fn();
  const stop = whenHomeless(folder, clock, gone);
  return { folder, clock, gone, stop };
}

test('a machine whose folder is gone for good is told so, once', () => {
  const { folder, clock, gone } = watched();
  clock.advance(10_000);
  rmSync(folder, { recursive: true });
  clock.advance(10_000);
  expect(gone).not.toHaveBeenCalled();
  clock.advance(10_000);
  expect(gone).toHaveBeenCalledOnce();
  expect(clock.timers.size).toBe(0);
});

test('a folder that is there again in between is there', () => {
  const { folder, clock, gone } = watched();
  for (let i = 0; i < 3; i++) {
    rmSync(folder, { recursive: true });
    clock.advance(10_000);
    mkdirSync(folder);
    clock.advance(10_000);
  }
  expect(gone).not.toHaveBeenCalled();
});

test('the watch ends', () => {
  const { clock, stop } = watched();
  clock.advance(10_000);
  stop();
  expect(clock.timers.size).toBe(0);
});
