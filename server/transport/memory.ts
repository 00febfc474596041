import type { Transport } from './transport.js';

/** Two ends of a connection inside the process; bytes arrive in a later microtask, as from a socket. */
export function memoryPair(): [MemoryTransport, MemoryTransport] {
  const a = new MemoryTransport();
  const b = new MemoryTransport();
  a.connect(b);
  b.connect(a);
  return [a, b];
}

export class MemoryTransport implements Transport {
  readonly remote = 'memory';
  readonly kind = 'memory';
  readonly isPrivate = true;
  onData: (bytes: Uint8Array) => void = () => {};
  onDrain: () => void = () => {};
  onClose: (reason: string) => void = () => {};
  #peer: MemoryTransport | undefined;
  #inbox: Uint8Array[] = [];
  #unread = 0;
  #paused = false;
  #closed = false;

  connect(peer: MemoryTransport): void {
    this.#peer = peer;
  }

  get unsentBytes(): number {
    return this.#peer?.unreadBytes ?? 0;
  }
  get unreadBytes(): number {
    return this.#unread;
  }
  get isClosed(): boolean {
    return this.#closed;
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    // Not bytes.slice(): a Buffer would give a view.
    this.#peer?.deliver(new Uint8Array(bytes));
  }

  deliver(bytes: Uint8Array): void {
    this.#inbox.push(bytes);
    this.#unread += bytes.length;
    queueMicrotask(() => this.#pump());
  }

  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    queueMicrotask(() => this.#pump());
  }

  end(): void {
    queueMicrotask(() => this.destroy('closed'));
  }

  destroy(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose(reason);
    const peer = this.#peer;
    queueMicrotask(() => peer?.peerGone());
  }

  /** The other end closed: what it sent before is still delivered. */
  peerGone(): void {
    if (this.#inbox.length > 0 && !this.#paused) this.#pump();
    this.destroy('closed by the peer');
  }

  #pump(): void {
    while (!this.#paused && !this.#closed && this.#inbox.length > 0) {
      const bytes = this.#inbox.shift()!;
      this.#unread -= bytes.length;
      this.onData(bytes);
      if (this.#unread === 0) this.#peer?.onDrain();
    }
  }
}
