import { SHARED } from './worker-messages.js';

/** Held back at most, here and on the way to a parent that is busy; beyond it the guest's output is lost. */
const MAX_WAITING_BYTES = 64 << 10;
const MAX_IN_FLIGHT_BYTES = 1 << 20;

/** The guest's COM1, in portions. */
export class SerialOutput {
  readonly #shared: Int32Array;
  readonly #send: (text: string) => void;
  readonly #bytes = new Uint8Array(MAX_WAITING_BYTES);
  readonly #decoder = new TextDecoder();
  #length = 0;

  constructor(shared: Int32Array, send: (text: string) => void) {
    this.#shared = shared;
    this.#send = send;
  }

  add(byte: number): void {
    if (this.#length < MAX_WAITING_BYTES) this.#bytes[this.#length++] = byte;
  }

  flush(): void {
    if (this.#length === 0 || Atomics.load(this.#shared, SHARED.serialInFlight) > MAX_IN_FLIGHT_BYTES) return;
    const text = this.#decoder.decode(this.#bytes.subarray(0, this.#length), { stream: true });
    this.#length = 0;
    if (text.length === 0) return;
    Atomics.add(this.#shared, SHARED.serialInFlight, text.length);
    this.#send(text);
  }
}
