import type { Clock } from '../../src/base/clock.js';
import type { Display } from '../../src/display/display.js';
import type { DisplayView } from '../../src/display/view.js';

const INTERVAL_MS = 1_000;

/**
 * Tells that the picture has changed since it was last looked at, once, and at most once a second. It looks at the
 * display only while there is something to find out: at rest, and once it has told, it costs nothing.
 */
export class ScreenWatch {
  readonly #display: Display;
  readonly #clock: Clock;
  readonly #tell: () => void;
  #view: DisplayView | undefined;
  #cancel: (() => void) | undefined;
  #toldAtMs = -Infinity;

  constructor(display: Display, clock: Clock, tell: () => void) {
    this.#display = display;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Somebody begins to listen, and knows no picture yet. */
  begin(): void {
    if (this.#display.hasFrame) this.#due();
    else this.looked();
  }

  /** Somebody has the picture as it is now: the next change is worth telling. */
  looked(): void {
    if (this.#view !== undefined || this.#cancel !== undefined) return;
    const view = this.#display.view();
    view.take();
    view.onChange = () => {
      if (view.hasPixels) this.#due();
    };
    this.#view = view;
  }

  /** Nobody listens any more. */
  end(): void {
    this.#view?.close();
    this.#view = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #due(): void {
    if (this.#cancel !== undefined) return;
    this.#view?.close();
    this.#view = undefined;
    const waitMs = Math.max(0, this.#toldAtMs + INTERVAL_MS - this.#clock.now());
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#cancel = undefined;
      this.#toldAtMs = this.#clock.now();
      this.#tell();
    });
  }
}
