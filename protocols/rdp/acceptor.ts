import { Chunks } from '../wire/chunks.js';
import { decode, encode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import { Reader } from '../wire/reader.js';
import type { Step } from '../wire/step.js';
import type { AcceptorEvent } from './acceptor-events.js';
import { channelPdu, mcsPdu, SHARE_ID, shareDataPdu } from './envelope.js';
import { noLicenseNeeded } from './license.js';
import { readLogin } from './login.js';
import { ConnectInitial, ConnectResponse } from './mcs/connect.js';
import {
  DisconnectProviderUltimatum,
  DOMAIN_PDU,
  domainPduChoice,
  ErectDomainRequest,
  REASON,
  SendDataRequest,
} from './mcs/domain.js';
import { Domain } from './mcs-domain.js';
import { Opening } from './opening.js';
import { Outbox } from './outbox.js';
import { ERROR_INFO, SetErrorInfo } from './share/set-error-info.js';
import { Share } from './share/share.js';
import { ShareControlPdu } from './share/share-control.js';
import { PDU_TYPE2 } from './share/share-data.js';
import { takePacket } from './tpkt.js';
import { type AcceptorState, Transcript } from './transcript.js';
import { ConnectionRequest, readData } from './x224.js';

/**
 * The phases of the connection sequence. @spec MS-RDPBCGR 1.3.1.1
 * - 'request': an X.224 Connection Request is awaited
 * - 'tls': the caller does the TLS handshake; with CredSSP, its exchange would be the next phase
 * - 'connect': MCS Connect Initial
 * - 'channels': Erect Domain, Attach User, channel joins, in the end Client Info
 * - 'login': the caller decides
 * - 'share': the capability exchange and all that follows, which is Share's part
 */
type Phase = 'request' | 'tls' | 'connect' | 'channels' | 'login' | 'share' | 'closed';

/** A length indicator is one byte, and the TPKT header four. */
const MAX_REQUEST_BYTES = 4 + 1 + 255;
/** Settings of 16 monitors and 31 channels are under two kilobytes, Client Info at its longest under six. */
const MAX_HANDSHAKE_BYTES = 16 << 10;
/** Inbound bytes are looked at in pieces of this size, so that the queue behind them needs no more room. */
const PIECE_BYTES = 64 << 10;

export interface AcceptorOptions {
  /** Longest PDU taken from a client that has logged in. */
  readonly maxPduBytes: number;
  /** Most bytes of the PDUs that a connection sequence is made of, which are kept. */
  readonly maxSequenceBytes: number;
}

/**
 * The server's half of an RDP connection: from the first byte to the active session, and its reactivations.
 * It wraps and unwraps; what share data, fast-path and channel PDUs mean is its caller's business.
 * `step` throws DecodeError for bytes that no client should send; the connection is then over.
 */
export class Acceptor {
  readonly #options: AcceptorOptions;
  readonly #inbound: Chunks;
  readonly #transcript: Transcript;
  #phase: Phase = 'request';
  #domain: Domain | undefined;
  #share: Share | undefined;
  readonly #out = new Outbox();
  readonly #opening = new Opening(this.#out);

  constructor(options: AcceptorOptions) {
    this.#options = options;
    this.#inbound = new Chunks(Math.max(options.maxPduBytes, MAX_HANDSHAKE_BYTES) + PIECE_BYTES);
    this.#transcript = new Transcript(options.maxSequenceBytes);
  }

  /** Whether pictures may be sent; false before the first activation and during a reactivation. */
  get isActive(): boolean {
    return this.#phase === 'share' && this.#share?.isActive === true;
  }

  /** Takes over `bytes`; what of them makes no whole PDU yet is kept. */
  step(bytes: Uint8Array): Step<AcceptorEvent> {
    const before = this.#phase;
    for (let at = 0; at < bytes.length && this.#phase !== 'closed'; at += PIECE_BYTES) {
      this.#inbound.push(bytes.subarray(at, at + PIECE_BYTES));
      this.#drain();
    }
    if (before === 'request' && this.#phase === 'tls') {
      this.#out.events.push({ type: 'tls', early: this.#inbound.takeAll() });
    }
    return this.#out.flush();
  }

  /** TLS stands. Bytes given to `step` since it was asked for are taken for its plaintext. */
  tlsReady(): Step<AcceptorEvent> {
    if (this.#phase === 'tls') this.#phase = 'connect';
    this.#drain();
    return this.#out.flush();
  }

  /** The login is good: goes on towards a desktop of this size. */
  accept(width: number, height: number): Step<AcceptorEvent> {
    if (this.#phase !== 'login') return this.#out.flush();
    this.#sendLicense();
    this.#share = new Share(this.#joined, this.#out);
    this.#activate(width, height);
    this.#phase = 'share';
    this.#drain();
    return this.#out.flush();
  }

  /**
   * Brings a new acceptor to where another one was when its `leave` returned `state`. What it would say on the way has
   * been said. The login is then to be answered, or the share goes on: with an 'active' event where it is active.
   */
  resume({ request, plain, desktop, rest }: AcceptorState): Step<AcceptorEvent> {
    const events: AcceptorEvent[] = [];
    this.step(request);
    if (this.#phase === 'tls') this.tlsReady();
    this.step(plain);
    if (this.#phase !== 'login') throw new DecodeError('invalid', 'handover', 'does not lead to a login');
    if (desktop !== undefined) {
      events.push(...this.accept(desktop.width, desktop.height).events.filter(({ type }) => type === 'active'));
      if (!this.#isSharing) throw new DecodeError('invalid', 'handover', 'does not lead to a share');
      this.#share?.resumed();
    }
    const { send, events: more } = this.step(rest);
    return { send, events: [...events, ...more] };
  }

  /** Gives up the connection, for another acceptor's `resume`. Undefined before the login and after the end. */
  leave(): AcceptorState | undefined {
    if (this.#phase !== 'login' && !this.#isSharing) return undefined;
    this.#phase = 'closed';
    return this.#transcript.state(this.#share?.desktop, this.#inbound.takeAll());
  }

  /** The login is no good: says why and ends the connection. */
  reject(errorInfo: number): readonly Uint8Array[] {
    // Clients look at an error only once the licensing that they wait for is over.
    if (this.#phase === 'login') this.#sendLicense();
    return this.disconnect(errorInfo);
  }

  /** The desktop has another size: deactivates the share and activates it anew. Only while active. */
  reactivate(width: number, height: number): readonly Uint8Array[] {
    if (this.isActive) {
      this.#share?.deactivate();
      this.#activate(width, height);
    }
    return this.#out.flush().send;
  }

  /** Says goodbye, with a reason from ERROR_INFO where the client understands one; the caller then closes. */
  disconnect(errorInfo: number): readonly Uint8Array[] {
    if (this.#domain !== undefined && this.#phase !== 'closed') {
      if (this.#domain.supportsErrorInfo && errorInfo !== ERROR_INFO.none) {
        this.#out.send.push(this.shareData(PDU_TYPE2.setErrorInfo, encode(SetErrorInfo, { errorInfo })));
      }
      if (this.isActive) this.#share?.deactivate();
      this.#out.send.push(mcsPdu(DisconnectProviderUltimatum, { reason: REASON.providerInitiated }));
    }
    this.#phase = 'closed';
    this.#inbound.clear();
    return this.#out.flush().send;
  }

  /** A share data PDU around `body`. Throws RangeError for a body over 16 KiB. */
  shareData(pduType2: number, body: Uint8Array): Uint8Array {
    return shareDataPdu(this.#joined.ioChannelId, { shareId: SHARE_ID, type: pduType2, body });
  }

  /** Static virtual channel data, with its CHANNEL_PDU_HEADER, for one of the client's channels. */
  channelData(channelId: number, data: Uint8Array): Uint8Array {
    return channelPdu(channelId, data);
  }

  get #joined(): Domain {
    if (this.#domain === undefined) throw new DecodeError('invalid', 'mcs', 'a domain pdu before connect initial');
    return this.#domain;
  }

  /** Asked anew after each call that may have changed it. */
  get #isSharing(): boolean {
    return this.#phase === 'share';
  }

  #activate(width: number, height: number): void {
    this.#transcript.beginActivation();
    this.#share?.activate(width, height);
  }

  #close(reason: string): void {
    this.#phase = 'closed';
    this.#inbound.clear();
    this.#out.events.push({ type: 'closed', reason });
  }

  #drain(): void {
    while (this.#phase !== 'tls' && this.#phase !== 'login' && this.#phase !== 'closed') {
      if (this.#phase === 'request' && this.#opening.isPreconnection(this.#inbound)) {
        const bytes = this.#opening.takePreconnection(this.#inbound);
        if (bytes === undefined) return;
        this.#transcript.addRequest(bytes);
        continue;
      }
      const packet = takePacket(this.#inbound, this.#capBytes());
      if (packet === undefined) return;
      if (packet.kind === 'tpkt') this.#take(packet);
      else if (this.#share?.wasActive === true) this.#out.events.push({ type: 'fast-path', bytes: packet.bytes });
      else throw new DecodeError('invalid', 'packet', 'fast-path input before the session is active');
    }
  }

  #take({ payload, bytes }: { readonly payload: Uint8Array; readonly bytes: Uint8Array }): void {
    const before = this.#phase;
    const shareBefore = this.#share?.state;
    this.#receive(payload);
    if (before === 'request') this.#transcript.addRequest(bytes);
    else if (before !== 'share' && this.#phase === 'login') this.#transcript.addClientInfo(this.#joined);
    else if (before !== 'share') this.#transcript.addLogin(bytes);
    else if (this.#share?.state !== shareBefore) this.#transcript.addActivation(bytes);
  }

  #capBytes(): number {
    if (this.#phase === 'request') return MAX_REQUEST_BYTES;
    return this.#phase === 'connect' || this.#phase === 'channels' ? MAX_HANDSHAKE_BYTES : this.#options.maxPduBytes;
  }

  #receive(payload: Uint8Array): void {
    if (this.#phase === 'request') {
      this.#receiveRequest(decode(ConnectionRequest, payload));
      return;
    }
    const data = readData(payload);
    if (data === 'disconnected') this.#close('disconnected by the client');
    else if (this.#phase === 'connect') this.#receiveConnectInitial(ConnectInitial.decode(data.mcs));
    else this.#receiveDomainPdu(data.mcs);
  }

  #receiveRequest(request: ConnectionRequest): void {
    const failure = this.#opening.answer(request);
    if (failure === undefined) this.#phase = 'tls';
    else this.#close(failure);
  }

  #receiveConnectInitial(initial: ConnectInitial): void {
    this.#domain = Domain.fromConnectInitial(initial);
    this.#out.send.push(mcsPdu(ConnectResponse, this.#domain.connectResponse(this.#opening.requestedProtocols)));
    this.#phase = 'channels';
  }

  #receiveDomainPdu(r: Reader): void {
    switch (domainPduChoice(r)) {
      case DOMAIN_PDU.erectDomainRequest:
        ErectDomainRequest.decode(r);
        return;
      case DOMAIN_PDU.attachUserRequest:
      case DOMAIN_PDU.channelJoinRequest:
        this.#out.send.push(this.#joined.answer(r));
        return;
      case DOMAIN_PDU.sendDataRequest:
        this.#receiveChannel(SendDataRequest.decode(r));
        return;
      case DOMAIN_PDU.disconnectProviderUltimatum:
        this.#close('disconnected by the client');
        return;
      default:
        r.fail('unsupported', 'domain pdu', `is ${domainPduChoice(r)}`);
    }
  }

  #receiveChannel({ channelId, userData }: SendDataRequest): void {
    if (channelId !== this.#joined.ioChannelId) {
      // The message channel's answers are to questions that were never asked.
      const known = this.#joined.channels.some((channel) => channel.id === channelId);
      if (known && this.#share?.wasActive) this.#out.events.push({ type: 'channel', channelId, data: userData });
      return;
    }
    const r = new Reader(userData);
    if (this.#phase === 'channels') this.#receiveClientInfo(r);
    else if (this.#phase === 'share')
      while (r.remaining >= ShareControlPdu.fixedSize) this.#share?.receive(ShareControlPdu.decode(r));
  }

  #receiveClientInfo(r: Reader): void {
    const login = readLogin(r, this.#joined.client.core, this.#opening);
    this.#phase = 'login';
    this.#out.events.push({ type: 'login', login });
  }

  #sendLicense(): void {
    this.#out.send.push(channelPdu(this.#joined.ioChannelId, noLicenseNeeded()));
  }
}
