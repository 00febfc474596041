import { LIMITS } from '../limits.js';

/** What has been given to the operating system for one peer and was not taken yet. */
export class Unsent {
  #bytes = 0;
  #pieces = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** More than is kept for a peer. A piece that waits costs memory of its own: many short ones are no way around it. */
  get isTooMuch(): boolean {
    return this.#bytes + this.#pieces * LIMITS.unsentPieceBytes > LIMITS.maxUnsentBytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#pieces++;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    this.#pieces--;
  }
}
