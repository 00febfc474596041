import { DecodeError } from '../../protocols/wire/errors.js';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { Identity } from '../auth/credentials.js';
import { Proven } from '../auth/tickets.js';
import type { Departure } from '../session/departure.js';
import type { RfbHandover } from '../session/handover.js';
import type { Host } from '../session/host.js';
import { Meter } from '../session/meter.js';
import type { RouteHints } from '../session/reception.js';
import type { CloseReason, Session } from '../session/session.js';
import type { Transport } from '../transport/transport.js';
import { type ClientState, fromBase64, toBase64, unpackClientState } from './client-state.js';
import { Connect, type ConnectOptions } from './connect.js';
import { Running } from './running.js';

export interface ServeRfbOptions {
  /** For UltraVNC's repeater mode, which needs a port of its own: viewers without it do not expect the question. */
  readonly repeater?: boolean;
}

/** Serves RFB on a transport that was just accepted. */
export function serveRfb(transport: Transport, host: Host, options: ServeRfbOptions = {}): Session {
  const session = new RfbSession(transport, host);
  session.greet(options);
  return session;
}

/**
 * Goes on with a client that another session has let go of, on behalf of `identity`: nobody is asked for a login.
 * Whatever is wrong with the handover ends this session alone; nothing is called back before this has returned.
 */
export function resumeRfb(
  transport: Transport,
  host: Host,
  handover: Omit<RfbHandover, 'visitor'>,
  identity: Identity,
): Session {
  const session = new RfbSession(transport, host);
  session.resume(handover, identity);
  return session;
}

/** One client from accept to close: first `#connect` has its bytes, then `#running`. */
class RfbSession implements Session {
  readonly protocol = 'rfb';
  readonly remote: string;
  readonly meter = new Meter();
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #log: Logger;
  #identity: Identity | undefined;
  #rights: 'view' | 'control' = 'control';
  #connect: Connect | undefined;
  #running: Running | undefined;
  /** What has come before there was anybody to read it. */
  #early: Uint8Array[] = [];
  #ended = false;

  constructor(transport: Transport, host: Host) {
    this.#transport = transport;
    this.#host = host;
    this.remote = transport.remote;
    this.#log = host.log.child({ protocol: this.protocol, remote: this.remote });
    transport.onData = (bytes) => this.#guard(() => this.#handleData(bytes));
    transport.onDrain = () => this.#running?.handleDrain();
    transport.onClose = (reason) => this.#end(reason);
    host.sessions.add(this);
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  greet(options: ConnectOptions): void {
    this.#connect = this.#connection(this.#host, options);
  }

  resume(handover: Omit<RfbHandover, 'visitor'>, identity: Identity): void {
    queueMicrotask(() => this.#guard(() => this.#resume(handover, identity)));
  }

  setRights(rights: 'view' | 'control'): void {
    this.#rights = rights;
    this.#running?.setRights(rights);
  }

  /** RFB has no goodbye: what has been sent is flushed, then the connection closes. */
  close(reason: CloseReason, text = '', forGood = false): void {
    if (this.#ended || (!forGood && this.#giveBack(reason, text))) return;
    this.#log.debug({ reason }, 'closing');
    this.#release();
    this.#transport.end();
  }

  /** Who calls it has the transport from then on, and has to take its callbacks over before it yields. */
  detach(): Departure | undefined {
    if (this.#ended || this.#identity === undefined) return undefined;
    const handover = this.#handover();
    if (handover === undefined) return undefined;
    const transport = this.#transport;
    transport.onData = () => {};
    transport.onDrain = () => {};
    transport.onClose = () => {};
    this.#release();
    this.#host.sessions.remove(this);
    return { transport, handover };
  }

  #handover(): Departure['handover'] | undefined {
    const unread = (rest: Uint8Array): string => toBase64(Buffer.concat([rest, ...this.#early]));
    const running = this.#running?.detach();
    if (running !== undefined) {
      return { kind: 'rfb', stage: 'running', rest: unread(running.rest), client: running.client };
    }
    const rest = this.#connect?.detach();
    return rest && { kind: 'rfb', stage: 'client-init', rest: unread(rest) };
  }

  /** Whether somebody takes the client back instead of its being sent away. */
  #giveBack(reason: CloseReason | 'menu', text: string): boolean {
    const { onReturn } = this.#host;
    const departure = onReturn && this.detach();
    if (departure === undefined) return false;
    this.#log.debug({ reason }, 'given back');
    onReturn?.(this, departure, reason, text);
    return true;
  }

  #resume({ stage, rest, client }: Omit<RfbHandover, 'visitor'>, identity: Identity): void {
    this.#early.unshift(fromBase64(rest, 'rest'));
    switch (stage) {
      case 'greeting':
        this.#connect = this.#connection({ ...this.#host, credentials: new Proven(identity) }, {});
        break;
      case 'client-init':
        this.#connect = this.#connection(this.#host, { isIn: true });
        this.#admit(identity);
        break;
      case 'running':
        this.#run(unpackClientState(client));
        this.#admit(identity);
        break;
      default:
        throw new DecodeError('invalid', 'stage', `${stage} is not known`);
    }
    if (!this.#ended) this.#handleData(Buffer.concat(this.#early.splice(0)));
  }

  #admit(identity: Identity): void {
    this.#identity = identity;
    const refusal = this.#host.sessions.admit(this);
    if (refusal !== undefined) this.close('denied', refusal);
  }

  #connection(host: Host, options: ConnectOptions): Connect {
    return new Connect(
      this.#transport,
      host,
      this.meter,
      {
        handleLogin: (identity) => {
          this.#identity = identity;
          const refusal = host.sessions.admit(this);
          if (refusal !== undefined) this.#identity = undefined;
          return refusal;
        },
        handleArrival: (identity, hints) => this.#arrive(identity, hints),
        handleReady: (rest) => {
          this.#run();
          this.#handleData(rest);
        },
        handleRefused: (reason) => {
          this.#log.info({ reason }, 'turned away');
          this.#transport.end();
        },
        handleTimeout: () => this.#transport.destroy('no handshake in time'),
        handleError: (error) => this.#fail(error),
      },
      options,
    );
  }

  async #arrive(identity: Identity, hints: RouteHints): Promise<string | undefined> {
    const answer = await this.#host.reception?.arrived(this, identity, hints);
    if (answer === 'gone' && !this.#ended) throw new Error('a session is said to be gone that is still here');
    return typeof answer === 'object' ? answer.refused : undefined;
  }

  #handleData(bytes: Uint8Array): void {
    if (this.#running !== undefined) this.#running.handleData(bytes);
    else if (this.#connect !== undefined) this.#connect.handleData(bytes);
    else this.#early.push(bytes);
  }

  #run(state?: ClientState): void {
    this.#running = new Running({
      machine: this.#host.machine,
      transport: this.#transport,
      meter: this.meter,
      onError: (error) => this.#fail(error),
      onChord: this.#host.onReturn && (() => this.#giveBack('menu', '')),
      state,
    });
    this.#running.setRights(this.#rights);
    this.#log.info({ user: this.#identity?.user }, 'client connected');
  }

  #guard(action: () => void): void {
    if (this.#ended) return;
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The client's fault is told at info, ours at error; either way only this session ends. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    if (error instanceof DecodeError) this.#log.info({ reason: error.message }, 'protocol error');
    else this.#log.error({ error }, 'session failed');
    this.#transport.destroy(messageOf(error));
  }

  #end(reason: string): void {
    if (this.#running !== undefined) this.#log.info({ reason }, 'client gone');
    this.#release();
    this.#host.sessions.remove(this);
  }

  /** Lets go of machine, timers and what is held down; the transport may still be saying goodbye. */
  #release(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connect?.close();
    this.#running?.close();
  }
}
