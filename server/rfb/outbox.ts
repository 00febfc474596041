import type { Meter } from '../session/meter.js';
import type { Transport } from '../transport/transport.js';

/** Pieces shorter than this are gathered: each write costs a system call and, without Nagle, a packet. */
const GATHER_BYTES = 16 << 10;
/** More than this is not left with the transport while an update is being encoded. */
const ROOM_BYTES = 1 << 20;

/** Puts an update's pieces into few writes and holds back an encoder that is faster than the client. */
export class Outbox {
  readonly #transport: Transport;
  readonly #meter: Meter;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #waiting: (() => void) | undefined;

  constructor(transport: Transport, meter: Meter) {
    this.#transport = transport;
    this.#meter = meter;
  }

  /** Takes over `bytes`. */
  put(bytes: Uint8Array): void {
    if (bytes.length >= GATHER_BYTES) {
      this.flush();
      this.#write(bytes);
      return;
    }
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= GATHER_BYTES) this.flush();
  }

  flush(): void {
    if (this.#length === 0) return;
    this.#write(Buffer.concat(this.#pieces, this.#length));
    this.#pieces = [];
    this.#length = 0;
  }

  /** Resolves when there is room for more, at once if there is. */
  async room(): Promise<void> {
    if (this.#transport.unsentBytes < ROOM_BYTES || this.#transport.isClosed) return;
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The transport has drained, or is gone. */
  release(): void {
    this.#waiting?.();
    this.#waiting = undefined;
  }

  #write(bytes: Uint8Array): void {
    this.#meter.sentBytes += bytes.length;
    this.#transport.write(bytes);
  }
}
