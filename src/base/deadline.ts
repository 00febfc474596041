import { UserError } from './errors.js';

/**
 * Does `work` with a signal that fires with `signal`, or after `ms` with a UserError that says `message`.
 * AbortSignal.timeout would be shorter, and is no limit: inside AbortSignal.any Node 20 collects it as garbage.
 */
export async function withDeadline<T>(
  ms: number,
  message: string,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new UserError(message)), ms);
  try {
    return await work(AbortSignal.any([signal, end.signal]));
  } finally {
    clearTimeout(timer);
  }
}
