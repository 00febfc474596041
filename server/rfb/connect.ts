import { randomBytes } from 'node:crypto';
import { nameInRepeaterId } from '../../protocols/rfb/repeater.js';
import { CHALLENGE_BYTES } from '../../protocols/rfb/security.js';
import { ServerHandshake } from '../../protocols/rfb/server-handshake.js';
import type { LoginAttempt, ServerHandshakeEvent } from '../../protocols/rfb/server-handshake-events.js';
import type { Step } from '../../protocols/wire/step.js';
import type { Identity } from '../auth/credentials.js';
import { LIMITS } from '../limits.js';
import type { Host } from '../session/host.js';
import type { Meter } from '../session/meter.js';
import type { RouteHints } from '../session/reception.js';
import { ANONYMOUS, type Transport } from '../transport/transport.js';
import { canUpgrade, judge, offer, refusalFor } from './auth.js';
import { DhKey } from './diffie-hellman.js';

/**
 * In TLS 1.3 session tickets come after the handshake, and TigerVNC's viewer stops reading behind them: what has come
 * in the same segment, the result of the login mostly, it sees only when more comes, which is never.
 */
const FOR_TIGERVNC = { maxVersion: 'TLSv1.2' } as const;

/** What a connection's beginning leads to. */
export interface ConnectSink {
  /** Somebody has proven who they are. Returns why they are refused all the same, or undefined. */
  handleLogin(identity: Identity): string | undefined;
  /**
   * They are in, but where do they go? The client is told of its login only after this, because later there is no
   * way to tell it why it is refused. Nobody waits for the client meanwhile.
   */
  handleArrival(identity: Identity, hints: RouteHints): Promise<string | undefined>;
  /** The client waits for ServerInit; `rest` is what it has sent behind. */
  handleReady(rest: Uint8Array): void;
  /** Turned away; it has been told why where its version can be. */
  handleRefused(reason: string): void;
  /** The client took too long. */
  handleTimeout(): void;
  /** The check of a login failed by itself, or the client's bytes make no sense where they were read later. */
  handleError(error: unknown): void;
}

export interface ConnectOptions {
  /** Asks for a destination first, as UltraVNC's repeater does. */
  readonly repeater?: boolean;
  /** The client is in already, and has yet to say ClientInit. */
  readonly isIn?: boolean;
}

/** A connection from accept to ClientInit: runs the handshake, asks for TLS and for the verdict, keeps the time. */
export class Connect {
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #meter: Meter;
  readonly #sink: ConnectSink;
  readonly #challenge = randomBytes(CHALLENGE_BYTES);
  readonly #handshake: ServerHandshake;
  #key: DhKey | undefined;
  #repeaterId: string | undefined;
  #cancelTimer: () => void;
  #heard = false;
  #closed = false;
  #reason = 'refused';

  constructor(transport: Transport, host: Host, meter: Meter, sink: ConnectSink, options: ConnectOptions = {}) {
    this.#transport = transport;
    this.#host = host;
    this.#meter = meter;
    this.#sink = sink;
    const refusal = options.isIn ? undefined : refusalFor(host, transport.remote);
    if (refusal !== undefined) this.#reason = refusal;
    this.#handshake = new ServerHandshake({
      ...offer(host, transport),
      ...options,
      challenge: this.#challenge,
      diffieHellman: () => {
        this.#key = new DhKey();
        return this.#key.parameters;
      },
      refusal,
    });
    this.#cancelTimer = host.clock.after(LIMITS.firstByteMs, () => sink.handleTimeout());
    this.#write(this.#handshake.greeting());
  }

  /** Throws DecodeError for a client that does not speak RFB. */
  handleData(bytes: Uint8Array): void {
    if (!this.#heard) {
      this.#heard = true;
      this.#wait();
    }
    this.#apply(this.#handshake.step(bytes));
  }

  /**
   * Lets go of a client that is in, at the point before its ClientInit; returns what it has sent from there on.
   * Undefined where it is too early for that.
   */
  detach(): Uint8Array | undefined {
    const left = this.#handshake.leave();
    if (left === undefined) return undefined;
    for (const bytes of left.send) this.#write(bytes);
    this.close();
    return left.rest;
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  /** The client has so much time from now on. */
  #wait(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#host.clock.after(LIMITS.handshakeMs, () => this.#sink.handleTimeout());
  }

  #write(bytes: Uint8Array): void {
    this.#meter.sentBytes += bytes.length;
    this.#transport.write(bytes);
  }

  #apply(step: Step<ServerHandshakeEvent>): void {
    for (const bytes of step.send) this.#write(bytes);
    for (const event of step.events) this.#handle(event);
  }

  #handle(event: ServerHandshakeEvent): void {
    switch (event.type) {
      case 'repeater-id':
        this.#repeaterId = nameInRepeaterId(event.id);
        break;
      case 'tls':
        void this.#secure(event.anonymous, event.early);
        break;
      case 'login':
        void this.#login(event.attempt);
        break;
      case 'refused':
        this.#sink.handleRefused(this.#reason);
        break;
      case 'client-init':
        // `shared` asks for the others to be thrown out where it is false. A console belongs to all who may see it.
        this.close();
        this.#sink.handleReady(event.rest);
        break;
    }
  }

  async #secure(anonymous: boolean, early: Uint8Array): Promise<void> {
    const transport = this.#transport;
    if (!canUpgrade(transport)) throw new Error('TLS was offered where there is none');
    try {
      await transport.upgradeTls(anonymous ? ANONYMOUS : { ...this.#host.tls, ...FOR_TIGERVNC }, early);
    } catch {
      // The transport is closed, and has said why.
      return;
    }
    if (!this.#closed) this.#guard(() => this.#apply(this.#handshake.secured()));
  }

  async #login(attempt: LoginAttempt): Promise<void> {
    try {
      const asked = { challenge: this.#challenge, key: this.#key };
      // How long it takes here is not the client's fault: many may have come at once.
      this.#cancelTimer();
      const verdict = await judge(this.#host, this.#transport.remote, asked, attempt);
      if (this.#closed) return;
      this.#wait();
      const refusal = 'identity' in verdict ? await this.#letIn(verdict) : verdict.refusal;
      if (this.#closed) return;
      if (refusal !== undefined) this.#reason = refusal;
      this.#apply(this.#handshake.verdict(refusal === undefined, refusal));
    } catch (error) {
      this.#sink.handleError(error);
    }
  }

  async #letIn({ identity, ...hints }: { readonly identity: Identity } & RouteHints): Promise<string | undefined> {
    const refusal = this.#sink.handleLogin(identity);
    if (refusal !== undefined) return refusal;
    const { serverName } = this.#transport;
    this.#cancelTimer();
    const answer = await this.#sink.handleArrival(identity, {
      ...hints,
      ...(serverName !== undefined && { serverName }),
      ...(this.#repeaterId !== undefined && { repeaterId: this.#repeaterId }),
    });
    if (!this.#closed) this.#wait();
    return answer;
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#sink.handleError(error);
    }
  }
}
