import type { Login } from '../../protocols/rdp/acceptor-events.js';
import type { ClientSettings } from '../../protocols/rdp/client-settings.js';
import { ERROR_INFO } from '../../protocols/rdp/share/set-error-info.js';
import type { Logger } from '../../src/base/log.js';
import type { Identity } from '../auth/credentials.js';
import { LIMITS } from '../limits.js';
import type { Host } from '../session/host.js';
import { Meter } from '../session/meter.js';
import type { CloseReason, Session } from '../session/session.js';
import type { UpgradableTransport } from '../transport/transport.js';
import { judge, type Verdict } from './auth.js';
import { Connection, type ConnectionHandler } from './connect.js';
import { Viewer } from './viewer.js';

/** What the person at the client is told. */
const GOODBYE: Readonly<Record<CloseReason, number>> = {
  // "ended by an administrator"; no client tries to come back by itself.
  shutdown: ERROR_INFO.rpcInitiatedDisconnect,
  // The code for a user who logged off on the server: the desktop is gone, and nothing went wrong.
  'guest-stopped': ERROR_INFO.logoffByUser,
  denied: ERROR_INFO.serverDeniedConnection,
  'taken-over': ERROR_INFO.disconnectedByOtherConnection,
  kicked: ERROR_INFO.rpcInitiatedDisconnect,
};

/** Serves one RDP client, from its first byte on. Set up before the transport can have delivered anything. */
export function serveRdp(transport: UpgradableTransport, host: Host): Session {
  return new RdpSession(transport, host);
}

class RdpSession implements Session, ConnectionHandler {
  readonly protocol = 'rdp';
  readonly remote: string;
  readonly meter = new Meter();
  readonly #transport: UpgradableTransport;
  readonly #host: Host;
  readonly #log: Logger;
  readonly #connection: Connection;
  readonly #offState: () => void;
  #cancelTimer: () => void;
  #identity: Identity | undefined;
  #viewer: Viewer | undefined;
  #reason: string | undefined;

  constructor(transport: UpgradableTransport, host: Host) {
    this.remote = transport.remote;
    this.#transport = transport;
    this.#host = host;
    this.#log = host.log.child({ protocol: this.protocol, remote: this.remote });
    this.#connection = new Connection(transport, host.tls, () => host.machine.display, this);
    transport.onData = (bytes) => {
      this.#armHandshakeTimer();
      transport.onData = (more) => this.#connection.receive(more);
      this.#connection.receive(bytes);
    };
    transport.onDrain = () => this.#viewer?.drained();
    transport.onClose = (reason) => this.#closed(reason);
    this.#cancelTimer = host.clock.after(LIMITS.firstByteMs, () => transport.destroy('it said nothing'));
    this.#offState = host.machine.onState.on(({ state }) => {
      if (state === 'off' || state === 'stopped' || state === 'crashed') this.close('guest-stopped');
    });
    host.sessions.add(this);
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  close(reason: CloseReason): void {
    this.#leave(reason);
    this.#connection.disconnect(GOODBYE[reason]);
  }

  setRights(): void {}
  detach(): undefined {}

  async handleLogin(login: Login): Promise<Verdict> {
    const verdict = this.#admit(await judge(login, this.remote, this.#host));
    if ('identity' in verdict) {
      this.#log.info({ user: verdict.identity.user, client: login.clientName }, 'client connected');
    } else this.#log.warn({ user: login.user, client: login.clientName, reason: verdict.reason }, 'login refused');
    return verdict;
  }

  /** Whether there is room, as this screen is shared, for who has proven to be somebody. */
  #admit(verdict: Verdict): Verdict {
    if (!('identity' in verdict)) return verdict;
    this.#identity = verdict.identity;
    const refusal = this.#host.sessions.admit(this);
    if (refusal === undefined) return verdict;
    this.#identity = undefined;
    return { errorInfo: ERROR_INFO.serverDeniedConnection, reason: refusal };
  }

  handleActive(settings: ClientSettings): void {
    this.#cancelTimer();
    const { desktopWidth: width, desktopHeight: height, colorDepth } = settings;
    this.#log.debug({ width, height, colorDepth, capabilities: settings.capabilities }, 'active');
    if (this.#viewer) this.#viewer.reactivated(settings);
    else {
      this.#viewer = new Viewer(this.#host, this.#transport, this.#connection, settings, (error) => {
        this.handleFault(error);
        this.#connection.disconnect(ERROR_INFO.none);
      });
    }
  }

  handleData(pduType2: number, body: Uint8Array): void {
    this.#viewer?.handleData(pduType2, body);
  }

  handleFastPath(bytes: Uint8Array): void {
    this.#viewer?.handleFastPath(bytes);
  }

  handleRefused(reason: string): void {
    this.#leave(reason);
  }

  handleFault(error: unknown): void {
    this.#log.error({ error }, 'the session failed');
    this.#leave('internal error');
  }

  #armHandshakeTimer(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#host.clock.after(LIMITS.handshakeMs, () => {
      this.#leave('the connection sequence took too long');
      this.#connection.disconnect(ERROR_INFO.logonTimeout);
    });
  }

  /** The session is over, though its goodbye may still be on the way: it holds nothing any more. */
  #leave(reason: string): void {
    this.#reason ??= reason;
    this.#cancelTimer();
    this.#offState();
    this.#viewer?.close();
  }

  #closed(reason: string): void {
    this.#leave(reason);
    this.#host.sessions.remove(this);
    this.#log.info({ user: this.#identity?.user, reason: this.#reason }, 'client gone');
  }
}
