import { Problem } from '../../src/base/errors.js';

// What a peer sends is as its program wrote it, whatever the types say. These throw Problem 'bad-request'.

export function whole(value: unknown, name: string, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  throw new Problem('bad-request', `${name} must be a whole number from ${least} to ${most}`);
}

export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw new Problem('bad-request', `${name} must be text`);
}

export function oneOf<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  throw new Problem('bad-request', `${name} must be one of ${choices.join(', ')}`);
}

export function list(value: unknown, name: string, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw new Problem('bad-request', `${name} must be a list of at most ${most}`);
}

/** A file of this host, by its whole path: this process's working directory is nobody's business. */
export function path(value: unknown, name: string): string {
  const given = text(value, name);
  if (given.startsWith('/') && !given.includes('\0')) return given;
  throw new Problem('bad-request', `${name} must be an absolute path`);
}
