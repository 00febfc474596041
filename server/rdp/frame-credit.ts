import { MAX_UNACKNOWLEDGED_FRAMES } from '../../protocols/rdp/capabilities/server-capabilities.js';
import type { Transport } from '../transport/transport.js';

/** A client that sends this acknowledges all frames, those to come too. */
const ALL_FRAMES = 0xffff_ffff;

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

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Frames are counted anew, or what was acknowledged of them no longer means anything. */
  reset(): void {
    this.#acknowledged = 0;
    this.#proven = false;
  }

  acknowledged(frameId: number): void {
    this.#acknowledged = frameId;
    this.#proven = frameId !== ALL_FRAMES;
  }

  allows({ marksFrames, frameId }: Frames): boolean {
    if (!marksFrames || !this.#proven) return this.#transport.unsentBytes === 0;
    // The difference of two 32 bit counters; an acknowledgement from before a reactivation makes it negative.
    return ((frameId - this.#acknowledged) | 0) < MAX_UNACKNOWLEDGED_FRAMES;
  }
}
