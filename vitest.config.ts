import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Most tests wait for others most of the time, so that even two cores carry two files at once. */
const AT_ONCE = Math.max(2, availableParallelism() - 1);

/** What fills the machine by itself, or counts updates a second. */
const ALONE = ['classroom', 'garbage', 'slow'].map((name) => `test/interop/${name}.test.ts`);

/** Real guests and real clients. */
const INTEROP = { testTimeout: 120_000, hookTimeout: 240_000, pool: 'forks' } as const;

export default defineConfig({
  test: {
    reporters: ['default', './test/interop/harness/skip-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/interop/**'],
          // Deadlines, not expectations: machines that run tests have other work, too.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: { poll: { timeout: 15_000 } },
          pool: 'forks',
          maxWorkers: AT_ONCE,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          exclude: ALONE,
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          ...INTEROP,
        },
      },
      {
        test: {
          name: 'interop-alone',
          include: ALONE,
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          ...INTEROP,
        },
      },
    ],
  },
});
