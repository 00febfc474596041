import { DecodeError } from './errors.js';

const NONE = new Uint8Array(0);

/**
 * Inbound bytes of a stream, as they arrived: a queue with a cap.
 * A message that lies in one chunk is a view of it; one that spans chunks is joined once.
 */
export class Chunks {
  readonly #cap: number;
  #head: Uint8Array = NONE;
  readonly #tail: Uint8Array[] = [];
  #length = 0;

  /** @param cap most bytes ever held; the longest message the caller accepts plus one read. */
  constructor(cap: number) {
    this.#cap = cap;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes over `bytes`: the caller must not write to them again. Throws DecodeError 'limit' over the cap. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (this.#length > this.#cap) {
      this.clear();
      throw new DecodeError('limit', 'inbound', `more than ${this.#cap} bytes wait for the end of a message`);
    }
    if (this.#head.length === 0) this.#head = bytes;
    else this.#tail.push(bytes);
  }

  /** The next `count` bytes in one piece without consuming them, or undefined while fewer are there. */
  peek(count: number): Uint8Array | undefined {
    if (count > this.#length) return undefined;
    if (this.#head.length < count) {
      // Join everything: joining only `count` bytes would copy a long message again for every further peek.
      const joined = new Uint8Array(this.#length);
      joined.set(this.#head);
      let at = this.#head.length;
      for (const chunk of this.#tail) {
        joined.set(chunk, at);
        at += chunk.length;
      }
      this.#head = joined;
      this.#tail.length = 0;
    }
    return this.#head.subarray(0, count);
  }

  /** Consumes and returns the next `count` bytes, or undefined while fewer are there. */
  take(count: number): Uint8Array | undefined {
    const bytes = this.peek(count);
    if (bytes === undefined) return undefined;
    this.#drop(count);
    return bytes;
  }

  /** Consumes and returns whatever lies in the first chunk, at most `most` bytes (streaming a long body). */
  takeSome(most: number): Uint8Array {
    const bytes = this.#head.subarray(0, most);
    this.#drop(bytes.length);
    return bytes;
  }

  /** Everything that is left, e.g. to hand it to the next layer. */
  takeAll(): Uint8Array {
    return this.take(this.#length) ?? NONE;
  }

  clear(): void {
    this.#head = NONE;
    this.#tail.length = 0;
    this.#length = 0;
  }

  #drop(count: number): void {
    this.#length -= count;
    this.#head = this.#head.subarray(count);
    if (this.#head.length === 0) this.#head = this.#tail.shift() ?? NONE;
  }
}
