import type { Clock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import type { Machine } from '../../src/machine/machine.js';
import type { Credentials } from '../auth/credentials.js';
import type { Throttle } from '../auth/throttle.js';
import type { TlsIdentity } from '../transport/transport.js';
import type { Reception, Return } from './reception.js';
import type { SessionList } from './session-list.js';

/** What a protocol server gets to know: the machine behind it and the house rules. The same for all protocols. */
export interface Host {
  readonly machine: Machine;
  readonly credentials: Credentials;
  readonly throttle: Throttle;
  readonly sessions: SessionList;
  readonly tls: TlsIdentity;
  readonly clock: Clock;
  readonly log: Logger;
  /** VNC clients are offered nothing but VncAuth: some that know TLS by name fail at it before they ask anything. */
  readonly vncAuthOnly?: boolean;
  /** In a broker: decides where somebody who has logged in goes. Without it they stay with `machine`. */
  readonly reception?: Reception;
  /**
   * In a machine's process, and only for a session whose visitor returns: takes it back when it is over here but not
   * for the person at the client. Called instead of the goodbye for every `close` of a session that can be detached and
   * is not to go for good, and for the picker's chord; the session is then detached. What cannot be detached is closed as anywhere else.
   */
  readonly onReturn?: Return;
}
