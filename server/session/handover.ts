import type { Visitor } from './visitor.js';

/**
 * The first line, as JSON, of each connection to a machine's private socket: what the connection is for.
 * After it a 'control' connection carries lines (see ipc/control.ts), the others the client's stream in the clear.
 */
export type Hello = ControlHello | RdpHandover | RfbHandover;

/** Longest first line: an RDP client's handshake in base64 is most of it. */
export const MAX_HELLO_BYTES = 256 << 10;

export interface ControlHello {
  readonly kind: 'control';
}

/**
 * An RDP client whose login the broker has accepted. A machine's process repeats what the client has said in an
 * acceptor of its own, which brings it into the same state; what that acceptor answers has been said already, and is
 * dropped.
 */
export interface RdpHandover {
  readonly kind: 'rdp';
  readonly visitor: Visitor;
  /** What came before TLS, base64: the connection request, with a preconnection PDU if there was one. */
  readonly request: string;
  /**
   * What came after, in the clear, base64: up to the login, its texts left out. Without `desktop` then all that has
   * arrived since; with it what settled the latest activation, which may still be under way.
   */
  readonly plain: string;
  /** The login was accepted already, and this is the size of the latest activation: there is a screen to go on from. */
  readonly desktop?: { readonly width: number; readonly height: number };
  /** With `desktop`: the part of a PDU that came after all that was acted on, base64. */
  readonly rest?: string;
  /** With `desktop`: the client wants no pictures for now; its window is hidden. */
  readonly isSuppressed?: boolean;
  /** With `desktop`: keys that the client holds down, by scan code. They were meant for the screen that it leaves. */
  readonly down?: readonly number[];
  /** With `desktop`: the lights on the client's keyboard as it last told, as in TS_SYNC_EVENT's toggleFlags. */
  readonly toggles?: number;
}

/** An RFB client that is in. */
export interface RfbHandover {
  readonly kind: 'rfb';
  readonly visitor: Visitor;
  /**
   * - 'greeting': nothing has been said yet; no login is to be asked for (the browser's way)
   * - 'client-init': it has been told that it is in; its ClientInit comes next, in `rest` or after it
   * - 'running': it has seen a screen of the broker's; `client` is what it has been told and has asked for
   */
  readonly stage: 'greeting' | 'client-init' | 'running';
  /** What the client has sent that nobody has acted on, base64: the same as if it came first on the stream. */
  readonly rest: string;
  readonly client?: RfbClientState;
}

export interface RfbClientState {
  /** The framebuffer's size as the client has it. */
  readonly width: number;
  readonly height: number;
  /** Its PIXEL_FORMAT, base64. */
  readonly pixelFormat: string;
  /** Those of SetEncodings that we know, in its order. */
  readonly encodings: readonly number[];
  /** It may send the long form of pointer events. */
  readonly extendedButtons: boolean;
  /** It has asked for an update and waits for it. */
  readonly requested: boolean;
  /** It has been given a pointer's shape, and draws it until it is given another. */
  readonly cursorTold: boolean;
  /** Keys that it holds down, by scan code. They were meant for the screen that it leaves. */
  readonly down: readonly number[];
  /** A zlib stream for ZRLE has begun: the next one goes on in it, without a header. */
  readonly zlibBegun: boolean;
}

/** More than there are on a keyboard were never held. */
const MAX_KEYS = 256;
const MAX_SCAN_CODE = 0xff;

/** Whether it is what `down` can be. */
export function isKeys(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_KEYS &&
    value.every((code) => Number.isInteger(code) && code >= 0 && code <= MAX_SCAN_CODE)
  );
}
