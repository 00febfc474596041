import { messageOf } from '../src/base/errors.js';
import type { Logger } from '../src/base/log.js';

/** An error that nobody caught is a bug of ours in one session; the guest and the other sessions must outlive it. */
export function keepRunningOnBugs(log: Logger): void {
  const report = (error: unknown): void => log.error({ err: error }, `bug: ${messageOf(error)}; please report it`);
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}
