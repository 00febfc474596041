import { chmodSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { messageOf, Problem } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { readHello } from '../ipc/hello.js';
import type { Hello } from '../session/handover.js';

/** A process that serves a machine's socket answers at once. */
const PROBE_MS = 2_000;

/** A machine's private socket: whoever can open it is trusted to be who they say, and is asked what they want. */
export class Door {
  readonly #server: Server;
  readonly #path: string;
  readonly #open = new Set<Socket>();

  /**
   * Opens the door at `path`; what is left there of a process that was killed is replaced. Rejects with Problem: 'busy'
   * where somebody serves there already.
   * @param arrived gets sockets that stand still behind their first line
   */
  static async open(path: string, arrived: (hello: Hello, socket: Socket) => void, log: Logger): Promise<Door> {
    if (await isServed(path)) throw new Problem('busy', `another process serves this machine at ${path}`);
    await rm(path, { force: true });
    const door = new Door(path, arrived, log);
    await new Promise<void>((resolve, reject) => {
      door.#server.once('error', (error) =>
        reject(new Problem('failed', `cannot listen on ${path}: ${messageOf(error)}`)),
      );
      door.#server.listen(path, () => {
        // At once: nobody is to come in before whoever opens the door is ready.
        chmodSync(path, 0o600);
        resolve();
      });
    });
    return door;
  }

  private constructor(path: string, arrived: (hello: Hello, socket: Socket) => void, log: Logger) {
    this.#path = path;
    // Half-open, since a client that goes back is still answered after its end.
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      this.#open.add(socket);
      socket.on('error', (error) => log.debug({ reason: error.message }, 'a connection broke'));
      socket.once('close', () => this.#open.delete(socket));
      readHello(socket).then(
        (hello) => arrived(hello, socket),
        (error: unknown) => log.warn({ reason: messageOf(error) }, 'a connection that makes no sense is closed'),
      );
    });
  }

  get connectionCount(): number {
    return this.#open.size;
  }

  /** Nobody comes in any more; who is in is cut off. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
    await rm(this.#path, { force: true });
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (served: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(served);
    };
    // Somebody who listens and is too busy to answer is somebody.
    const timer = setTimeout(() => done(true), PROBE_MS);
    socket.once('connect', () => done(true));
    socket.on('error', () => done(false));
  });
}
