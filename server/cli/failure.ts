import { messageOf, UserError } from '../../src/base/errors.js';

/** Says why a command has failed, and sets the exit code: 1, or 2 for wrong usage. */
export function reportFailure(error: unknown): void {
  process.exitCode = error instanceof UserError ? error.exitCode : 1;
  // A mistake of the user's is one line; a mistake of ours needs its stack.
  const text = error instanceof UserError || !(error instanceof Error) ? messageOf(error) : error.stack;
  process.stderr.write(`vitrine: ${text}\n`);
}
