import type { Socket } from 'node:net';
import { messageOf, Problem, UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { ControlEvent, ControlOp, ControlOperations } from './control.js';
import { formatLine, JsonLines } from './json-lines.js';
import { IPC_LIMITS } from './limits.js';

/** One function for each operation. What it gets is as the peer wrote it: it checks what it relies on. */
export type ControlHandlers = {
  readonly [O in ControlOp]: (
    params: ControlOperations[O]['params'],
    caller: ControlPeer,
  ) => Promise<ControlOperations[O]['result']>;
};

/** A control connection as the machine's process holds it. A peer that makes no sense loses its connection. */
export class ControlPeer {
  readonly #socket: Socket;
  readonly #handlers: ControlHandlers;
  readonly #log: Logger;
  readonly #lines = new JsonLines(IPC_LIMITS.requestBytes);
  readonly #gone = new AbortController();
  #pending = 0;
  #closing = false;

  /** @param socket whose hello has been read; `log` hears of bugs in handlers and of peers that make no sense */
  constructor(socket: Socket, handlers: ControlHandlers, log: Logger) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.#log = log;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    // Half-open for the sake of handed-over clients; here an end is an end.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => this.#gone.abort(new Problem('unavailable', 'the caller is gone')));
    socket.resume();
  }

  /** Aborts when the connection is gone: nobody waits for an answer any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  tell(event: ControlEvent): void {
    this.#send(event);
  }

  /** Answers what was asked, hears nothing more, and closes. Resolves when that is done. */
  close(): Promise<void> {
    this.#closing = true;
    this.#endIfIdle();
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  #receive(bytes: Buffer): void {
    if (this.#closing) return;
    try {
      for (const line of this.#lines.push(bytes)) this.#accept(line);
    } catch (error) {
      this.#drop(messageOf(error));
    }
  }

  #accept(line: unknown): void {
    if (typeof line !== 'object' || line === null) throw new Error('a request that is no object');
    const { id, op, ...params } = line as { id?: unknown; op?: unknown };
    if (!Number.isInteger(id)) throw new Error('a request without a number');
    if (this.#pending >= IPC_LIMITS.pendingRequests) {
      // Many people's, one by one: none of them is to cost the others their connection.
      this.#refuse(id as number, new Problem('unavailable', 'too much is asked of this machine at once; try again'));
      return;
    }
    this.#pending++;
    void this.#answer(id as number, op, params).finally(() => {
      this.#pending--;
      this.#endIfIdle();
    });
  }

  async #answer(id: number, op: unknown, params: object): Promise<void> {
    try {
      if (typeof op !== 'string' || !Object.hasOwn(this.#handlers, op)) {
        throw new Problem('not-supported', `this machine's process does not know "${String(op)}"`);
      }
      const handler = this.#handlers[op as ControlOp] as (params: object, caller: ControlPeer) => Promise<unknown>;
      this.#send({ id, result: await handler(params, this) });
    } catch (error) {
      if (!(error instanceof UserError)) this.#log.error({ err: error, op }, 'bug: an operation failed by itself');
      this.#refuse(id, error);
    }
  }

  #refuse(id: number, error: unknown): void {
    const code = error instanceof Problem ? error.code : 'failed';
    this.#send({ id, problem: { code, message: messageOf(error) } });
  }

  #send(line: object): void {
    if (!this.#socket.writable) return;
    this.#socket.write(formatLine(line));
    if (this.#socket.writableLength > IPC_LIMITS.unreadBytes) this.#drop('it does not read');
  }

  #endIfIdle(): void {
    if (this.#closing && this.#pending === 0) this.#socket.end(() => this.#socket.destroy());
  }

  #drop(reason: string): void {
    if (this.#socket.destroyed) return;
    this.#log.warn({ reason }, 'a control connection is closed');
    this.#socket.destroy();
  }
}
