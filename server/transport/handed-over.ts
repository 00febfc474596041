import type { Socket } from 'node:net';
import { messageOf } from '../../src/base/errors.js';
import { LIMITS } from '../limits.js';
import type { Transport } from './transport.js';
import { Unsent } from './unsent.js';

/** What a client may have sent while nobody acted on it: what is in two sockets' buffers. */
const MAX_RETURNED_BYTES = 4 << 20;
/** The broker answers a return at once, or is stuck. */
const RETURN_MS = 10_000;

/**
 * A client's stream, in the clear, from the broker, which took it over a unix socket. Unlike other transports it can
 * be given back, and the client goes on elsewhere without noticing.
 */
export class HandedOverTransport implements Transport {
  readonly remote: string;
  readonly kind = 'unix';
  readonly isPrivate = true;
  onData: (bytes: Uint8Array) => void = () => {};
  onDrain: () => void = () => {};
  onClose: (reason: string) => void = () => {};
  readonly #socket: Socket;
  readonly #unsent = new Unsent();
  #sentBytes = 0;
  #closed = false;
  #error: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What goes back, from the moment on in which that is decided. */
  #returned: Uint8Array[] | undefined;
  #returnedBytes = 0;

  /**
   * @param socket half-open capable; reading goes on from where it stands
   * @param remote the client's address
   */
  constructor(socket: Socket, remote: string) {
    this.#socket = socket;
    this.remote = remote;
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => {
      this.#error ??= messageOf(error);
    });
    socket.on('end', () => this.#ended());
    socket.on('close', () => this.#finish(this.#error ?? 'closed by the peer'));
    socket.resume();
  }

  get unsentBytes(): number {
    return this.#unsent.bytes;
  }
  get isClosed(): boolean {
    return this.#closed;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#returned !== undefined || bytes.length === 0 || this.#socket.writableEnded) return;
    const size = bytes.length;
    this.#unsent.add(size);
    this.#sentBytes += size;
    this.#socket.write(bytes, () => {
      this.#unsent.remove(size);
      if (this.#unsent.bytes === 0 && !this.#closed) this.onDrain();
    });
    if (this.#unsent.isTooMuch) this.destroy('the peer does not read');
  }

  pause(): void {
    if (this.#returned === undefined) this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#error ??= 'closed';
    this.#timer = setTimeout(() => this.destroy('closed'), LIMITS.goodbyeMs);
    this.#socket.end();
  }

  destroy(reason: string): void {
    if (this.#closed) return;
    this.#error ??= reason;
    this.#socket.destroy();
    this.#finish(this.#error);
  }

  /**
   * The session here is over, the client is not: returns how many bytes of what was written are the client's. When the
   * broker has ended its side, the stream carries what the client has said that nobody has acted on, and ends.
   */
  giveBack(): number {
    this.#returned ??= [];
    this.#timer ??= setTimeout(() => this.destroy('the broker does not take its client back'), RETURN_MS);
    this.#socket.resume();
    return this.#sentBytes;
  }

  #receive(bytes: Buffer): void {
    if (this.#closed) return;
    if (this.#returned === undefined) {
      this.onData(bytes);
      return;
    }
    this.#returned.push(bytes);
    this.#returnedBytes += bytes.length;
    if (this.#returnedBytes > MAX_RETURNED_BYTES) this.destroy('too much came after the session was over');
  }

  #ended(): void {
    if (this.#closed) return;
    if (this.#returned === undefined) {
      this.#error ??= 'closed by the peer';
      this.end();
      return;
    }
    // From here on it depends on how fast the client reads what was sent before.
    clearTimeout(this.#timer);
    this.#error ??= 'given back';
    for (const bytes of this.#returned.splice(0)) this.#socket.write(bytes);
    this.#socket.end();
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.onClose(reason);
  }
}
