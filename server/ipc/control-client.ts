import type { Socket } from 'node:net';
import { messageOf, PROBLEM_CODES, Problem, type ProblemCode } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { ControlEvent, ControlOp, ControlOperations } from './control.js';
import { openMachine } from './hello.js';
import { formatLine, JsonLines } from './json-lines.js';
import { IPC_LIMITS } from './limits.js';

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (problem: Problem) => void;
}

/** Opens a control connection to a machine's process. Rejects with Problem 'unavailable'. */
export async function connectControl(path: string): Promise<ControlConnection> {
  return new ControlConnection(await openMachine(path, { kind: 'control' }));
}

/** A control connection as the service holds it. */
export class ControlConnection {
  readonly onEvent = new Emitter<ControlEvent>();
  /** The connection is gone, and requests that were on their way have been rejected. Fires once. */
  readonly onClose = new Emitter<string>();
  readonly #socket: Socket;
  readonly #lines = new JsonLines(IPC_LIMITS.answerBytes);
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #closed: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.close(messageOf(error)));
    // Half-open for the sake of handed-over clients; here an end is an end.
    socket.on('end', () => this.close("the machine's process has ended"));
    socket.on('close', () => this.close("the machine's process is gone"));
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Rejects with the Problem that the process answers, or 'unavailable' when the connection ends first. */
  request<O extends ControlOp>(op: O, params: ControlOperations[O]['params']): Promise<ControlOperations[O]['result']> {
    if (this.#closed !== undefined) return Promise.reject(new Problem('unavailable', this.#closed));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#socket.write(formatLine({ ...params, id, op }));
    });
  }

  close(reason = 'closed'): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#socket.destroy();
    for (const { reject } of this.#pending.values()) reject(new Problem('unavailable', reason));
    this.#pending.clear();
    this.onClose.emit(reason);
  }

  #receive(bytes: Buffer): void {
    if (this.#closed !== undefined) return;
    let lines: Record<string, unknown>[];
    try {
      lines = [...this.#lines.push(bytes)].map(record);
    } catch (error) {
      this.close(`the machine's process made no sense: ${messageOf(error)}`);
      return;
    }
    for (const line of lines) this.#handle(line);
  }

  #handle(line: Record<string, unknown>): void {
    if (typeof line.event === 'string') {
      this.onEvent.emit(line as unknown as ControlEvent);
      return;
    }
    const pending = this.#pending.get(line.id as number);
    this.#pending.delete(line.id as number);
    if (line.problem === undefined) pending?.resolve(line.result as never);
    else pending?.reject(problemFrom(line.problem as { code?: unknown; message?: unknown }));
  }
}

function record(line: unknown): Record<string, unknown> {
  if (typeof line === 'object' && line !== null) return line as Record<string, unknown>;
  throw new Error('a line that is no object');
}

/** An answer may come from another version of this program. */
function problemFrom({ code, message }: { readonly code?: unknown; readonly message?: unknown }): Problem {
  const known = PROBLEM_CODES.includes(code as ProblemCode);
  return new Problem(known ? (code as ProblemCode) : 'failed', String(message));
}
