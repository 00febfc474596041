import { closeSync, openSync } from 'node:fs';
import pino from 'pino';
import { expect, test } from 'vitest';
import { logTo } from '../../../server/cli/log-destination.js';

test.runIf(process.platform === 'linux')('a line that finds no room throws nowhere', () => {
  const full = openSync('/dev/full', 'w');
  try {
    const log = pino(logTo(full));
    expect(() => {
      for (let i = 0; i < 3; i++) log.info('somebody has come');
    }).not.toThrow();
  } finally {
    closeSync(full);
  }
});
