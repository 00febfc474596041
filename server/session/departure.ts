import type { Transport } from '../transport/transport.js';
import type { RdpHandover, RfbHandover } from './handover.js';

/** A session's connection and state, so that another host (in another process) can go on with it. */
export interface Departure {
  /**
   * Paused, and its callbacks are nobody's: what arrives waits there until the next owner has set them and resumes it.
   * It may have closed, or may close, without anybody being told: the next owner looks at `isClosed` first.
   */
  readonly transport: Transport;
  readonly handover: Omit<RdpHandover, 'visitor'> | Omit<RfbHandover, 'visitor'>;
}
