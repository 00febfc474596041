import { connect, type Socket } from 'node:net';
import { messageOf } from '../../base/errors.js';

/** Where a server listens: a unix socket or TCP. */
export type Address = { readonly path: string } | { readonly host: string; readonly port: number };

export function nameOf(address: Address): string {
  if ('path' in address) return address.path;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Whether bytes never leave this host. */
export function isLocal(address: Address): boolean {
  return 'path' in address || /^(localhost|127(\.\d+){3}|::1)$/i.test(address.host);
}

/** Bytes that have no place of their own yet; one read takes at most so many. */
const STAGING_BYTES = 256 << 10;
/** A silent network is noticed after this and the operating system's retries. */
const KEEP_ALIVE_MS = 30_000;
/** Bytes waiting for a server that does not read: it has stopped working. Keys and movements have 6 to 12 each. */
const MAX_UNSENT_BYTES = 256 << 10;

/**
 * A stream to an RFB server whose reads can go straight to where the pixels belong: the kernel copies them
 * into the framebuffer, and nobody copies them again.
 */
export class Connection {
  /** Bytes in staging memory, which is overwritten after the call. */
  onBytes: (bytes: Uint8Array) => void = () => {};
  /** So many bytes were read into what `target` had returned. */
  onPlaced: (count: number) => void = () => {};
  /** Memory for the next read; undefined: staging. */
  target: () => Uint8Array | undefined = () => undefined;
  /** The connection is gone; called once, and nothing after it. */
  onClose: (reason: string) => void = () => {};
  readonly #socket: Socket;
  readonly #staging = new Uint8Array(STAGING_BYTES);
  #direct = false;
  #closed = false;
  #reason: string | undefined;

  constructor(address: Address) {
    const onread = { buffer: () => this.#nextBuffer(), callback: (n: number) => this.#handleRead(n) };
    this.#socket = connect({
      ...address,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      onread,
    });
    this.#socket.on('error', (error) => {
      this.#reason ??= messageOf(error);
    });
    this.#socket.on('close', () => this.#finish(this.#reason ?? 'closed by the server'));
  }

  write(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.close('the server does not read');
  }

  /** Nothing is read until `resume`: memory that was read into stays as it is, and the server has to wait. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  /** Resolves when nothing of the connection is left; call `close` before. */
  get gone(): Promise<void> {
    return this.#socket.closed
      ? Promise.resolve()
      : new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  /** Closes at once. */
  close(reason: string): void {
    if (this.#closed) return;
    this.#socket.destroy();
    this.#finish(this.#reason ?? reason);
  }

  #nextBuffer(): Uint8Array {
    const target = this.#closed ? undefined : this.target();
    this.#direct = target !== undefined;
    return target ?? this.#staging;
  }

  #handleRead(count: number): boolean {
    if (this.#closed) return false;
    if (this.#direct) this.onPlaced(count);
    else this.onBytes(this.#staging.subarray(0, count));
    return true;
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose(reason);
  }
}
