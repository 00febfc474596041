import { Chunks } from '../wire/chunks.js';
import { decode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import { EnableContinuousUpdates } from './continuous-updates.js';
import { ClientCutText } from './cut-text.js';
import { ENCODING } from './encodings.js';
import { SCREEN_BYTES } from './extended-desktop-size.js';
import { Fence } from './fence.js';
import { FramebufferUpdateRequest } from './framebuffer-update-request.js';
import { KeyEvent, QemuExtendedKeyEvent } from './key-event.js';
import { CLIENT_MESSAGE, QEMU_CLIENT_SUBMESSAGE } from './message-types.js';
import { EXTENDED_BUTTONS, ExtendedPointerEvent, PointerEvent } from './pointer-event.js';
import { SetDesktopSize } from './set-desktop-size.js';
import { SetEncodings } from './set-encodings.js';
import { SetPixelFormat } from './set-pixel-format.js';

/** What a client says after the handshake. */
export type ClientMessage =
  | ({ readonly type: 'set-pixel-format' } & SetPixelFormat)
  | ({ readonly type: 'set-encodings' } & SetEncodings)
  | ({ readonly type: 'framebuffer-update-request' } & FramebufferUpdateRequest)
  | ({ readonly type: 'key' } & KeyEvent)
  | ({ readonly type: 'qemu-key' } & QemuExtendedKeyEvent)
  /** Both forms of a pointer event; bits of POINTER_BUTTON. */
  | ({ readonly type: 'pointer' } & PointerEvent)
  | ({ readonly type: 'enable-continuous-updates' } & EnableContinuousUpdates)
  | ({ readonly type: 'fence' } & Fence)
  | ({ readonly type: 'set-desktop-size' } & SetDesktopSize);

/** Longest message that is ever held: SetEncodings with 65535 entries. */
const MAX_MESSAGE_BYTES = SetEncodings.fixedSize + 0xffff * 4;
/** Inbound bytes are taken in such pieces, so that what waits is never longer than a message and a piece. */
const PIECE_BYTES = 64 << 10;
const NONE = new Uint8Array(0);

/**
 * Cuts a client's stream into messages. Cut text is skipped as it arrives, however long, and never held:
 * guests have no clipboard that it could go to. Throws DecodeError for what cannot be understood; RFB has no
 * way to skip a message of unknown type.
 */
export class ClientMessages {
  readonly #inbound = new Chunks(MAX_MESSAGE_BYTES + PIECE_BYTES);
  /** Of what was fed last, what is not in the queue yet. */
  #ahead: Uint8Array = NONE;
  #skipBytes = 0;
  #extendedButtons: boolean;

  /** @param extendedButtons as the former reader of the same stream had it */
  constructor(extendedButtons = false) {
    this.#extendedButtons = extendedButtons;
  }

  /** The client has asked for extended pointer events: from then on the eighth button bit marks them. */
  get extendedButtons(): boolean {
    return this.#extendedButtons;
  }

  /** Ends the reading, also between two messages of `feed`: what has not come out, for the stream's next reader. */
  takeRest(): Uint8Array {
    const rest: Uint8Array[] = [];
    // Where a cut text is being skipped, another one of the length that is left stands for it.
    if (this.#skipBytes > 0) rest.push(cutTextHead(this.#skipBytes));
    rest.push(this.#inbound.takeAll(), this.#ahead);
    this.#skipBytes = 0;
    this.#ahead = NONE;
    return join(rest);
  }

  /** Yields the messages that `bytes` complete. The generator must be run to its end before the next call. */
  *feed(bytes: Uint8Array): Generator<ClientMessage> {
    this.#ahead = bytes;
    while (this.#ahead.length > 0) {
      this.#inbound.push(this.#ahead.subarray(0, PIECE_BYTES));
      this.#ahead = this.#ahead.subarray(PIECE_BYTES);
      for (;;) {
        if (!this.#skipped()) break;
        const size = this.#nextSize();
        if (size === undefined) break;
        if (size === 'skip') continue;
        const message = this.#inbound.take(size);
        if (message === undefined) break;
        yield this.#decode(message);
      }
    }
  }

  /** Drops what is to be dropped; false while more of it is still to come. */
  #skipped(): boolean {
    while (this.#skipBytes > 0) {
      const { length } = this.#inbound.takeSome(this.#skipBytes);
      if (length === 0) return false;
      this.#skipBytes -= length;
    }
    return true;
  }

  /** Bytes of the next message, as soon as its head tells; 'skip' where a cut text was begun. */
  #nextSize(): number | 'skip' | undefined {
    const type = this.#inbound.peek(1)?.[0];
    switch (type) {
      case undefined:
        return undefined;
      case CLIENT_MESSAGE.setPixelFormat:
        return SetPixelFormat.fixedSize;
      case CLIENT_MESSAGE.setEncodings: {
        const head = this.#inbound.peek(SetEncodings.fixedSize);
        return head && SetEncodings.fixedSize + ((head[2]! << 8) | head[3]!) * 4;
      }
      case CLIENT_MESSAGE.framebufferUpdateRequest:
        return FramebufferUpdateRequest.fixedSize;
      case CLIENT_MESSAGE.keyEvent:
        return KeyEvent.fixedSize;
      case CLIENT_MESSAGE.pointerEvent: {
        const head = this.#inbound.peek(2);
        return head && (this.#isExtended(head) ? ExtendedPointerEvent : PointerEvent).fixedSize;
      }
      case CLIENT_MESSAGE.clientCutText:
        return this.#beginCutText();
      case CLIENT_MESSAGE.enableContinuousUpdates:
        return EnableContinuousUpdates.fixedSize;
      case CLIENT_MESSAGE.fence: {
        const head = this.#inbound.peek(Fence.fixedSize);
        return head && Fence.fixedSize + head[8]!;
      }
      case CLIENT_MESSAGE.setDesktopSize: {
        const head = this.#inbound.peek(SetDesktopSize.fixedSize);
        return head && SetDesktopSize.fixedSize + head[6]! * SCREEN_BYTES;
      }
      case CLIENT_MESSAGE.qemu: {
        const head = this.#inbound.peek(2);
        if (head === undefined) return undefined;
        if (head[1] !== QEMU_CLIENT_SUBMESSAGE.extendedKeyEvent) return unknown('submessage-type', head[1]!);
        return QemuExtendedKeyEvent.fixedSize;
      }
      default:
        return unknown('message-type', type);
    }
  }

  #beginCutText(): 'skip' | undefined {
    const head = this.#inbound.take(ClientCutText.fixedSize);
    if (head === undefined) return undefined;
    const length = new DataView(head.buffer, head.byteOffset).getInt32(4);
    // A negative length is the extended clipboard's: the text's place is taken by that many bytes of its own.
    this.#skipBytes = Math.abs(length);
    return 'skip';
  }

  #isExtended(pointerEvent: Uint8Array): boolean {
    return this.#extendedButtons && (pointerEvent[1]! & EXTENDED_BUTTONS) !== 0;
  }

  #decode(bytes: Uint8Array): ClientMessage {
    switch (bytes[0]) {
      case CLIENT_MESSAGE.setPixelFormat:
        return { type: 'set-pixel-format', ...decode(SetPixelFormat, bytes) };
      case CLIENT_MESSAGE.setEncodings: {
        const message = decode(SetEncodings, bytes);
        this.#extendedButtons ||= message.encodings.includes(ENCODING.extendedMouseButtons);
        return { type: 'set-encodings', ...message };
      }
      case CLIENT_MESSAGE.framebufferUpdateRequest:
        return { type: 'framebuffer-update-request', ...decode(FramebufferUpdateRequest, bytes) };
      case CLIENT_MESSAGE.keyEvent:
        return { type: 'key', ...decode(KeyEvent, bytes) };
      case CLIENT_MESSAGE.pointerEvent:
        return { type: 'pointer', ...decode(this.#isExtended(bytes) ? ExtendedPointerEvent : PointerEvent, bytes) };
      case CLIENT_MESSAGE.enableContinuousUpdates:
        return { type: 'enable-continuous-updates', ...decode(EnableContinuousUpdates, bytes) };
      case CLIENT_MESSAGE.fence:
        return { type: 'fence', ...decode(Fence, bytes) };
      case CLIENT_MESSAGE.setDesktopSize:
        return { type: 'set-desktop-size', ...decode(SetDesktopSize, bytes) };
      case CLIENT_MESSAGE.qemu:
        return { type: 'qemu-key', ...decode(QemuExtendedKeyEvent, bytes) };
      default:
        return unknown('message-type', bytes[0]!);
    }
  }
}

function cutTextHead(length: number): Uint8Array {
  const head = new Uint8Array(ClientCutText.fixedSize);
  head[0] = CLIENT_MESSAGE.clientCutText;
  new DataView(head.buffer).setUint32(4, length);
  return head;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function unknown(field: string, value: number): never {
  throw new DecodeError('unsupported', field, `${value} is not known`);
}
