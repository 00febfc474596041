import { connect, type Socket } from 'node:net';
import { messageOf, Problem } from '../../src/base/errors.js';

/** A process that has its socket answers at once, or is stuck. */
const CONNECT_MS = 5_000;

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
