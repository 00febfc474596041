import { resumeRdp, serveRdp } from '../rdp/session.js';
import { resumeRfb, serveRfb } from '../rfb/session.js';
import type { Transport } from '../transport/transport.js';
import type { Protocol } from './house.js';

const resumeRfbOnly: Protocol<Transport>['resume'] = (transport, host, handover, identity) =>
  handover.kind === 'rfb' ? resumeRfb(transport, host, handover, identity) : undefined;

export const RDP: Protocol = {
  via: 'rdp',
  serve: serveRdp,
  resume: (transport, host, handover, identity) =>
    handover.kind === 'rdp' ? resumeRdp(transport, host, handover, identity) : undefined,
};

export const RFB: Protocol<Transport> = { via: 'rfb', serve: serveRfb, resume: resumeRfbOnly };

/** VNC viewers that ask a repeater for a destination first. */
export const RFB_REPEATER: Protocol<Transport> = {
  ...RFB,
  serve: (transport, host) => serveRfb(transport, host, { repeater: true }),
};

/** Browsers. */
export const RFB_WEBSOCKET: Protocol<Transport> = { ...RFB, via: 'websocket' };
