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

/**
 * What can go wrong for somebody who operates machines. The codes are stable: programs that use the API tell
 * problems apart by them.
 */
export const PROBLEM_CODES = [
  'bad-request',
  'unauthenticated',
  'forbidden',
  'too-many-attempts',
  'no-such-machine',
  'no-such-snapshot',
  'no-such-user',
  'no-such-session',
  'no-such-ticket',
  'no-such-operation',
  'already-exists',
  'invalid-definition',
  'wrong-state',
  'busy',
  'host-full',
  'not-supported',
  'unavailable',
  'failed',
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** A UserError that a program can tell from others. The message is one line for people. */
export class Problem extends UserError {
  override readonly name = 'Problem';
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string) {
    super(message, code === 'bad-request' ? 2 : 1);
    this.code = code;
  }
}
