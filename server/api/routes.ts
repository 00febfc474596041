import type { Operation } from './operation.js';
import { OPERATIONS, type OperationName } from './operations.js';
import { HttpProblem } from './problem.js';

export const API_PREFIX = '/api/v1';

export interface Route {
  readonly name: OperationName;
  readonly operation: Operation;
  /** Those in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly segments: readonly string[];
}

const PATTERNS: readonly Pattern[] = Object.entries(OPERATIONS)
  .map(([name, operation]) => ({
    name: name as OperationName,
    operation,
    segments: operation.path.slice(1).split('/'),
  }))
  // Words before parameters: `/machines/import` is no machine.
  .sort((a, b) => parametersOf(a.operation).length - parametersOf(b.operation).length);

/** The names of the parameters in an operation's path. */
export function parametersOf({ path }: Operation): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
}

/** What a request is for. `path` is what comes after the prefix. Throws HttpProblem. */
export function findRoute(method: string, path: string): Route {
  const segments = path.slice(1).split('/').map(decode);
  const fitting = PATTERNS.filter((pattern) => fits(pattern.segments, segments));
  if (fitting.length === 0) throw new HttpProblem('no-such-operation', `there is nothing at ${API_PREFIX}${path}`);
  // A HEAD is a GET whose answer has no body.
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = fitting.find(({ operation }) => operation.method === wanted);
  if (found === undefined) {
    const allow = fitting.flatMap(({ operation: { method } }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    throw new HttpProblem('no-such-operation', `${API_PREFIX}${path} does not take ${method}`, {
      status: 405,
      headers: { allow: [...new Set(allow)].join(', ') },
    });
  }
  const params: Record<string, string> = {};
  for (const [i, segment] of found.segments.entries()) {
    if (isParameter(segment)) params[segment.slice(1, -1)] = segments[i]!;
  }
  return { name: found.name, operation: found.operation, params };
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (isParameter(part) ? segments[i] !== '' : part === segments[i]))
  );
}

const isParameter = (segment: string): boolean => segment.startsWith('{');

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HttpProblem('bad-request', `${segment} is not percent-encoded text`);
  }
}
