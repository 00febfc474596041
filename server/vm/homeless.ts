import { statSync } from 'node:fs';
import type { Clock } from '../../src/base/clock.js';

const LOOK_MS = 10_000;

/**
 * Calls `gone` once the folder has been missing for two looks in a row. A machine whose folder somebody has deleted can
 * be named by nobody any more, and would run for ever. Returns what ends the watch.
 */
export function whenHomeless(folder: string, clock: Clock, gone: () => void): () => void {
  let missing = 0;
  let cancel = (): void => {};
  const look = (): void => {
    missing = isGone(folder) ? missing + 1 : 0;
    if (missing < 2) cancel = clock.after(LOOK_MS, look);
    else gone();
  };
  cancel = clock.after(LOOK_MS, look);
  return () => cancel();
}

/** One that cannot be looked at, as on a server that is away for a while, may still be there. */
function isGone(folder: string): boolean {
  try {
    statSync(folder);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
