import { setImmediate } from 'node:timers/promises';
import { ENCODING } from '../../protocols/rfb/encodings.js';
import { RESIZE_STATUS } from '../../protocols/rfb/extended-desktop-size.js';
import { FramebufferUpdate } from '../../protocols/rfb/framebuffer-update.js';
import type { FramebufferUpdateRequest } from '../../protocols/rfb/framebuffer-update-request.js';
import { BGRX, type PixelFormat } from '../../protocols/rfb/pixel-format.js';
import { CopyRectSource } from '../../protocols/rfb/rectangle-bodies.js';
import type { SetDesktopSize } from '../../protocols/rfb/set-desktop-size.js';
import { encode } from '../../protocols/wire/codec.js';
import { clip, isEmpty, type Rect, split } from '../../src/display/rect.js';
import type { CopyRect, DisplayView, ViewUpdate } from '../../src/display/view.js';
import { type PixelLayout, pixelLayout, servedFormat } from '../../src/encode/pixel-format.js';
import { encodeRaw } from '../../src/encode/rfb-raw.js';
import type { Machine } from '../../src/machine/machine.js';
import type { Meter } from '../session/meter.js';
import { UpdateLoop } from '../session/update-loop.js';
import type { Transport } from '../transport/transport.js';
import { type ClientEncodings, clientEncodings, knownEncodings, NO_ENCODINGS } from './client-encodings.js';
import type { ClientState } from './client-state.js';
import { colourMap } from './colour-map.js';
import { cursorRectangle } from './cursor.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { RectEncoder } from './rect-encoder.js';
import { type EncodedRectangle, rectangle } from './rectangle.js';
import { Resize, requestSize } from './resize.js';

/** With more than this unread, the next update waits: it would only get old on the way. */
const MAX_UNSENT_BYTES = 64 << 10;
/** Rectangles are cut to this, so that the client has the first pixels while the last are encoded. */
const BAND_WIDTH = 2048;
const BAND_HEIGHT = 64;
/** Others get their turn after so much encoding. */
const YIELD_AFTER_MS = 5;

/** What becomes of a rectangle that a client was promised and does not get: Raw, which everybody knows. */
const PIXEL: Rect = { x: 0, y: 0, width: 1, height: 1 };

export interface UpdatesOptions {
  readonly machine: Machine;
  readonly transport: Transport;
  readonly meter: Meter;
  readonly onError: (error: unknown) => void;
  /** What another session has left; without it the client has just been told the size in ServerInit, and expects BGRX. */
  readonly state?: ClientState | undefined;
}

/** One client's picture of the screen: what it can take, what it asked for, and the updates that answer. */
export class Updates {
  readonly #machine: Machine;
  readonly #view: DisplayView;
  readonly #loop: UpdateLoop;
  readonly #outbox: Outbox;
  readonly #meter: Meter;
  readonly #encoder: RectEncoder;
  readonly #resize: Resize;
  readonly #notices: Notices;
  readonly #unsubscribe: () => void;
  /** What pixels are encoded in: `#format`, made ready once an update needs it. */
  #layout = pixelLayout(BGRX);
  #format = this.#layout.format;
  #encodings = NO_ENCODINGS;
  #list: readonly number[] = [];
  #requested = false;
  #colourMapDue = false;
  #resizeAsked = false;
  #resizeWanted: SetDesktopSize | undefined;
  #stopped = false;
  /** Rectangles that the client still expects in the update that it is being sent, and their format. */
  #owed = 0;
  #owedLayout = this.#layout;
  #zlibBegun: boolean;
  #cursorTold: boolean;

  constructor({ machine, transport, meter, onError, state }: UpdatesOptions) {
    this.#machine = machine;
    this.#meter = meter;
    this.#outbox = new Outbox(transport, meter);
    this.#resize = new Resize(machine.display, state);
    this.#zlibBegun = state?.zlibBegun ?? false;
    this.#cursorTold = state?.cursorTold ?? false;
    this.#encoder = new RectEncoder(this.#zlibBegun);
    const { input } = machine;
    this.#notices = new Notices({
      name: machine.name,
      get leds() {
        return input.leds;
      },
    });
    this.#view = machine.display.view();
    this.#loop = new UpdateLoop(this.#view, {
      hasCredit: () => this.#requested && transport.unsentBytes < MAX_UNSENT_BYTES,
      hasNotices: () => !this.#notices.isEmpty || this.#resize.hasNotices(this.#encodings),
      paint: (update) => this.#paint(update),
      onError,
    });
    this.#unsubscribe = input.onLeds.on(() => {
      this.#notices.ledsChanged();
      this.#loop.kick();
    });
    if (state !== undefined) this.#goOn(state);
  }

  setPixelFormat(wanted: PixelFormat): void {
    this.#format = servedFormat(wanted);
    this.#colourMapDue = !this.#format.trueColour;
  }

  setEncodings(list: readonly number[]): void {
    const before = this.#encodings.listed;
    this.#list = knownEncodings(list);
    this.#encodings = clientEncodings(list);
    const { listed } = this.#encodings;
    this.#notices.setEncodings(this.#encodings);
    if ([ENCODING.cursor, ENCODING.cursorWithAlpha].some((e) => listed.has(e) !== before.has(e))) {
      this.#view.invalidateCursor();
    }
    this.#loop.kick();
  }

  request(request: FramebufferUpdateRequest): void {
    this.#requested = true;
    if (!request.incremental) {
      this.#resize.requestLayout();
      this.#view.invalidate(request);
    }
    this.#loop.kick();
  }

  /** At most one request is with the engine; of those that come meanwhile the last counts. */
  setDesktopSize(wanted: SetDesktopSize): void {
    this.#resizeWanted = wanted;
    if (!this.#resizeAsked) void this.#askForSize();
  }

  /** The same for a client that may only watch. */
  refuseDesktopSize(): void {
    this.#resize.answer(RESIZE_STATUS.prohibited);
    this.#loop.kick();
  }

  handleDrain(): void {
    this.#outbox.release();
    this.#loop.kick();
  }

  /** Ends where the client's stream is whole, for somebody else to go on; whatever it lacks it gets from them. */
  detach(): Omit<ClientState, 'extendedButtons' | 'down'> {
    const { framebuffer } = this.#machine.display;
    while (this.#owed > 0) {
      const body = encodeRaw(framebuffer, PIXEL, this.#owedLayout);
      this.#put(rectangle({ ...PIXEL, encoding: ENCODING.raw }, body));
    }
    this.#outbox.flush();
    this.close();
    return {
      ...this.#resize.known,
      format: this.#format,
      encodings: this.#list,
      zlibBegun: this.#zlibBegun,
      requested: this.#requested,
      cursorTold: this.#cursorTold,
    };
  }

  close(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#loop.stop();
    this.#encoder.close();
    this.#outbox.release();
  }

  /** The view is new, so that everything is sent anew; here is what the client expects beyond that. */
  #goOn(state: ClientState): void {
    this.setPixelFormat(state.format);
    this.#requested = state.requested;
    this.#resize.requestLayout();
    this.setEncodings(state.encodings);
  }

  async #askForSize(): Promise<void> {
    this.#resizeAsked = true;
    while (this.#resizeWanted !== undefined && !this.#stopped) {
      const wanted = this.#resizeWanted;
      this.#resizeWanted = undefined;
      this.#resize.answer(await requestSize(this.#machine, wanted));
      this.#loop.kick();
    }
    this.#resizeAsked = false;
  }

  async #paint(update: ViewUpdate): Promise<void> {
    // A change of format or encodings that arrives meanwhile is for the next update.
    if (this.#layout.format !== this.#format) this.#layout = pixelLayout(this.#format);
    const layout = this.#layout;
    const encodings = this.#encodings;
    this.#requested = false;
    this.#owedLayout = layout;
    if (this.#colourMapDue) {
      this.#colourMapDue = false;
      this.#outbox.put(colourMap(layout.format));
    }
    const resize = this.#resize.take(encodings);
    if (resize !== undefined) {
      this.#giveBack(update);
      this.#send([resize], 1);
      this.#outbox.flush();
      return;
    }

    const small = this.#notices.take();
    const cursor = this.#cursorOf(update, encodings, layout);
    if (cursor !== undefined) small.push(cursor);
    const { copies, rects } = this.#visible(update);
    for (const { to, fromX, fromY } of copies) {
      small.push(rectangle({ ...to, encoding: ENCODING.copyRect }, encode(CopyRectSource, { x: fromX, y: fromY })));
    }
    const bands = rects.flatMap((rect) => [...split(rect, BAND_WIDTH, BAND_HEIGHT)]);
    if (small.length + bands.length === 0) {
      this.#requested = true;
      this.#outbox.flush();
      return;
    }
    this.#send(small, small.length + bands.length);
    let startMs = performance.now();
    for (const band of bands) {
      const encoded = await this.#encode(encodings, band, layout);
      // It may have ended while this waited, and then has given the client all that it was owed.
      if (this.#stopped) return;
      this.#put(encoded);
      this.#zlibBegun ||= encodings.pixels === ENCODING.zrle;
      await this.#outbox.room();
      if (this.#stopped) return;
      if (performance.now() - startMs > YIELD_AFTER_MS) {
        this.#outbox.flush();
        await setImmediate();
        if (this.#stopped) return;
        startMs = performance.now();
      }
    }
    this.#outbox.flush();
  }

  async #encode({ pixels }: ClientEncodings, band: Rect, layout: PixelLayout): Promise<EncodedRectangle> {
    const startMs = performance.now();
    const encoded = await this.#encoder.encode(pixels, this.#machine.display.framebuffer, band, layout);
    this.#meter.encodeMs += performance.now() - startMs;
    return encoded;
  }

  /** A client that has a shape from before must not keep it where nothing is known of the pointer: it has none then. */
  #cursorOf({ cursor }: ViewUpdate, encodings: ClientEncodings, layout: PixelLayout): EncodedRectangle | undefined {
    if (cursor === undefined) return undefined;
    const shape = cursor === 'unknown' && this.#cursorTold ? 'hidden' : cursor;
    const told = cursorRectangle(shape, encodings, layout);
    if (told !== undefined) this.#cursorTold = shape !== 'hidden';
    return told;
  }

  /** The parts of an update that lie in what the client has of the screen, by means that it knows. */
  #visible(update: ViewUpdate): { copies: CopyRect[]; rects: Rect[] } {
    const { width, height } = this.#resize.known;
    const copies: CopyRect[] = [];
    const rects: Rect[] = [];
    for (const copy of update.copies) {
      const { to, fromX, fromY } = copy;
      const isInside = Math.max(to.x, fromX) + to.width <= width && Math.max(to.y, fromY) + to.height <= height;
      if (isInside && this.#encodings.listed.has(ENCODING.copyRect)) copies.push(copy);
      else rects.push(to);
    }
    // A client that cannot follow a change of size has to see its whole area anew: parts of it may be outside now.
    if (update.size === undefined) rects.push(...update.rects);
    else rects.push({ x: 0, y: 0, width, height });
    return { copies, rects: rects.map((rect) => clip(rect, width, height)).filter((rect) => !isEmpty(rect)) };
  }

  /** What was taken from the view, but could not go out together with a change of size. */
  #giveBack(update: ViewUpdate): void {
    for (const rect of update.rects) this.#view.invalidate(rect);
    for (const { to } of update.copies) this.#view.invalidate(to);
    if (update.cursor !== undefined) this.#view.invalidateCursor();
  }

  #send(rectangles: readonly EncodedRectangle[], count: number): void {
    this.#owed = count;
    this.#meter.updates++;
    this.#outbox.put(encode(FramebufferUpdate, { rectangles: count }));
    for (const one of rectangles) this.#put(one);
  }

  #put({ header, body }: EncodedRectangle): void {
    this.#owed--;
    this.#outbox.put(header);
    if (body.length > 0) this.#outbox.put(body);
  }
}
