import { MAX_UNACKNOWLEDGED_FRAMES } from '../../protocols/rdp/capabilities/server-capabilities.js';
import type { Transport } from '../transport/transport.js';

/** A client that sends this acknowledges all frames, those to come too. */
const ALL_FRAMES = 0xffff_ffff;

/** Frames whose time is remembered; clients that acknowledge late skip some. */
const MAX_TIMED_FRAMES = 8;

/** What a client's output says of its frames. */
interface Frames {
  readonly marksFrames: boolean;
  readonly frameId: number;
}

/**
 * Whether a client may be sent another frame: at most two that it has not acknowledged; where it acknowledges none,
 * whether the operating system has taken all that was sent.
 */
export class FrameCredit {
  readonly #transport: Transport;
  /** The latest frame that was acknowledged: clients skip some, and each stands for those before it. */
  #acknowledged = 0;
  /** Until the first acknowledgement nothing proves that the client keeps its word. */
  #proven = false;
  /** When the latest frames were sent. */
  readonly #sentAtMs = new Map<number, number>();
  #rttMs: number | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Frames are counted anew, or what was acknowledged of them no longer means anything. */
  reset(): void {
    this.#acknowledged = 0;
    this.#proven = false;
    this.#sentAtMs.clear();
  }

  /**
   * From the end of a frame to its acknowledgement, smoothed as TCP does: the way there and back, and the client's
   * painting. Undefined before the first.
   */
  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** A frame is with the transport, all of it; asking twice about one frame does no harm. */
  sent(frameId: number, nowMs: number): void {
    if (this.#sentAtMs.has(frameId)) return;
    this.#sentAtMs.set(frameId, nowMs);
    if (this.#sentAtMs.size > MAX_TIMED_FRAMES) this.#sentAtMs.delete(this.#sentAtMs.keys().next().value!);
  }

  acknowledged(frameId: number, nowMs: number): void {
    this.#acknowledged = frameId;
    this.#proven = frameId !== ALL_FRAMES;
    const sentAtMs = this.#sentAtMs.get(frameId);
    if (sentAtMs === undefined) return;
    this.#sentAtMs.delete(frameId);
    const sample = nowMs - sentAtMs;
    this.#rttMs = this.#rttMs === undefined ? sample : this.#rttMs + (sample - this.#rttMs) / 8;
  }

  allows({ marksFrames, frameId }: Frames): boolean {
    if (!marksFrames || !this.#proven) return this.#transport.unsentBytes === 0;
    // The difference of two 32 bit counters; an acknowledgement from before a reactivation makes it negative.
    return ((frameId - this.#acknowledged) | 0) < MAX_UNACKNOWLEDGED_FRAMES;
  }
}
