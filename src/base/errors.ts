/**
 * A mistake that the user can mend: shown as one line, without a stack trace.
 * The message says what is wrong and what to do, in lower case, without a full stop.
 */
export class UserError extends Error {
  /** 1: it failed. 2: wrong usage (the command line itself). */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
