import { randomBytes } from 'node:crypto';
import { CHALLENGE_BYTES } from '../../protocols/rfb/security.js';
import { ServerHandshake, type ServerHandshakeEvent } from '../../protocols/rfb/server-handshake.js';
import type { Step } from '../../protocols/wire/step.js';
import type { Identity } from '../auth/credentials.js';
import { LIMITS } from '../limits.js';
import type { Host } from '../session/host.js';
import type { Transport } from '../transport/transport.js';
import { judge, offeredTypes, refusalFor } from './auth.js';

/** What a connection's beginning leads to. */
export interface ConnectSink {
  /** The login succeeded; the client has yet to say ClientInit. Returns why it is refused all the same, or undefined. */
  handleLogin(identity: Identity): string | undefined;
  /** The client waits for ServerInit; `rest` is what it has sent behind. */
  handleReady(rest: Uint8Array): void;
  /** Turned away; it has been told why where its version can be. */
  handleRefused(reason: string): void;
  /** The client took too long. */
  handleTimeout(): void;
  /** The check of a login failed by itself. */
  handleError(error: unknown): void;
}

/** A connection from accept to ClientInit: runs the handshake, asks for the verdict, keeps the time. */
export class Connect {
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #sink: ConnectSink;
  readonly #challenge = randomBytes(CHALLENGE_BYTES);
  readonly #handshake: ServerHandshake;
  #cancelTimer: () => void;
  #heard = false;
  #closed = false;
  #reason = 'refused';

  constructor(transport: Transport, host: Host, sink: ConnectSink) {
    this.#transport = transport;
    this.#host = host;
    this.#sink = sink;
    const refusal = refusalFor(host, transport.remote);
    if (refusal !== undefined) this.#reason = refusal;
    this.#handshake = new ServerHandshake({
      securityTypes: offeredTypes(host),
      challenge: this.#challenge,
      refusal,
    });
    this.#cancelTimer = host.clock.after(LIMITS.firstByteMs, () => sink.handleTimeout());
    transport.write(this.#handshake.greeting());
  }

  /** Throws DecodeError for a client that does not speak RFB. */
  handleData(bytes: Uint8Array): void {
    if (!this.#heard) {
      this.#heard = true;
      this.#cancelTimer();
      this.#cancelTimer = this.#host.clock.after(LIMITS.handshakeMs, () => this.#sink.handleTimeout());
    }
    this.#apply(this.#handshake.step(bytes));
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }

  #apply(step: Step<ServerHandshakeEvent>): void {
    for (const bytes of step.send) this.#transport.write(bytes);
    for (const event of step.events) this.#handle(event);
  }

  #handle(event: ServerHandshakeEvent): void {
    switch (event.type) {
      case 'login':
        void this.#login(event.response);
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

  async #login(response: Uint8Array | undefined): Promise<void> {
    try {
      const verdict = await judge(this.#host, this.#transport.remote, this.#challenge, response);
      if (this.#closed) return;
      const refusal = 'identity' in verdict ? this.#sink.handleLogin(verdict.identity) : verdict.refusal;
      if (refusal === undefined) this.#apply(this.#handshake.verdict(true));
      else {
        this.#reason = refusal;
        this.#apply(this.#handshake.verdict(false, refusal));
      }
    } catch (error) {
      this.#sink.handleError(error);
    }
  }
}
