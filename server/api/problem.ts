import type { ServerResponse } from 'node:http';
import { messageOf, Problem, type ProblemCode, UserError } from '../../src/base/errors.js';

/** HTTP's status for each kind of problem. */
export const STATUS: Readonly<Record<ProblemCode, number>> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'too-many-attempts': 429,
  'no-such-machine': 404,
  'no-such-snapshot': 404,
  'no-such-user': 404,
  'no-such-session': 404,
  'no-such-ticket': 404,
  'no-such-operation': 404,
  'already-exists': 409,
  'invalid-definition': 422,
  'wrong-state': 409,
  busy: 409,
  'host-full': 503,
  'not-supported': 501,
  unavailable: 503,
  failed: 500,
};

const TITLE: Readonly<Record<ProblemCode, string>> = {
  'bad-request': 'the request makes no sense',
  unauthenticated: 'a login is needed',
  forbidden: 'not allowed',
  'too-many-attempts': 'too many attempts',
  'no-such-machine': 'no such machine',
  'no-such-snapshot': 'no such snapshot',
  'no-such-user': 'no such user',
  'no-such-session': 'no such session',
  'no-such-ticket': 'no such ticket',
  'no-such-operation': 'no such operation',
  'already-exists': 'the name is taken',
  'invalid-definition': 'the definition is wrong',
  'wrong-state': 'not possible in this state',
  busy: 'something else is going on',
  'host-full': 'the host has no room',
  'not-supported': 'not supported here',
  unavailable: 'not available at present',
  failed: 'it failed',
};

/** A problem of HTTP's own: with another status than its code has, or with headers that say what would do. */
export class HttpProblem extends Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    message: string,
    { status = STATUS[code], headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code, message);
    this.status = status;
    this.headers = headers;
  }
}

/** @spec RFC 9457 3 */
export interface ProblemDetails {
  /** `/problems/CODE`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** Like a machine that is not there: who may not see one must not learn that there is one. */
export function noSuchMachine(name: string): Problem {
  return new Problem('no-such-machine', `there is no machine ${name}`);
}

/** What to answer for whatever was thrown. `isBug`: nobody meant to throw it, and callers do not learn what it was. */
export function problemOf(thrown: unknown): { readonly problem: HttpProblem; readonly isBug: boolean } {
  if (thrown instanceof HttpProblem) return { problem: thrown, isBug: false };
  if (thrown instanceof Problem) return { problem: new HttpProblem(thrown.code, thrown.message), isBug: false };
  if (thrown instanceof UserError) return { problem: new HttpProblem('failed', messageOf(thrown)), isBug: false };
  return { problem: new HttpProblem('failed', 'an error of the service itself; its log has more'), isBug: true };
}

/** As an answer; where one has begun already, that is cut off. */
export function sendProblem(response: ServerResponse, { code, status, message, headers }: HttpProblem): void {
  if (response.headersSent) return void response.destroy();
  const details: ProblemDetails = { type: `/problems/${code}`, title: TITLE[code], status, detail: message };
  const body = JSON.stringify(details);
  const type = { 'content-type': 'application/problem+json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...type });
  response.end(body);
}
