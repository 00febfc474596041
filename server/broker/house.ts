import type { Clock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import type { Credentials, Identity } from '../auth/credentials.js';
import type { Throttle } from '../auth/throttle.js';
import type { RdpHandover, RfbHandover } from '../session/handover.js';
import type { Host } from '../session/host.js';
import type { Session } from '../session/session.js';
import type { TlsIdentity, Transport, UpgradableTransport } from '../transport/transport.js';
import type { Directory } from './directory.js';
import type { LobbySessions } from './lobby-sessions.js';
import type { Thumbnails } from './thumbnails.js';

/** One way in. The broker knows no more of a protocol than this. */
export interface Protocol<T extends Transport = UpgradableTransport> {
  /** How people came, in lists and in the audit log. */
  readonly via: 'rdp' | 'rfb' | 'websocket';
  readonly serve: (transport: T, host: Host) => Session;
  /** Takes a client over that was detached; undefined for a handover of another protocol. */
  readonly resume: (
    transport: T,
    host: Host,
    handover: RdpHandover | RfbHandover,
    identity: Identity,
  ) => Session | undefined;
}

/** A protocol on one connection. */
export interface Way {
  readonly via: Protocol['via'];
  readonly serve: (host: Host) => Session;
  readonly resume: (host: Host, handover: RdpHandover | RfbHandover, identity: Identity) => Session | undefined;
}

export function wayOf<T extends Transport>({ via, serve, resume }: Protocol<T>, transport: T): Way {
  return {
    via,
    serve: (host) => serve(transport, host),
    resume: (host, handover, identity) => resume(transport, host, handover, identity),
  };
}

export interface BrokerSettings {
  /** Whose host this is, on the picker. */
  readonly title: string;
  /** For somebody with several machines who has not said which. */
  readonly otherwise: 'picker' | 'last';
  /** See Host. */
  readonly vncAuthOnly?: boolean;
}

/** What all visits have in common. */
export interface House extends BrokerSettings {
  readonly directory: Directory;
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly sessions: LobbySessions;
  /** How many clients a user has here, wherever they are. */
  readonly visitsOf: (user: string) => number;
  readonly thumbnails: Thumbnails;
  readonly tls: TlsIdentity;
  readonly clock: Clock;
  readonly log: Logger;
}
