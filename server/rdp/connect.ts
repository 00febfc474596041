import { Acceptor } from '../../protocols/rdp/acceptor.js';
import type { AcceptorEvent, Login } from '../../protocols/rdp/acceptor-events.js';
import type { ClientSettings } from '../../protocols/rdp/client-settings.js';
import type { AcceptorState } from '../../protocols/rdp/transcript.js';
import { DecodeError } from '../../protocols/wire/errors.js';
import type { Step } from '../../protocols/wire/step.js';
import { messageOf } from '../../src/base/errors.js';
import { LIMITS } from '../limits.js';
import type { Meter } from '../session/meter.js';
import type { Transport } from '../transport/transport.js';
import type { Verdict } from './auth.js';

/** What a connection tells its session. */
export interface ConnectionHandler {
  handleLogin(login: Login): Promise<Verdict>;
  handleRefused(reason: string): void;
  handleActive(settings: ClientSettings): void;
  handleData(pduType2: number, body: Uint8Array): void;
  handleFastPath(bytes: Uint8Array): void;
  /** Something here, not the peer, is at fault. */
  handleFault(error: unknown): void;
}

/** Makes the transport a TLS one; rejects after it has closed itself. */
export type Upgrade = (early: Uint8Array) => Promise<void>;

/** Joins an acceptor to its transport: moves bytes, upgrades to TLS, passes events on, ends when either ends. */
export class Connection {
  readonly #transport: Transport;
  readonly #upgrade: Upgrade;
  readonly #meter: Meter;
  readonly #handler: ConnectionHandler;
  readonly #acceptor = new Acceptor({ maxPduBytes: LIMITS.rdpPduBytes, maxSequenceBytes: LIMITS.rdpSequenceBytes });
  /** Desktop size for a login that is accepted, asked for at that moment. */
  readonly #desktop: () => { readonly width: number; readonly height: number };
  #ended = false;

  constructor(
    transport: Transport,
    upgrade: Upgrade,
    desktop: () => { readonly width: number; readonly height: number },
    meter: Meter,
    handler: ConnectionHandler,
  ) {
    this.#transport = transport;
    this.#upgrade = upgrade;
    this.#desktop = desktop;
    this.#meter = meter;
    this.#handler = handler;
  }

  /** Whether pictures may be sent now. */
  get isActive(): boolean {
    return !this.#ended && this.#acceptor.isActive;
  }

  receive(bytes: Uint8Array): void {
    this.#guarded(() => this.#apply(this.#acceptor.step(bytes)));
  }

  /** Begins where another connection was left. */
  resume(state: () => AcceptorState): void {
    this.#guarded(() => this.#apply(this.#acceptor.resume(state())));
  }

  /** Whose login is awaited, is let in. */
  accept(): void {
    const { width, height } = this.#desktop();
    this.#guarded(() => this.#apply(this.#acceptor.accept(width, height)));
  }

  /** Lets go of the transport without a word; undefined where there is nothing that could go on. */
  leave(): AcceptorState | undefined {
    let state: AcceptorState | undefined;
    this.#guarded(() => {
      state = this.#acceptor.leave();
      this.#ended ||= state !== undefined;
    });
    return state;
  }

  send(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#meter.sentBytes += bytes.length;
    this.#transport.write(bytes);
  }

  sendShareData(pduType2: number, body: Uint8Array): void {
    this.send(this.#acceptor.shareData(pduType2, body));
  }

  reactivate(width: number, height: number): void {
    this.#write(this.#acceptor.reactivate(width, height));
  }

  /** Says goodbye with a code of ERROR_INFO, and closes. */
  disconnect(errorInfo: number): void {
    if (this.#ended) return;
    this.#write(this.#acceptor.disconnect(errorInfo));
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    this.#transport.end();
  }

  #apply({ send, events }: Step<AcceptorEvent>): void {
    this.#write(send);
    for (const event of events) {
      if (this.#ended) return;
      this.#handle(event);
    }
  }

  #handle(event: AcceptorEvent): void {
    switch (event.type) {
      case 'tls':
        void this.#becomeTls(event.early);
        break;
      case 'login':
        void this.#decide(event.login);
        break;
      case 'active':
        this.#handler.handleActive(event.settings);
        break;
      case 'data':
        this.#handler.handleData(event.pduType2, event.body);
        break;
      case 'fast-path':
        this.#handler.handleFastPath(event.bytes);
        break;
      case 'channel':
        // No static channel has anybody behind it yet.
        break;
      case 'closed':
        this.#handler.handleRefused(event.reason);
        this.#end();
        break;
    }
  }

  async #becomeTls(early: Uint8Array): Promise<void> {
    try {
      await this.#upgrade(early);
    } catch {
      // The transport has closed itself, and its onClose says why.
      return;
    }
    this.#guarded(() => this.#apply(this.#acceptor.tlsReady()));
  }

  async #decide(login: Login): Promise<void> {
    try {
      const verdict = await this.#handler.handleLogin(login);
      if (this.#ended || verdict === 'gone') return;
      if ('identity' in verdict) this.accept();
      else {
        this.#write(this.#acceptor.reject(verdict.errorInfo));
        this.#handler.handleRefused(verdict.reason);
        this.#end();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #write(pieces: readonly Uint8Array[]): void {
    for (const bytes of pieces) this.send(bytes);
  }

  /** Whatever a client's bytes lead to ends with its own connection. */
  #guarded(run: () => void): void {
    if (this.#ended) return;
    try {
      run();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof DecodeError) this.#handler.handleRefused(`protocol error: ${messageOf(error)}`);
    else this.#handler.handleFault(error);
    this.disconnect(0);
  }
}
