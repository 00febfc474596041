import { ENCODING } from '../../../protocols/rfb/encodings.js';
import type { LayoutScreen } from '../../../protocols/rfb/extended-desktop-size.js';
import { FramebufferUpdateRequest } from '../../../protocols/rfb/framebuffer-update-request.js';
import { BGRX } from '../../../protocols/rfb/pixel-format.js';
import { type ServerMessage, ServerMessages } from '../../../protocols/rfb/server-messages.js';
import { SetDesktopSize } from '../../../protocols/rfb/set-desktop-size.js';
import { SetEncodings } from '../../../protocols/rfb/set-encodings.js';
import { SetPixelFormat } from '../../../protocols/rfb/set-pixel-format.js';
import { encode } from '../../../protocols/wire/codec.js';
import { messageOf, UserError } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';
import type { Logger } from '../../base/log.js';
import { MAX_CURSOR_EDGE } from '../../display/cursor.js';
import type { Display } from '../../display/display.js';
import { fitsFramebuffer } from '../../display/framebuffer.js';
import type { Leds, PointerEvent, ScanCode } from '../../input/events.js';
import { type Address, Connection, isLocal, nameOf } from './connection.js';
import { Keyboard } from './keyboard.js';
import { type LoggedIn, logIn } from './login.js';
import { Painter } from './painter.js';
import { Pointer } from './pointer.js';

const PSEUDO_ENCODINGS: readonly number[] = [
  ENCODING.cursor,
  ENCODING.desktopSize,
  ENCODING.extendedDesktopSize,
  ENCODING.lastRect,
  ENCODING.desktopName,
  ENCODING.qemuExtendedKeyEvent,
  ENCODING.qemuLedState,
  ENCODING.qemuPointerMotionChange,
  ENCODING.extendedMouseButtons,
];

/** Preferred first. Raw pixels cost least where the memory is the network; anywhere else the wire is what is slow. */
function encodingsFor(address: Address): readonly number[] {
  const pixels = isLocal(address) ? [ENCODING.raw] : [ENCODING.zrle, ENCODING.raw];
  return [ENCODING.copyRect, ...pixels, ...PSEUDO_ENCODINGS];
}

/** A read straight into the framebuffer pays above this many bytes. */
const MIN_DIRECT_BYTES = 4096;
/**
 * Longest turn at what a server has sent. A read may hold thousands of resizes or copies of the whole screen, 16 bytes and
 * 20 ms each: viewers do not wait for all of them.
 */
const TURN_MS = 20;
/** What the server can do comes before its first picture; a server that keeps that back is not waited for. */
const FIRST_PICTURE_MS = 1_000;

export interface RfbClientOptions {
  readonly address: Address;
  readonly password?: string;
  readonly log: Logger;
}

/**
 * A client of one RFB server: its screen goes into a display, keys and pointer go to it. One instance is one connection.
 * Nothing that the server sends throws: it becomes `onClose` with a reason.
 */
export class RfbClient {
  readonly onLeds = new Emitter<Leds>();
  /** The connection was lost; never fires for `close`. */
  readonly onClose = new Emitter<string>();
  readonly #options: RfbClientOptions;
  readonly #keyboard = new Keyboard();
  readonly #pointer = new Pointer();
  /** A picture is complete. */
  readonly #onPicture = new Emitter<void>();
  #connection: Connection | undefined;
  #screens: readonly LayoutScreen[] | undefined;
  #lost: string | undefined;
  /** Pixels have come since the screen got its size. */
  #hasPicture = false;

  constructor(options: RfbClientOptions) {
    this.#options = options;
  }

  /** False while QEMU wants movements: its guest has no tablet. */
  get absolutePointer(): boolean {
    return this.#pointer.absolute;
  }
  /** The server takes requests for another screen size. */
  get canResize(): boolean {
    return this.#screens !== undefined;
  }

  /**
   * Connects, logs in and asks for updates. Resolves with the first picture, by which the server has said what it can do.
   * Rejects with a UserError of one line, or with the signal's reason.
   */
  async connect(display: Display, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { address, password } = this.#options;
    const connection = new Connection(address);
    this.#connection = connection;
    await logIn(connection, { server: nameOf(address), password, signal }, (login) => {
      this.#begin(connection, login, display);
    });
    await this.#firstPicture(signal);
    // One read may hold the first picture and, behind it, the end.
    if (this.#connection !== connection) throw new UserError(`${nameOf(address)}: ${this.#lost ?? 'closed'}`);
  }

  key(code: ScanCode, down: boolean): void {
    const message = this.#keyboard.key(code, down);
    if (message !== undefined) this.#connection?.write(message);
  }

  pointer(event: PointerEvent): void {
    for (const message of this.#pointer.pointer(event)) this.#connection?.write(message);
  }

  /** Asks for another screen size, as one screen; says whether the server could be asked. */
  async requestSize(width: number, height: number): Promise<boolean> {
    if (this.#screens === undefined || this.#connection === undefined || !fitsFramebuffer(width, height)) return false;
    const { id, flags } = this.#screens[0] ?? { id: 0, flags: 0 };
    const screens = [{ id, x: 0, y: 0, width, height, flags }];
    this.#connection.write(encode(SetDesktopSize, { width, height, screens }));
    return true;
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close('closed');
    await connection?.gone;
  }

  #begin(connection: Connection, { init, rest }: LoggedIn, display: Display): void {
    const { width, height, name } = init;
    const server = nameOf(this.#options.address);
    if (!fitsFramebuffer(width, height)) {
      throw new UserError(`the screen of ${server} has ${width}x${height} pixels, which is out of bounds`);
    }
    this.#options.log.info({ server, name, width, height }, 'connected to the VNC server');
    display.resize(width, height);
    const painter = new Painter(display);
    const messages = new ServerMessages({ width, height, fits: fitsFramebuffer, maxCursorEdge: MAX_CURSOR_EDGE });
    const run = (facts: Generator<ServerMessage>): void => {
      const endMs = performance.now() + TURN_MS;
      try {
        for (let next = facts.next(); next.done !== true; next = facts.next()) {
          this.#handle(next.value, connection, display, painter);
          if (performance.now() < endMs) continue;
          connection.pause();
          setImmediate(goOn, facts);
          return;
        }
      } catch (error) {
        connection.close(`the server sent what cannot be understood: ${messageOf(error)}`);
      }
    };
    const goOn = (facts: Generator<ServerMessage>): void => {
      if (this.#connection !== connection) return;
      connection.resume();
      run(facts);
    };
    connection.onBytes = (bytes) => run(messages.feed(bytes));
    connection.onPlaced = (count) => run(messages.placed(count));
    connection.target = () => {
      const { direct } = messages;
      if (direct === undefined || direct.total - direct.done < MIN_DIRECT_BYTES) return undefined;
      return painter.memory(direct.rect, direct.done, direct.total);
    };
    connection.onClose = (reason) => {
      // After `close` nobody wants to know.
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      this.#lost = reason;
      this.onClose.emit(reason);
    };
    connection.write(encode(SetPixelFormat, { format: BGRX }));
    connection.write(encode(SetEncodings, { encodings: encodingsFor(this.#options.address) }));
    this.#request(connection, display, false);
    run(messages.feed(rest));
  }

  #handle(fact: ServerMessage, connection: Connection, display: Display, painter: Painter): void {
    switch (fact.type) {
      case 'update-begin':
        // Asked before the pixels are in, so that the server need not wait for a round trip.
        this.#request(connection, display, true);
        break;
      case 'pixels':
        painter.pixels(fact.rect, fact.from, fact.bytes);
        break;
      case 'painted':
        display.damage(fact.rect);
        this.#hasPicture = true;
        break;
      case 'copy':
        display.copy(fact.rect, fact.from.x, fact.from.y);
        break;
      case 'cursor':
        painter.cursor(fact.rect, fact.pixels, fact.mask);
        break;
      case 'size':
        display.resize(fact.width, fact.height);
        this.#hasPicture = false;
        // What a server takes for known of the new screen is not defined: ask for all of it.
        this.#request(connection, display, false);
        break;
      case 'layout':
        this.#screens = fact.screens;
        break;
      case 'leds':
        this.#keyboard.setLeds(fact);
        this.onLeds.emit({ scrollLock: fact.scrollLock, numLock: fact.numLock, capsLock: fact.capsLock });
        break;
      case 'pointer-mode':
        this.#pointer.absolute = fact.absolute;
        break;
      case 'extended-keys':
        this.#keyboard.useScanCodes();
        break;
      case 'extended-buttons':
        this.#pointer.extendedButtons = true;
        break;
      case 'update-end':
        // Servers say what they can do, or a new size, in updates of their own: there is nothing to be seen yet.
        if (!this.#hasPicture) break;
        display.commit();
        this.#onPicture.emit();
        break;
      case 'zrle':
        painter.zrle(fact.rect, fact.bytes);
        display.damage(fact.rect);
        this.#hasPicture = true;
        break;
      case 'name':
        break;
    }
  }

  #request(connection: Connection, display: Display, incremental: boolean): void {
    const { width, height } = display;
    connection.write(encode(FramebufferUpdateRequest, { incremental, x: 0, y: 0, width, height }));
  }

  /** Waits for a picture, for a while. */
  #firstPicture(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        offPicture();
        offClose();
        signal?.removeEventListener('abort', aborted);
      };
      const settled = (): void => {
        settle();
        resolve();
      };
      const failed = (error: unknown): void => {
        settle();
        void this.close();
        reject(error);
      };
      const aborted = (): void => failed(signal?.reason);
      const timer = setTimeout(settled, FIRST_PICTURE_MS);
      const offPicture = this.#onPicture.on(settled);
      const offClose = this.onClose.on((reason) =>
        failed(new UserError(`${nameOf(this.#options.address)}: ${reason}`)),
      );
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }
}
