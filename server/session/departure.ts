import type { Transport } from '../transport/transport.js';
import type { RdpHandover, RfbHandover } from './handover.js';

/** A session's connection and state, so that another host (in another process) can go on with it. */
export interface Departure {
  readonly transport: Transport;
  readonly handover: Omit<RdpHandover, 'visitor'> | Omit<RfbHandover, 'visitor'>;
}
