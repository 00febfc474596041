import { ENCODING } from '../../protocols/rfb/encodings.js';
import { ExtendedDesktopSize, RESIZE_REASON, RESIZE_STATUS } from '../../protocols/rfb/extended-desktop-size.js';
import type { SetDesktopSize } from '../../protocols/rfb/set-desktop-size.js';
import { encode } from '../../protocols/wire/codec.js';
import { fitsFramebuffer } from '../../src/display/framebuffer.js';
import type { Machine } from '../../src/machine/machine.js';
import type { ClientEncodings } from './client-encodings.js';
import { type EncodedRectangle, rectangle } from './rectangle.js';

/** Any number but 0: libvncclient before 0.9.15 (Remmina, bVNC) takes a screen 0 for none and keeps its old size. */
const SCREEN_ID = 1;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What one client believes of the screen's size, and what it is owed about it. */
export class Resize {
  readonly #screen: Size;
  #known: Size;
  #layoutDue = false;
  /** What became of the client's own request. */
  #answer: number | undefined;

  /**
   * @param screen the machine's, live
   * @param known as the client has it: ServerInit has told it just now, or somebody else has before
   */
  constructor(screen: Size, known: Size = screen) {
    this.#screen = screen;
    this.#known = { width: known.width, height: known.height };
  }

  /** The framebuffer as the client has it; may differ from the screen, for good where the client cannot resize. */
  get known(): Size {
    return this.#known;
  }

  hasNotices(encodings: ClientEncodings): boolean {
    return encodings.listed.has(ENCODING.extendedDesktopSize) && (this.#layoutDue || this.#answer !== undefined);
  }

  /** A non-incremental request is how a client asks for the layout. */
  requestLayout(): void {
    this.#layoutDue = true;
  }

  answer(status: number): void {
    this.#answer = status;
  }

  /**
   * The rectangle that is due about the size. It has to be an update of its own: none of the two may come together
   * with pixels.
   */
  take(encodings: ClientEncodings): EncodedRectangle | undefined {
    const { width, height } = this.#screen;
    const isNew = width !== this.#known.width || height !== this.#known.height;
    if (encodings.listed.has(ENCODING.extendedDesktopSize)) {
      if (!isNew && !this.#layoutDue && this.#answer === undefined) return undefined;
      // A refusal says that nothing has changed, so that a size that has goes out before it.
      const status = isNew && this.#answer !== RESIZE_STATUS.done ? undefined : this.#answer;
      if (status === this.#answer) this.#answer = undefined;
      this.#known = { width, height };
      this.#layoutDue = false;
      const reason = status === undefined ? RESIZE_REASON.server : RESIZE_REASON.thisClient;
      return rectangle(
        { x: reason, y: status ?? RESIZE_STATUS.done, width, height, encoding: ENCODING.extendedDesktopSize },
        encode(ExtendedDesktopSize, { screens: [{ id: SCREEN_ID, x: 0, y: 0, width, height, flags: 0 }] }),
      );
    }
    if (!isNew || !encodings.listed.has(ENCODING.desktopSize)) return undefined;
    this.#known = { width, height };
    return rectangle({ x: 0, y: 0, width, height, encoding: ENCODING.desktopSize });
  }
}

/** Passes a client's wish on to the guest, which may follow later or never; returns what to answer. */
export async function requestSize(machine: Machine, wanted: SetDesktopSize): Promise<number> {
  const { width, height, screens } = wanted;
  // Guests have one screen: of several the first counts, as QEMU has it too.
  const first = screens[0];
  if (first === undefined || !fitsFramebuffer(width, height) || !fitsFramebuffer(first.width, first.height)) {
    return RESIZE_STATUS.invalidLayout;
  }
  const isDone = (): boolean => machine.display.width === first.width && machine.display.height === first.height;
  if (isDone()) return RESIZE_STATUS.done;
  if (!(await machine.requestSize(first.width, first.height))) return RESIZE_STATUS.prohibited;
  return isDone() ? RESIZE_STATUS.done : RESIZE_STATUS.forwarded;
}
