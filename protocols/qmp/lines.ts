import { DecodeError } from '../wire/errors.js';

const LINE_FEED = 0x0a;
/** String.fromCharCode takes its characters as arguments: this many at a time are safe on every stack. */
const SPREAD = 8192;

/** Cuts a stream of bytes into lines, however it was chunked. Each byte is looked at once. */
export class Lines {
  readonly #cap: number;
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** @param cap bytes in the longest line. */
  constructor(cap: number) {
    this.#cap = cap;
  }

  /** The lines that `bytes` complete, without their ends. Throws DecodeError 'limit' for a line over the cap. */
  *push(bytes: Uint8Array): Generator<string> {
    let start = 0;
    while (start < bytes.length) {
      const found = bytes.indexOf(LINE_FEED, start);
      const end = found < 0 ? bytes.length : found;
      this.#length += end - start;
      if (this.#length > this.#cap) {
        this.#take();
        throw new DecodeError('limit', 'line', `longer than ${this.#cap} bytes`);
      }
      // A copy: the rest of a line may wait for long, and the chunk belongs to the caller.
      if (found < 0) this.#pieces.push(bytes.slice(start, end));
      else {
        this.#pieces.push(bytes.subarray(start, end));
        yield this.#take();
      }
      start = end + 1;
    }
  }

  #take(): string {
    let text = '';
    for (const piece of this.#pieces) {
      for (let i = 0; i < piece.length; i += SPREAD) text += String.fromCharCode(...piece.subarray(i, i + SPREAD));
    }
    this.#pieces = [];
    this.#length = 0;
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }
}
