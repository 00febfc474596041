import { Chunks } from '../wire/chunks.js';
import { decode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import { cursorBodySize, splitCursorBody } from './cursor.js';
import { ServerCutText } from './cut-text.js';
import { ENCODING } from './encodings.js';
import { ExtendedDesktopSize, type LayoutScreen, RESIZE_STATUS, SCREEN_BYTES } from './extended-desktop-size.js';
import { FramebufferUpdate, Rectangle, UNTIL_LAST_RECT } from './framebuffer-update.js';
import { SERVER_MESSAGE } from './message-types.js';
import { CopyRectSource, DesktopName, QemuLedState } from './rectangle-bodies.js';
import { SetColourMapEntries } from './set-colour-map-entries.js';

/** What a server says after the handshake, cut into what a client has to do. */
export type ServerMessage =
  | { readonly type: 'update-begin' }
  /** Raw pixels: bytes of `rect`, row by row, from byte `from` on. Valid until the next is taken. */
  | { readonly type: 'pixels'; readonly rect: Rectangle; readonly from: number; readonly bytes: Uint8Array }
  /** All pixels of `rect` have been handed over. */
  | { readonly type: 'painted'; readonly rect: Rectangle }
  | { readonly type: 'copy'; readonly rect: Rectangle; readonly from: CopyRectSource }
  /** The rectangle's part of the connection's zlib stream. */
  | { readonly type: 'zrle'; readonly rect: Rectangle; readonly bytes: Uint8Array }
  /** `rect` has the hot spot and the size. */
  | { readonly type: 'cursor'; readonly rect: Rectangle; readonly pixels: Uint8Array; readonly mask: Uint8Array }
  | { readonly type: 'size'; readonly width: number; readonly height: number }
  /** The server's screens, the result of a request, or the announcement that requests are taken. */
  | {
      readonly type: 'layout';
      readonly reason: number;
      readonly status: number;
      readonly screens: readonly LayoutScreen[];
    }
  | ({ readonly type: 'name' } & DesktopName)
  | ({ readonly type: 'leds' } & QemuLedState)
  | { readonly type: 'pointer-mode'; readonly absolute: boolean }
  | { readonly type: 'extended-keys' }
  | { readonly type: 'extended-buttons' }
  | { readonly type: 'update-end' };

export interface ServerMessagesOptions {
  readonly width: number;
  readonly height: number;
  /** Whether a screen may have this size: a server that asks for more is not obeyed. */
  readonly fits: (width: number, height: number) => boolean;
  /** Larger cursors are skipped. */
  readonly maxCursorEdge: number;
}

/** What follows a head: read where it lies, gathered, or dropped. */
type Body =
  | { readonly kind: 'raw'; readonly rect: Rectangle; readonly total: number; done: number }
  | { readonly kind: 'gather'; readonly into: Uint8Array; done: number; readonly then: (bytes: Uint8Array) => Out }
  | { readonly kind: 'skip'; left: number };
type Out = readonly ServerMessage[];

const BYTES_PER_PIXEL = 4;
/** Heads only wait in the queue; bodies leave it as they come. */
const PIECE_BYTES = 64 << 10;
const MAX_NAME_BYTES = 4096;

/**
 * Cuts a server's stream into messages, for a client with 32 bits a pixel. Raw pixels are never held: they come out as they
 * come in, or go from the socket straight to their place (`direct`). Clipboard text and colour maps are skipped.
 * Throws DecodeError for what cannot be understood: there is no way to skip an unknown rectangle.
 */
export class ServerMessages {
  readonly #inbound = new Chunks(2 * PIECE_BYTES);
  readonly #options: ServerMessagesOptions;
  #width: number;
  #height: number;
  #body: Body | undefined;
  /** Rectangles of the current update that have not begun; undefined between updates. */
  #rectanglesLeft: number | undefined;

  constructor(options: ServerMessagesOptions) {
    this.#options = options;
    this.#width = options.width;
    this.#height = options.height;
  }

  /** The pixels that come next, where a caller may read them to their place by itself and report `placed`. */
  get direct(): { readonly rect: Rectangle; readonly done: number; readonly total: number } | undefined {
    return this.#body?.kind === 'raw' && this.#inbound.length === 0 ? this.#body : undefined;
  }

  /** The next `count` bytes of `direct` are where they belong. Yields what that completes. */
  *placed(count: number): Generator<ServerMessage> {
    const body = this.#body;
    if (body?.kind !== 'raw' || count > body.total - body.done) throw new Error('no such pixels are due');
    body.done += count;
    yield* this.#run();
  }

  /**
   * Yields what `bytes` complete; must be run to its end before the next call.
   * The caller may reuse the memory of `bytes` afterwards.
   */
  *feed(bytes: Uint8Array): Generator<ServerMessage> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#inbound.push(bytes.subarray(at, at + PIECE_BYTES));
      yield* this.#run();
      // What is left is the beginning of a head.
      this.#inbound.push(this.#inbound.takeAll().slice());
    }
  }

  *#run(): Generator<ServerMessage> {
    for (;;) {
      if (this.#body !== undefined) {
        yield* this.#runBody(this.#body);
        if (this.#body !== undefined) return;
      } else if (this.#rectanglesLeft === 0) {
        this.#rectanglesLeft = undefined;
        yield { type: 'update-end' };
      } else {
        const out = this.#rectanglesLeft === undefined ? this.#readMessage() : this.#readRectangle();
        if (out === undefined) return;
        yield* out;
      }
    }
  }

  /** Leaves `#body` undefined when the body is complete. */
  *#runBody(body: Body): Generator<ServerMessage> {
    if (body.kind === 'raw') {
      while (body.done < body.total && this.#inbound.length > 0) {
        const bytes = this.#inbound.takeSome(body.total - body.done);
        const from = body.done;
        body.done += bytes.length;
        yield { type: 'pixels', rect: body.rect, from, bytes };
      }
      if (body.done < body.total) return;
      this.#body = undefined;
      yield { type: 'painted', rect: body.rect };
    } else if (body.kind === 'gather') {
      while (body.done < body.into.length && this.#inbound.length > 0) {
        const bytes = this.#inbound.takeSome(body.into.length - body.done);
        body.into.set(bytes, body.done);
        body.done += bytes.length;
      }
      if (body.done < body.into.length) return;
      this.#body = undefined;
      yield* body.then(body.into);
    } else {
      while (body.left > 0 && this.#inbound.length > 0) body.left -= this.#inbound.takeSome(body.left).length;
      if (body.left === 0) this.#body = undefined;
    }
  }

  /** Reads the head of a message; undefined while it is not there. */
  #readMessage(): Out | undefined {
    const type = this.#inbound.peek(1)?.[0];
    switch (type) {
      case undefined:
        return undefined;
      case SERVER_MESSAGE.framebufferUpdate: {
        const head = this.#inbound.take(FramebufferUpdate.fixedSize);
        if (head === undefined) return undefined;
        this.#rectanglesLeft = decode(FramebufferUpdate, head).rectangles;
        return [{ type: 'update-begin' }];
      }
      case SERVER_MESSAGE.setColourMapEntries: {
        const head = this.#inbound.take(SetColourMapEntries.fixedSize);
        return head && this.#skip(viewOf(head).getUint16(4) * 6);
      }
      case SERVER_MESSAGE.bell:
        this.#inbound.take(1);
        return [];
      case SERVER_MESSAGE.serverCutText: {
        const head = this.#inbound.take(ServerCutText.fixedSize);
        // A negative length is the extended clipboard's: as many bytes of its own.
        return head && this.#skip(Math.abs(viewOf(head).getInt32(4)));
      }
      default:
        throw new DecodeError('unsupported', 'message-type', `${type} is not known`);
    }
  }

  /** Reads the head of a rectangle, and of its body where that has one. */
  #readRectangle(): Out | undefined {
    const head = this.#inbound.peek(Rectangle.fixedSize);
    if (head === undefined) return undefined;
    const rect = decode(Rectangle, head);
    const extra = this.#extraHead(rect.encoding);
    if (this.#inbound.length < Rectangle.fixedSize + extra) return undefined;
    this.#inbound.take(Rectangle.fixedSize);
    const bodyHead = this.#inbound.take(extra)!;
    if (this.#rectanglesLeft !== UNTIL_LAST_RECT) this.#rectanglesLeft!--;
    return this.#handleRectangle(rect, bodyHead);
  }

  /** Bytes after the rectangle's head that say how long the rest is, or are all of it. */
  #extraHead(encoding: number): number {
    switch (encoding) {
      case ENCODING.copyRect:
        return CopyRectSource.fixedSize;
      case ENCODING.zrle:
        return 4; /* length */
      case ENCODING.extendedDesktopSize:
        return ExtendedDesktopSize.fixedSize;
      case ENCODING.desktopName:
        return DesktopName.fixedSize;
      case ENCODING.qemuLedState:
        return QemuLedState.fixedSize;
      default:
        return 0;
    }
  }

  #handleRectangle(rect: Rectangle, head: Uint8Array): Out {
    const { width, height } = rect;
    switch (rect.encoding) {
      case ENCODING.raw:
        this.#requireInside(rect);
        this.#body = { kind: 'raw', rect, done: 0, total: width * height * BYTES_PER_PIXEL };
        return [];
      case ENCODING.copyRect: {
        const from = decode(CopyRectSource, head);
        this.#requireInside(rect);
        this.#requireInside({ ...rect, ...from });
        return [{ type: 'copy', rect, from }];
      }
      case ENCODING.zrle: {
        this.#requireInside(rect);
        // No tile is longer than raw pixels and its type byte; deflate adds next to nothing to what it cannot compress.
        const most = width * height * (BYTES_PER_PIXEL + 1) + 4096;
        return this.#gather(viewOf(head).getUint32(0), most, 'zrle', (bytes) => [{ type: 'zrle', rect, bytes }]);
      }
      case ENCODING.cursor: {
        const size = cursorBodySize(width, height, BYTES_PER_PIXEL);
        if (Math.max(width, height) > this.#options.maxCursorEdge) return this.#skip(size);
        return this.#gather(size, size, 'cursor', (bytes) => {
          const { pixels, mask } = splitCursorBody(bytes, width, height, BYTES_PER_PIXEL);
          return [{ type: 'cursor', rect, pixels, mask }];
        });
      }
      case ENCODING.desktopSize:
        return this.#resize(width, height);
      case ENCODING.extendedDesktopSize: {
        const size = head[0]! * SCREEN_BYTES;
        return this.#gather(size, size, 'screens', (bytes) => {
          const { screens } = decode(ExtendedDesktopSize, Uint8Array.from([...head, ...bytes]));
          // x and y are the reason and the status; a refused request leaves the size as it is.
          const out: Out = rect.y === RESIZE_STATUS.done ? this.#resize(width, height) : [];
          return [...out, { type: 'layout', reason: rect.x, status: rect.y, screens }];
        });
      }
      case ENCODING.desktopName:
        return this.#gather(viewOf(head).getUint32(0), MAX_NAME_BYTES, 'name-length', (bytes) => [
          { type: 'name', ...decode(DesktopName, Uint8Array.from([...head, ...bytes])) },
        ]);
      case ENCODING.qemuLedState:
        return [{ type: 'leds', ...decode(QemuLedState, head) }];
      case ENCODING.qemuPointerMotionChange:
        return [{ type: 'pointer-mode', absolute: rect.x !== 0 }];
      case ENCODING.qemuExtendedKeyEvent:
        return [{ type: 'extended-keys' }];
      case ENCODING.extendedMouseButtons:
        return [{ type: 'extended-buttons' }];
      case ENCODING.lastRect:
        this.#rectanglesLeft = 0;
        return [];
      default:
        throw new DecodeError('unsupported', 'encoding-type', `${rect.encoding} was not asked for`);
    }
  }

  #resize(width: number, height: number): Out {
    if (width === this.#width && height === this.#height) return [];
    if (!this.#options.fits(width, height)) {
      throw new DecodeError('limit', 'framebuffer-size', `a screen of ${width}x${height} is out of bounds`);
    }
    this.#width = width;
    this.#height = height;
    return [{ type: 'size', width, height }];
  }

  #gather(size: number, most: number, field: string, then: (bytes: Uint8Array) => Out): Out {
    if (size > most) throw new DecodeError('limit', field, `${size} bytes where ${most} are the most`);
    this.#body = { kind: 'gather', into: new Uint8Array(size), done: 0, then };
    return [];
  }

  #skip(left: number): Out {
    this.#body = { kind: 'skip', left };
    return [];
  }

  #requireInside(r: { x: number; y: number; width: number; height: number }): void {
    if (r.x + r.width <= this.#width && r.y + r.height <= this.#height) return;
    throw new DecodeError('invalid', 'rectangle', `reaches outside a screen of ${this.#width}x${this.#height}`);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
