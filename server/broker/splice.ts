import type { Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.js';
import { messageOf } from '../../src/base/errors.js';
import type { Transport } from '../transport/transport.js';

/** Waiting for the client in our own memory; above it the machine's process is not read, which is then its own credit. */
const HIGH_WATER_BYTES = 64 << 10;
/** What a client may have said that nobody has acted on: two sockets' buffers at most. */
const MAX_REST_BYTES = 4 << 20;
/** A process that takes nothing for so long is stuck. Of a client that is held back nobody hears that it has gone. */
const STUCK_MS = 30_000;

export interface SpliceEvents {
  /** Over, by whose doing and why; the other side is still open. Called once, and not after `takeBack` or `close`. */
  ended(by: 'client' | 'machine', reason: string): void;
}

/**
 * Moves bytes between a client and its machine's process, each way no faster than the other end reads. It looks into
 * nothing. The client may be taken back from the machine's process without losing a byte.
 */
export class Splice {
  readonly #client: Transport;
  readonly #machine: Socket;
  readonly #clock: Clock;
  readonly #events: SpliceEvents;
  #toClient = 0;
  #toMachine = 0;
  #error: string | undefined;
  #closed = false;
  /** Of the machine's bytes so many are the client's; what follows comes back. */
  #mine = Infinity;
  readonly #back: Uint8Array[] = [];
  #backBytes = 0;
  readonly #late: Uint8Array[] = [];
  #settle: ((rest: Uint8Array | undefined) => void) | undefined;
  #cancelStuck: (() => void) | undefined;

  /** @param machine connected, half-open capable; nothing has been read from it yet */
  constructor(client: Transport, machine: Socket, clock: Clock, events: SpliceEvents) {
    this.#client = client;
    this.#machine = machine;
    this.#clock = clock;
    this.#events = events;
    client.onData = (bytes) => this.#fromClient(bytes);
    client.onDrain = () => machine.resume();
    client.onClose = (reason) => this.#end('client', reason);
    machine.on('data', (bytes: Buffer) => this.#fromMachine(bytes));
    machine.on('drain', () => this.#letClientGoOn());
    machine.on('error', (error) => {
      this.#error ??= messageOf(error);
    });
    machine.on('end', () => this.#machineEnded());
    const closed = (): void => this.#end('machine', this.#error ?? 'its process closed the connection');
    machine.on('close', closed);
    // On the way here it may have broken already.
    if (machine.destroyed) queueMicrotask(closed);
    client.resume();
  }

  /** Of the machine's bytes, how many went to the client. */
  get toClientBytes(): number {
    return this.#toClient;
  }
  get toMachineBytes(): number {
    return this.#toMachine;
  }

  /**
   * Gives the client back, paused and with its callbacks free: its machine's process wants no more of it. Of what that
   * process writes, `sentBytes` in all are the client's. Resolves to what the client has said that nobody acted on;
   * undefined when that cannot be known any more, and the client cannot go on.
   */
  takeBack(sentBytes: number): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      if (this.#closed || this.#settle !== undefined || sentBytes < this.#toClient) {
        resolve(undefined);
        return;
      }
      this.#mine = sentBytes;
      this.#settle = resolve;
      this.#client.pause();
      // The end goes out behind all that the client has said so far, and is what the echo waits for.
      this.#machine.end();
    });
  }

  /** Ends the machine's side; the client is left as it is. */
  close(): void {
    this.#finish(undefined);
  }

  #fromClient(bytes: Uint8Array): void {
    if (this.#closed) return;
    if (this.#settle !== undefined) {
      // Paused, and yet: what had been read already.
      this.#late.push(bytes);
      return;
    }
    this.#toMachine += bytes.length;
    if (!this.#machine.write(bytes)) this.#holdClientBack();
  }

  #holdClientBack(): void {
    this.#client.pause();
    this.#cancelStuck ??= this.#clock.after(STUCK_MS, () => this.#end('machine', 'its process is stuck'));
  }

  #letClientGoOn(): void {
    this.#cancelStuck?.();
    this.#cancelStuck = undefined;
    if (!this.#closed && this.#settle === undefined) this.#client.resume();
  }

  #fromMachine(bytes: Buffer): void {
    const left = this.#mine - this.#toClient;
    const forClient = bytes.length <= left ? bytes : bytes.subarray(0, left);
    if (forClient.length > 0) {
      this.#toClient += forClient.length;
      this.#client.write(forClient);
      if (this.#client.unsentBytes > HIGH_WATER_BYTES) this.#machine.pause();
    }
    if (forClient.length < bytes.length) this.#keep(bytes.subarray(forClient.length));
  }

  #keep(bytes: Uint8Array): void {
    this.#back.push(bytes);
    this.#backBytes += bytes.length;
    if (this.#backBytes > MAX_REST_BYTES) this.#finish(undefined);
  }

  #machineEnded(): void {
    if (this.#settle === undefined) this.#end('machine', this.#error ?? 'its process ended the session');
    else if (this.#toClient < this.#mine) this.#finish(undefined);
    else this.#finish(Buffer.concat([...this.#back, ...this.#late]));
  }

  #end(by: 'client' | 'machine', reason: string): void {
    if (this.#closed) return;
    const unasked = this.#settle === undefined;
    this.#finish(undefined);
    if (unasked) this.#events.ended(by, reason);
  }

  #finish(rest: Uint8Array | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelStuck?.();
    // What had been read but not written on is of no use to a machine whose client is gone.
    this.#machine.destroy();
    this.#client.onDrain = () => {};
    this.#client.onClose = () => {};
    if (rest !== undefined) this.#client.onData = () => {};
    this.#settle?.(rest);
  }
}
