import type { Clock } from '../../src/base/clock.js';
import { Problem } from '../../src/base/errors.js';
import { OneAtATime } from '../../src/base/one-at-a-time.js';
import type { ScanCode } from '../../src/input/events.js';
import type { Input, InputSource } from '../../src/input/input.js';
import { keysForCodePoint } from '../../src/input/layout-us.js';

const LEFT_SHIFT = 0x2a;
/**
 * From one key's going down or up to the next. A PS/2 keyboard holds 16 bytes, four shifted characters, and guests that
 * poll it do so every 10 ms or so: at this pace none of them loses a key, and none sees one that was never down.
 */
const STEP_MS = 10;
/** Three minutes at this pace. */
const MAX_CHARACTERS = 10_000;

/** Types text as somebody with a US keyboard would, one text after the other. */
export class Typist {
  readonly #input: Input;
  readonly #clock: Clock;
  readonly #end: AbortSignal;
  readonly #turn = new OneAtATime();

  /** @param end nothing is typed any more, and texts that are being typed are rejected */
  constructor(input: Input, clock: Clock, end: AbortSignal) {
    this.#input = input;
    this.#clock = clock;
    this.#end = end;
  }

  /**
   * Resolves when it is typed, to how many characters such a keyboard does not have. Rejects with Problem 'bad-request'
   * for a text that is too long, and with the signal's reason in the middle of the text.
   */
  type(text: string, signal: AbortSignal): Promise<number> {
    const characters = [...text.replace(/\r\n?/g, '\n')];
    if (characters.length > MAX_CHARACTERS) {
      return Promise.reject(new Problem('bad-request', `at most ${MAX_CHARACTERS} characters are typed at once`));
    }
    const either = AbortSignal.any([signal, this.#end]);
    return this.#turn.run(() => this.#typeAll(characters, either));
  }

  async #typeAll(characters: readonly string[], signal: AbortSignal): Promise<number> {
    const source = this.#input.source();
    let untyped = 0;
    try {
      for (const character of characters) {
        if (!(await this.#typeOne(source, character, signal))) untyped++;
      }
    } finally {
      source.close();
    }
    return untyped;
  }

  async #typeOne(source: InputSource, character: string, signal: AbortSignal): Promise<boolean> {
    const chord = keysForCodePoint(character.codePointAt(0)!);
    if (chord === undefined) return false;
    const steps: readonly (readonly [ScanCode, boolean])[] = [
      [chord.code, true],
      [chord.code, false],
    ];
    for (const [code, down] of this.#input.wantsShift(chord)
      ? [[LEFT_SHIFT, true] as const, ...steps, [LEFT_SHIFT, false] as const]
      : steps) {
      signal.throwIfAborted();
      source.key(code, down);
      await this.#wait(signal);
    }
    return true;
  }

  /** Ends early when the signal does. */
  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#clock.after(STEP_MS, done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
