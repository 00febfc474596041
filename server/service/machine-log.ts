import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** A log longer than this makes room for a new one before the next start; one old log is kept. */
const MAX_LOG_BYTES = 4 << 20;
const TAIL_BYTES = 64 << 10;

/** Sets a log aside that has grown too long. */
export function trimLog(file: string): void {
  try {
    if (statSync(file).size > MAX_LOG_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // There is none yet.
  }
}

/** The last lines of a log, oldest first. */
export function lastLines(file: string, count: number): string[] {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    const lines = bytes.toString('utf8').split('\n');
    // The first may have lost its beginning.
    if (size > bytes.length) lines.shift();
    return lines.filter((line) => line !== '').slice(-count);
  } finally {
    closeSync(handle);
  }
}

/** What a process said last of why it ended: the line that the command line writes for a failure. */
export function complaintIn(file: string): string | undefined {
  const last = lastLines(file, 1)[0];
  return last?.startsWith('vitrine: ') ? last.slice('vitrine: '.length) : undefined;
}
