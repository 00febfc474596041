import pino from 'pino';

/** What waits until there is room again. */
const MAX_UNWRITTEN_BYTES = 1 << 20;

/**
 * Where lines of a log go. One that cannot be written, because the disk is full or nobody reads, throws nowhere:
 * whoever had something to tell goes on.
 */
export function logTo(fd: number): pino.DestinationStream {
  const destination = pino.destination({ dest: fd, sync: true, maxLength: MAX_UNWRITTEN_BYTES });
  destination.on('error', () => {});
  return destination;
}
