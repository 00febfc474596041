import type { Socket } from 'node:net';
import type { QmpMessage } from '../../../protocols/qmp/message.js';
import { QmpSession, type QmpSessionEvent } from '../../../protocols/qmp/session.js';
import { messageOf } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';

export type QmpEvent = Extract<QmpMessage, { kind: 'event' }>;

/** QEMU refused a command. */
export class QmpRefusal extends Error {
  readonly errorClass: string;
  /** In QEMU's words alone. */
  readonly description: string;

  constructor(command: string, errorClass: string, description: string) {
    super(`${command}: ${description}`);
    this.name = 'QmpRefusal';
    this.errorClass = errorClass;
    this.description = description;
  }
}

/** A QEMU that owes so many answers hangs; what viewers press meanwhile does not pile up. */
const MAX_PENDING = 256;

interface Pending {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A connection to QEMU's monitor. Commands may be given before QEMU has greeted; they wait. */
export class QmpClient {
  readonly onEvent = new Emitter<QmpEvent>();
  /** The connection is gone; commands on their way have been rejected. Fires once. */
  readonly onClose = new Emitter<string>();
  /** QEMU's version; rejects when the connection ends before the greeting. */
  readonly ready: Promise<string>;
  readonly #socket: Socket;
  readonly #session = new QmpSession();
  readonly #pending = new Map<number, Pending>();
  #beforeReady: Uint8Array[] = [];
  #settleReady!: { resolve: (version: string) => void; reject: (error: Error) => void };
  #closed: string | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.ready = new Promise((resolve, reject) => {
      this.#settleReady = { resolve, reject };
    });
    this.ready.catch(() => {});
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.close(error.message));
    socket.on('close', () => this.close('qemu closed its monitor'));
  }

  /** Resolves with the answer. Rejects with QmpRefusal, or with Error when the connection ends first or is clogged. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#closed !== undefined) return Promise.reject(new Error(this.#closed));
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(new Error('qemu does not answer'));
    const { id, bytes } = this.#session.command(command, args);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { command, resolve, reject });
      if (this.#session.isReady) this.#socket.write(bytes);
      else this.#beforeReady.push(bytes);
    });
  }

  close(reason = 'closed'): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#socket.destroy();
    this.#settleReady.reject(new Error(reason));
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
    this.#beforeReady = [];
    this.onClose.emit(reason);
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed !== undefined) return;
    try {
      const { send, events } = this.#session.step(bytes);
      for (const part of send) this.#socket.write(part);
      for (const event of events) this.#handle(event);
    } catch (error) {
      this.close(`qemu's monitor made no sense: ${messageOf(error)}`);
    }
  }

  #handle(event: QmpSessionEvent): void {
    if (event.kind === 'ready') {
      for (const part of this.#beforeReady) this.#socket.write(part);
      this.#beforeReady = [];
      this.#settleReady.resolve(event.version);
    } else if (event.kind === 'event') {
      this.onEvent.emit(event);
    } else if (event.id !== undefined) {
      const pending = this.#pending.get(event.id);
      this.#pending.delete(event.id);
      if (event.kind === 'answer') pending?.resolve(event.value);
      else pending?.reject(new QmpRefusal(pending.command, event.errorClass, event.description));
    }
  }
}
