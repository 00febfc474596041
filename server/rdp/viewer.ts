import type { ClientSettings } from '../../protocols/rdp/client-settings.js';
import { FastPathInputPdu } from '../../protocols/rdp/fast-path/fast-path-input-pdu.js';
import { FrameAcknowledge } from '../../protocols/rdp/graphics/frame-acknowledge.js';
import type { Rectangle16 } from '../../protocols/rdp/graphics/rectangle16.js';
import { RefreshRect } from '../../protocols/rdp/graphics/refresh-rect.js';
import { SuppressOutput } from '../../protocols/rdp/graphics/suppress-output.js';
import { InputPduData } from '../../protocols/rdp/input/input-pdu-data.js';
import { PDU_TYPE2 } from '../../protocols/rdp/share/share-data.js';
import { decode } from '../../protocols/wire/codec.js';
import type { Clock } from '../../src/base/clock.js';
import type { Pixels } from '../../src/display/framebuffer.js';
import { clip, isEmpty, type Rect } from '../../src/display/rect.js';
import type { DisplayView, ViewUpdate } from '../../src/display/view.js';
import type { InputSource } from '../../src/input/input.js';
import type { Machine } from '../../src/machine/machine.js';
import type { Meter } from '../session/meter.js';
import { UpdateLoop, type UpdateSink } from '../session/update-loop.js';
import type { Transport } from '../transport/transport.js';
import type { Connection } from './connect.js';
import { FrameCredit } from './frame-credit.js';
import type { ViewerState } from './handover.js';
import { ClientInput } from './input.js';
import { Output } from './update.js';

/** mstsc suppresses output while it connects, before its window is ready: that is not yet meant. */
const STEADY_MS = 1_000;

export interface ViewerOptions {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly connection: Connection;
  readonly meter: Meter;
  readonly settings: ClientSettings;
  /** What another session's viewer has left. */
  readonly before: ViewerState;
  readonly isMuted: boolean;
  /** The person asks for the picker; undefined where there is none. */
  readonly onMenu: (() => void) | undefined;
  readonly onError: (error: unknown) => void;
}

/** A client that watches and acts: the machine's screen out, keys and pointer in. Made at the first activation. */
export class Viewer implements UpdateSink {
  readonly #machine: Machine;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #meter: Meter;
  readonly #fail: (error: unknown) => void;
  readonly #view: DisplayView;
  readonly #loop: UpdateLoop;
  readonly #source: InputSource;
  readonly #input: ClientInput;
  readonly #credit: FrameCredit;
  readonly #activeSinceMs: number;
  #settings: ClientSettings;
  #output: Output;
  #suppressed: boolean;
  #hasPainted = false;

  constructor(options: ViewerOptions) {
    const { machine, clock, connection, settings } = options;
    this.#machine = machine;
    this.#clock = clock;
    this.#connection = connection;
    this.#meter = options.meter;
    this.#fail = options.onError;
    this.#activeSinceMs = clock.now();
    this.#settings = settings;
    this.#output = this.#newOutput();
    this.#credit = new FrameCredit(options.transport);
    this.#source = machine.input.source(options.before.down);
    this.#source.setMuted(options.isMuted);
    this.#input = new ClientInput(this.#source, machine.display, options.onMenu);
    const { isSuppressed = false, toggles } = options.before;
    this.#suppressed = isSuppressed;
    if (toggles !== undefined) this.#input.setToggles(toggles);
    this.#view = machine.display.view();
    this.#loop = new UpdateLoop(this.#view, this);
    this.#loop.kick();
  }

  /** What the next one has to know. */
  get state(): ViewerState {
    const { toggles } = this.#input;
    return { isSuppressed: this.#suppressed, down: this.#source.down, ...(toggles !== undefined && { toggles }) };
  }

  /** Whether the person only watches. */
  setMuted(muted: boolean): void {
    this.#source.setMuted(muted);
    if (!muted && this.#input.toggles !== undefined) this.#input.setToggles(this.#input.toggles);
  }

  /** The share is active again, with a desktop of another size and empty caches. */
  reactivated(settings: ClientSettings): void {
    this.#settings = settings;
    this.#output = this.#newOutput();
    this.#credit.reset();
    this.#view.invalidateCursor();
    this.#view.invalidate();
  }

  /** The transport has sent everything: there may be credit. */
  drained(): void {
    this.#loop.kick();
  }

  handleFastPath(bytes: Uint8Array): void {
    this.#input.handle(decode(FastPathInputPdu, bytes).events);
  }

  handleData(pduType2: number, body: Uint8Array): void {
    switch (pduType2) {
      case PDU_TYPE2.input:
        this.#input.handle(decode(InputPduData, body).events);
        break;
      case PDU_TYPE2.suppressOutput:
        this.#suppress(decode(SuppressOutput, body).desktop === undefined);
        break;
      case PDU_TYPE2.refreshRect:
        for (const area of decode(RefreshRect, body).areas) this.#refresh(area);
        break;
      case PDU_TYPE2.frameAcknowledge:
        this.#acknowledged(decode(FrameAcknowledge, body).frameId);
        this.#loop.kick();
        break;
    }
  }

  close(): void {
    this.#loop.stop();
    this.#output.close();
    this.#source.close();
  }

  hasCredit(): boolean {
    return this.#connection.isActive && !this.#isSuppressed() && this.#credit.allows(this.#output);
  }

  async paint(update: ViewUpdate): Promise<void> {
    const { size } = update;
    const { desktopWidth, desktopHeight, capabilities } = this.#settings;
    const isOther = size !== undefined && (size.width !== desktopWidth || size.height !== desktopHeight);
    if (isOther && capabilities.desktopResize) {
      // Nothing of this update is lost: all of it is asked for again when the client is back.
      this.#output.close();
      this.#connection.reactivate(size.width, size.height);
      return;
    }
    // A client that cannot follow keeps its desktop: of a larger screen it sees the corner, a smaller one on black.
    if (isOther) await this.#output.paint(wholeOf(desktopWidth, desktopHeight), black(desktopWidth, desktopHeight));
    const { framebuffer } = this.#machine.display;
    const fits = framebuffer.width <= desktopWidth && framebuffer.height <= desktopHeight;
    const output = this.#output;
    await output.paint(fits ? update : cropped(update, desktopWidth, desktopHeight), framebuffer);
    this.#hasPainted = true;
    this.#meter.updates++;
    this.#meter.encodeMs += output.takeEncodeMs();
    if (output === this.#output) this.#credit.sent(output.frameId, this.#clock.now());
  }

  onError(error: unknown): void {
    this.#fail(error);
  }

  #newOutput(): Output {
    return new Output(
      this.#settings,
      (bytes) => this.#connection.send(bytes),
      (pduType2, data) => this.#connection.sendShareData(pduType2, data),
    );
  }

  #acknowledged(frameId: number): void {
    this.#credit.acknowledged(frameId, this.#clock.now());
    const { rttMs } = this.#credit;
    if (rttMs !== undefined) this.#meter.rttMs = rttMs;
  }

  #isSuppressed(): boolean {
    return this.#suppressed && this.#hasPainted && this.#clock.now() - this.#activeSinceMs >= STEADY_MS;
  }

  #suppress(suppressed: boolean): void {
    const returns = this.#suppressed && !suppressed;
    this.#suppressed = suppressed;
    if (!returns) return;
    // What it showed before may be gone from its window, and a client that hides forgets to acknowledge.
    this.#credit.reset();
    this.#view.invalidate();
  }

  #refresh({ left, top, right, bottom }: Rectangle16): void {
    const { width, height } = this.#machine.display;
    const area = clip({ x: left, y: top, width: right - left + 1, height: bottom - top + 1 }, width, height);
    if (!isEmpty(area)) this.#view.invalidate(area);
  }
}

/** The part of an update within a desktop that is smaller than the screen; moves become pixels. */
function cropped(update: ViewUpdate, width: number, height: number): ViewUpdate {
  const rects = [...update.rects, ...update.copies.map((copy) => copy.to)]
    .map((rect) => clip(rect, width, height))
    .filter((rect) => !isEmpty(rect));
  return { ...update, copies: [], rects };
}

function wholeOf(width: number, height: number): ViewUpdate {
  const all: Rect = { x: 0, y: 0, width, height };
  return { size: undefined, cursor: undefined, copies: [], rects: [all] };
}

function black(width: number, height: number): Pixels {
  const words = new Uint32Array(width * height);
  return { width, height, words, bytes: new Uint8Array(words.buffer) };
}
