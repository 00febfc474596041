import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { untilSame } from './harness/compare.js';
import { RDESKTOP, VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { atRest, F, type PatternGuest, startPattern } from './harness/pattern.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { pause, until } from './harness/wait.js';
import type { XClient } from './harness/x-client.js';

/** How long a client stands still. VITRINE_SLOW_SECONDS=60 for the long run. */
const STOPPED_MS = Number(process.env.VITRINE_SLOW_SECONDS ?? 10) * 1000;
/** Time to count the updates of a viewer that is well. */
const SAMPLE_MS = 2_000;
/**
 * Resident memory may grow by this much while a client reads nothing; seen were -20 to 23 MiB. What moves is 4 MB a
 * second of raw pixels, so a queue of what the client missed would be more than that after 10 s.
 */
const GROWTH_BYTES = 32 << 20;

describe('a client that stops reading', () => {
  let guest: PatternGuest;

  beforeEach(async () => {
    guest = await startPattern();
    // Text that scrolls beside the bar that moves.
    guest.probe.key(F(6));
    await until('the card moves', () => guest.probe.updates > 20);
  });
  afterEach(async () => {
    const exit = await guest?.vitrine.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  /** Updates that the probe got in a while. */
  async function updatesIn(ms: number): Promise<number> {
    const before = guest.probe.updates;
    await pause(ms);
    return guest.probe.updates - before;
  }

  for (const kind of [XFREERDP, RDESKTOP, VNCVIEWER]) {
    const options = { ...requires(...kind.needs), timeout: STOPPED_MS + 90_000 };
    test(`${kind.name}: others go on, memory does not grow, and it catches up`, options, async () => {
      const client = (await kind.open(guest.vitrine)) as XClient;
      const well = await updatesIn(SAMPLE_MS);
      const memory = guest.vitrine.residentBytes;

      client.program.signal('SIGSTOP');
      await updatesIn(STOPPED_MS - SAMPLE_MS);
      const meanwhile = await updatesIn(SAMPLE_MS);
      const growth = guest.vitrine.residentBytes - memory;
      client.program.signal('SIGCONT');

      console.log(`${kind.name}: ${well} updates, then ${meanwhile}; ${(growth / (1 << 20)).toFixed(1)} MiB more`);
      expect(meanwhile).toBeGreaterThanOrEqual(well * 0.8);
      expect(growth).toBeLessThan(GROWTH_BYTES);

      // Both motions off; then what it shows is what everybody is shown.
      guest.probe.key(F(5));
      guest.probe.key(F(6));
      await atRest(guest.probe);
      await untilSame(
        `${kind.name} after its pause`,
        () => client.picture(),
        () => guest.probe.picture(),
        { deadlineMs: 30_000 },
      );
    });
  }
});
