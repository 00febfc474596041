import type { Login } from '../../protocols/rdp/acceptor-events.js';
import type { ClientSettings } from '../../protocols/rdp/client-settings.js';
import { ERROR_INFO } from '../../protocols/rdp/share/set-error-info.js';
import type { Logger } from '../../src/base/log.js';
import type { Identity } from '../auth/credentials.js';
import { LIMITS } from '../limits.js';
import type { Departure } from '../session/departure.js';
import type { Host } from '../session/host.js';
import { Meter } from '../session/meter.js';
import type { CloseReason, Session } from '../session/session.js';
import type { Transport, UpgradableTransport } from '../transport/transport.js';
import { hintsOf, judge, type Verdict } from './auth.js';
import { Connection, type ConnectionHandler, type Upgrade } from './connect.js';
import { type Handover, packHandover, unpackHandover, type ViewerState, viewerStateOf } from './handover.js';
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
  const session = new RdpSession(transport, host, (early) => transport.upgradeTls(host.tls, early));
  session.begin();
  return session;
}

/**
 * Goes on with a client that was detached from another host. Its login was judged there: `identity` is who it is.
 * Resumes the transport. What is wrong with the handover ends the session, as a client's wrong bytes do.
 */
export function resumeRdp(transport: Transport, host: Host, handover: Handover, identity: Identity): Session {
  const session = new RdpSession(transport, host, () => Promise.reject(new Error('TLS ends elsewhere')));
  session.resume(handover, identity);
  return session;
}

class RdpSession implements Session, ConnectionHandler {
  readonly protocol = 'rdp';
  readonly remote: string;
  readonly meter = new Meter();
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #log: Logger;
  readonly #connection: Connection;
  #cancelTimer = (): void => {};
  #identity: Identity | undefined;
  #rights: 'view' | 'control' = 'control';
  #viewer: Viewer | undefined;
  /** What another session's viewer has left. */
  #before: ViewerState = {};
  /** It is just being taken over, and nobody is called back before that is done. */
  #isArriving = false;
  /** There is no place for it here: it is shown nothing. */
  #isTurnedAway = false;
  /** Why it is over; undefined as long as it is not. */
  #reason: string | undefined;

  constructor(transport: Transport, host: Host, upgrade: Upgrade) {
    this.remote = transport.remote;
    this.#transport = transport;
    this.#host = host;
    this.#log = host.log.child({ protocol: this.protocol, remote: this.remote });
    this.#connection = new Connection(transport, upgrade, () => host.machine.display, this.meter, this);
    transport.onData = (bytes) => this.#connection.receive(bytes);
    transport.onDrain = () => this.#viewer?.drained();
    transport.onClose = (reason) => this.#closed(reason);
    host.sessions.add(this);
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  begin(): void {
    const { onData } = this.#transport;
    this.#transport.onData = (bytes) => {
      this.#armHandshakeTimer();
      this.#transport.onData = onData;
      onData(bytes);
    };
    this.#cancelTimer = this.#host.clock.after(LIMITS.firstByteMs, () => this.#transport.destroy('it said nothing'));
  }

  resume(handover: Handover, identity: Identity): void {
    this.#identity = identity;
    const refusal = this.#host.sessions.admit(this);
    this.#isTurnedAway = refusal !== undefined;
    this.#log.info({ user: identity.user, refusal }, 'client handed over');
    this.#isArriving = true;
    this.#connection.resume(() => {
      this.#before = viewerStateOf(handover);
      return unpackHandover(handover);
    });
    this.#isArriving = false;
    if (this.#reason === undefined && !this.#connection.isActive) this.#armHandshakeTimer();
    if (refusal === undefined) this.#connection.accept();
    // Later: who takes it over does not know it yet.
    else queueMicrotask(() => this.close('denied', refusal));
    if (this.#transport.isClosed) queueMicrotask(() => this.#closed('closed on the way'));
    else this.#transport.resume();
  }

  setRights(rights: 'view' | 'control'): void {
    this.#rights = rights;
    this.#viewer?.setMuted(rights === 'view');
  }

  close(reason: CloseReason, text = '', forGood = false): void {
    if (!forGood && this.#goBack(reason, text)) return;
    this.#leave(reason);
    this.#connection.disconnect(GOODBYE[reason]);
  }

  detach(): Departure | undefined {
    if (this.#identity === undefined || this.#reason !== undefined) return undefined;
    const viewer = this.#viewer?.state ?? this.#before;
    // While it may still send: a frame that is under way is ended.
    this.#viewer?.close();
    const state = this.#connection.leave();
    if (state === undefined) return undefined;
    this.#leave('handed over');
    const transport = this.#transport;
    transport.pause();
    transport.onData = () => {};
    transport.onDrain = () => {};
    transport.onClose = () => {};
    this.#gone();
    return { transport, handover: packHandover(state, viewer) };
  }

  async handleLogin(login: Login): Promise<Verdict> {
    // How long it takes here is not the client's fault: many may have come at once.
    this.#cancelTimer();
    const judged = await judge(login, this.remote, this.#host);
    if (this.#reason === undefined) this.#armHandshakeTimer();
    const verdict = this.#admit(judged);
    if (verdict === 'gone') return verdict;
    if ('identity' in verdict) {
      this.#log.info({ user: verdict.identity.user, client: login.clientName }, 'client connected');
      return this.#receive(verdict, login);
    }
    this.#log.warn({ user: login.user, client: login.clientName, reason: verdict.reason }, 'login refused');
    return verdict;
  }

  /** Whether there is room, as this screen is shared, for who has proven to be somebody. */
  #admit(verdict: Verdict): Verdict {
    // The client did not wait for the answer.
    if (this.#reason !== undefined) return 'gone';
    if (verdict === 'gone' || !('identity' in verdict)) return verdict;
    this.#identity = verdict.identity;
    const refusal = this.#host.sessions.admit(this);
    if (refusal === undefined) return verdict;
    this.#identity = undefined;
    return { errorInfo: ERROR_INFO.serverDeniedConnection, reason: refusal };
  }

  /** Where there is a front desk, it says how it goes on. */
  async #receive(verdict: { readonly identity: Identity }, login: Login): Promise<Verdict> {
    const { reception } = this.#host;
    if (reception === undefined) return verdict;
    // The client has done its part; how long ours takes is not its fault.
    this.#cancelTimer();
    const outcome = await reception.arrived(this, verdict.identity, hintsOf(login, this.#transport.serverName));
    if (outcome === 'gone' || this.#reason !== undefined) return 'gone';
    if (outcome !== 'here') return { errorInfo: ERROR_INFO.serverDeniedConnection, reason: outcome.refused };
    this.#armHandshakeTimer();
    return verdict;
  }

  handleActive(settings: ClientSettings): void {
    this.#cancelTimer();
    const { desktopWidth: width, desktopHeight: height, colorDepth } = settings;
    this.#log.debug({ width, height, colorDepth, capabilities: settings.capabilities }, 'active');
    if (this.#isTurnedAway) return;
    if (this.#viewer) {
      this.#viewer.reactivated(settings);
      return;
    }
    const { machine, clock, onReturn } = this.#host;
    this.#viewer = new Viewer({
      machine,
      clock,
      transport: this.#transport,
      connection: this.#connection,
      meter: this.meter,
      settings,
      before: this.#before,
      isMuted: this.#rights === 'view',
      onMenu: onReturn && (() => this.#showMenu()),
      onError: (error) => {
        this.handleFault(error);
        this.#connection.disconnect(ERROR_INFO.none);
      },
    });
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

  #showMenu(): void {
    if (this.#isArriving) queueMicrotask(() => this.#goBack('menu', ''));
    else this.#goBack('menu', '');
  }

  /** Over here, but not for the person: false where they cannot go back to where they came from. */
  #goBack(reason: CloseReason | 'menu', text: string): boolean {
    const { onReturn } = this.#host;
    const departure = onReturn && this.detach();
    if (departure === undefined) return false;
    onReturn?.(this, departure, reason, text);
    return true;
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
    this.#viewer?.close();
  }

  #closed(reason: string): void {
    this.#leave(reason);
    this.#gone();
  }

  #gone(): void {
    this.#host.sessions.remove(this);
    this.#log.info({ user: this.#identity?.user, reason: this.#reason }, 'client gone');
  }
}
