import { connect, type Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import type { Departure } from '../session/departure.js';

/** A process that has its socket answers at once, or is stuck. */
const CONNECT_MS = 5_000;
/** A session that cannot let go at this moment (an RDP client is being given another size) is asked again. */
const DEPART_AGAIN_MS = 50;
/** Until then; the machine's process waits for its first line that long. */
const DEPART_MS = 8_000;

/** A connection to a machine's process. Rejects with Problem 'unavailable', or with the signal's reason. */
export function connectMachine(path: string, machine: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ path, allowHalfOpen: true });
    const over = (failure?: unknown): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off('connect', connected);
      socket.off('error', failed);
      if (failure === undefined) resolve(socket);
      else {
        socket.destroy();
        reject(failure);
      }
    };
    const connected = (): void => over();
    const failed = (error: Error): void =>
      over(new Problem('unavailable', `${machine} cannot be reached: ${messageOf(error)}`));
    const aborted = (): void => over(signal.reason);
    const timer = setTimeout(() => failed(new Error('its process does not answer')), CONNECT_MS);
    socket.once('connect', connected);
    socket.once('error', failed);
    signal.addEventListener('abort', aborted, { once: true });
    // A reset between here and the one who listens from then on must not surface as an uncaught error.
    socket.on('error', () => {});
  });
}

/**
 * Asks a session to let go of its client until it can, and hands the client to `take` in the same turn: no byte gets
 * lost between two owners. Rejects with Problem 'failed', or with the signal's reason.
 */
export async function departWhenReady(
  letGo: () => Departure | undefined,
  take: (departure: Departure) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const endMs = clock.now() + DEPART_MS;
  for (;;) {
    signal.throwIfAborted();
    const departure = letGo();
    if (departure !== undefined) return take(departure);
    if (clock.now() > endMs) throw new Problem('failed', 'your client did not finish what it had begun');
    await new Promise<void>((resolve) => void clock.after(DEPART_AGAIN_MS, resolve));
  }
}
