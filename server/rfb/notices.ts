import { ENCODING } from '../../protocols/rfb/encodings.js';
import { DesktopName, QemuLedState } from '../../protocols/rfb/rectangle-bodies.js';
import type { Leds } from '../../src/input/events.js';
import type { ClientEncodings } from './client-encodings.js';
import { type EncodedRectangle, notice } from './rectangle.js';

/** Extensions of the client's own messages, which it may use once an empty rectangle has told it so. */
const ACKNOWLEDGED = [ENCODING.qemuExtendedKeyEvent, ENCODING.extendedMouseButtons] as const;

/** Where the contents of notices come from. */
export interface NoticeSource {
  readonly name: string;
  readonly leds: Leds | undefined;
}

/** Small facts that go out with the next update, each only to clients that listed it. */
export class Notices {
  readonly #source: NoticeSource;
  #listed: ReadonlySet<number> = new Set();
  readonly #due = new Set<number>();
  readonly #told = new Set<number>();

  constructor(source: NoticeSource) {
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#due.size === 0;
  }

  setEncodings({ listed }: ClientEncodings): void {
    this.#listed = listed;
    for (const encoding of [...ACKNOWLEDGED, ENCODING.desktopName]) {
      if (listed.has(encoding) && !this.#told.has(encoding)) this.#due.add(encoding);
    }
    if (!this.#told.has(ENCODING.qemuLedState)) this.ledsChanged();
  }

  ledsChanged(): void {
    if (this.#source.leds !== undefined && this.#listed.has(ENCODING.qemuLedState))
      this.#due.add(ENCODING.qemuLedState);
  }

  take(): EncodedRectangle[] {
    const rectangles: EncodedRectangle[] = [];
    for (const encoding of this.#due) {
      this.#told.add(encoding);
      rectangles.push(this.#encode(encoding));
    }
    this.#due.clear();
    return rectangles;
  }

  #encode(encoding: number): EncodedRectangle {
    const { name, leds } = this.#source;
    if (encoding === ENCODING.desktopName) return notice(encoding, DesktopName, { name });
    if (encoding === ENCODING.qemuLedState && leds !== undefined) return notice(encoding, QemuLedState, leds);
    return notice(encoding);
  }
}
