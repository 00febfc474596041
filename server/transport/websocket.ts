import type { RawData, WebSocket } from 'ws';
import { messageOf } from '../../src/base/errors.js';
import { LIMITS } from '../limits.js';
import type { Transport } from './transport.js';
import { Unsent } from './unsent.js';

/** A WebSocket's binary messages as a stream of bytes. Pinged, because proxies close quiet connections. */
export class WebSocketTransport implements Transport {
  readonly remote: string;
  readonly kind = 'websocket';
  readonly isPrivate: boolean;
  onData: (bytes: Uint8Array) => void = () => {};
  onDrain: () => void = () => {};
  onClose: (reason: string) => void = () => {};
  readonly #socket: WebSocket;
  readonly #pingTimer: NodeJS.Timeout;
  readonly #unsent = new Unsent();
  #closed = false;
  #answered = true;
  #goodbyeTimer: NodeJS.Timeout | undefined;
  #error: string | undefined;

  /** @param isPrivate whether the connection below is */
  constructor(socket: WebSocket, remote: string, isPrivate = false) {
    this.#socket = socket;
    this.remote = remote;
    this.isPrivate = isPrivate;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data: RawData, isBinary) => {
      if (!isBinary) this.destroy('a text message where only binary ones belong');
      else if (!this.#closed) this.onData(data as Buffer);
    });
    socket.on('error', (error) => {
      this.#error ??= messageOf(error);
    });
    socket.on('close', () => this.#finish(this.#error ?? 'closed by the peer'));
    socket.on('pong', () => {
      this.#answered = true;
    });
    this.#pingTimer = setInterval(() => this.#ping(), LIMITS.webSocketPingMs);
  }

  get unsentBytes(): number {
    return this.#unsent.bytes;
  }
  get isClosed(): boolean {
    return this.#closed;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    const size = bytes.length;
    this.#unsent.add(size);
    this.#socket.send(bytes, { binary: true }, () => {
      this.#unsent.remove(size);
      if (this.#unsent.bytes === 0 && !this.#closed) this.onDrain();
    });
    if (this.#unsent.isTooMuch) this.destroy('the peer does not read');
  }

  pause(): void {
    this.#socket.pause();
  }
  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#closed || this.#goodbyeTimer !== undefined) return;
    this.#error ??= 'closed';
    this.#goodbyeTimer = setTimeout(() => this.destroy('closed'), LIMITS.goodbyeMs);
    this.#socket.close(1000);
  }

  destroy(reason: string): void {
    if (this.#closed) return;
    this.#error ??= reason;
    this.#socket.terminate();
    this.#finish(this.#error);
  }

  #ping(): void {
    // A peer that reads late still answers late; one that has not answered since the last ping but one is gone.
    if (!this.#answered && this.#unsent.bytes === 0) this.destroy('no answer to a ping');
    else {
      this.#answered = false;
      this.#socket.ping();
    }
  }

  #finish(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pingTimer);
    clearTimeout(this.#goodbyeTimer);
    this.onClose(reason);
  }
}
