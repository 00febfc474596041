import { Chunks } from '../wire/chunks.js';
import { type Codec, decode, encode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import type { Step } from '../wire/step.js';
import { DH_CREDENTIALS_BYTES, DhParameters, DhResponse } from './diffie-hellman.js';
import { ClientInit } from './init.js';
import { ProtocolVersion, type SpokenVersion, spokenVersion } from './protocol-version.js';
import { REPEATER_VERSION, RepeaterId } from './repeater.js';
import {
  CHALLENGE_BYTES,
  FailureReason,
  SECURITY_TYPE,
  SecurityChoice,
  SecurityDecision,
  SecurityResult,
  SecurityTypes,
} from './security.js';
import type { LoginAttempt, ServerHandshakeEvent } from './server-handshake-events.js';
import { PlainCredentials, plainCredentialsSize, type VeNCryptMeans } from './vencrypt.js';
import { VeNCryptNegotiation, type VeNCryptStep } from './vencrypt-negotiation.js';

/** Most bytes a client may send ahead of the handshake: it has nothing long to say. */
const MAX_AHEAD_BYTES = 64 << 10;

export interface ServerHandshakeOptions {
  /** What is offered, preferred first. A 3.3 client gets the first that it can know. */
  readonly securityTypes: readonly number[];
  /** What is offered inside VeNCrypt, preferred first. */
  readonly veNCryptSubtypes?: readonly number[];
  /** 16 random bytes for VncAuth. */
  readonly challenge: Uint8Array;
  /** Makes a key for Apple's Diffie-Hellman type; called when a client has chosen it. */
  readonly diffieHellman?: () => DhParameters;
  /** Set to turn the client away, with the reason, as soon as its version is known. */
  readonly refusal?: string | undefined;
  /** Asks for a destination first, as UltraVNC's repeater does. Viewers that do not expect it close. */
  readonly repeater?: boolean;
  /** The client is in already: ClientInit is the next thing that it says. */
  readonly isIn?: boolean;
}

type State =
  | 'repeater-id'
  | 'version'
  | 'choice'
  | 'vencrypt'
  | 'tls'
  | 'response'
  | 'plain'
  | 'diffie-hellman'
  | 'verdict'
  | 'client-init'
  | 'over';

/** What a security type asks for once the connection is as it wants it. */
type Proof = VeNCryptMeans['proof'] | 'diffie-hellman';

/** All that there was in 3.3. */
const TYPES_OF_3_3: readonly number[] = [SECURITY_TYPE.none, SECURITY_TYPE.vncAuth];

const VERSION: ProtocolVersion = { major: 3, minor: 8 };
const NOTHING: Step<ServerHandshakeEvent> = { send: [], events: [] };

/**
 * The server's side of the handshake, from ProtocolVersion to ClientInit, in all three versions.
 * `step` throws DecodeError for a client that does not speak RFB or chooses what was not offered.
 */
export class ServerHandshake {
  readonly #options: ServerHandshakeOptions;
  readonly #inbound = new Chunks(MAX_AHEAD_BYTES);
  readonly #veNCrypt: VeNCryptNegotiation;
  #state: State;
  #version: SpokenVersion = '3.8';
  #security: number = SECURITY_TYPE.invalid;
  /** Length of the key that was sent for Diffie-Hellman; the client's is as long. */
  #keyBytes = 0;
  /** What is asked for after TLS. */
  #proof: Proof = 'none';

  constructor(options: ServerHandshakeOptions) {
    this.#options = options;
    this.#veNCrypt = new VeNCryptNegotiation(options.veNCryptSubtypes ?? []);
    this.#state = options.isIn ? 'client-init' : options.repeater ? 'repeater-id' : 'version';
  }

  /** The server speaks first. */
  greeting(): Uint8Array {
    if (this.#state === 'client-init') return new Uint8Array(0);
    return encode(ProtocolVersion, this.#state === 'repeater-id' ? REPEATER_VERSION : VERSION);
  }

  step(bytes: Uint8Array): Step<ServerHandshakeEvent> {
    if (this.#state === 'over') return NOTHING;
    this.#inbound.push(bytes);
    return this.#run();
  }

  /** Answers a 'login'. The reason is told to clients of 3.8 only: earlier ones have no place for it. */
  verdict(accepted: boolean, reason = 'login failed'): Step<ServerHandshakeEvent> {
    if (this.#state !== 'verdict') throw new Error('there is no login to answer');
    const send = this.#result(accepted);
    if (!accepted) {
      if (this.#version === '3.8') send.push(encode(FailureReason, { reason }));
      this.#end();
      return { send, events: [{ type: 'refused' }] };
    }
    this.#state = 'client-init';
    const next = this.#run();
    return { send: [...send, ...next.send], events: next.events };
  }

  /** Answers a 'tls': whatever comes from now on has come through it. */
  secured(): Step<ServerHandshakeEvent> {
    if (this.#state !== 'tls') throw new Error('no TLS was asked for');
    const asked = this.#askFor(this.#proof);
    const next = this.#run();
    return { send: [...asked.send, ...next.send], events: [...asked.events, ...next.events] };
  }

  /**
   * Somebody else goes on, from ClientInit (`isIn`). A login that waits for its verdict is accepted by it. Undefined
   * where it is too early for that, or too late.
   */
  leave(): { readonly send: readonly Uint8Array[]; readonly rest: Uint8Array } | undefined {
    if (this.#state !== 'verdict' && this.#state !== 'client-init') return undefined;
    const send = this.#state === 'verdict' ? this.#result(true) : [];
    this.#state = 'over';
    return { send, rest: this.#inbound.takeAll() };
  }

  #run(): Step<ServerHandshakeEvent> {
    const send: Uint8Array[] = [];
    const events: ServerHandshakeEvent[] = [];
    for (;;) {
      const step = this.#next();
      if (step === undefined) return { send, events };
      send.push(...step.send);
      events.push(...step.events);
    }
  }

  /** Reads the one message that is due, or returns undefined while it is not there. */
  #next(): Step<ServerHandshakeEvent> | undefined {
    switch (this.#state) {
      case 'repeater-id': {
        const wanted = this.#read(RepeaterId, RepeaterId.fixedSize);
        if (wanted === undefined) return undefined;
        this.#state = 'version';
        return { send: [this.greeting()], events: [{ type: 'repeater-id', id: wanted.id }] };
      }
      case 'version': {
        const version = this.#read(ProtocolVersion, ProtocolVersion.fixedSize);
        return version && this.#handleVersion(version);
      }
      case 'choice': {
        const choice = this.#read(SecurityChoice, SecurityChoice.fixedSize);
        return choice && this.#handleChoice(choice.type);
      }
      case 'vencrypt': {
        const step = this.#veNCrypt.next(this.#inbound);
        return step && this.#handleVeNCrypt(step);
      }
      case 'response': {
        const response = this.#inbound.take(CHALLENGE_BYTES);
        return response && this.#askForVerdict({ kind: 'response', response: new Uint8Array(response) });
      }
      case 'plain': {
        const head = this.#inbound.peek(PlainCredentials.fixedSize);
        const said = head && this.#read(PlainCredentials, plainCredentialsSize(head));
        return said && this.#askForVerdict({ kind: 'password', ...said });
      }
      case 'diffie-hellman': {
        const bytes = this.#inbound.take(DH_CREDENTIALS_BYTES + this.#keyBytes);
        return bytes && this.#askForVerdict({ kind: 'diffie-hellman', ...decode(DhResponse, new Uint8Array(bytes)) });
      }
      case 'client-init': {
        const init = this.#read(ClientInit, ClientInit.fixedSize);
        if (init === undefined) return undefined;
        this.#state = 'over';
        return { send: [], events: [{ type: 'client-init', shared: init.shared, rest: this.#inbound.takeAll() }] };
      }
      case 'tls':
      case 'verdict':
      case 'over':
        return undefined;
    }
  }

  #read<T>(codec: Codec<T>, size: number): T | undefined {
    const bytes = this.#inbound.take(size);
    return bytes && decode(codec, bytes);
  }

  #handleVersion(said: ProtocolVersion): Step<ServerHandshakeEvent> {
    const version = spokenVersion(said);
    if (version === undefined) {
      throw new DecodeError('unsupported', 'ProtocolVersion', `version ${said.major}.${said.minor}`);
    }
    this.#version = version;
    const { refusal, securityTypes } = this.#options;
    if (refusal !== undefined) return this.#turnAway(refusal);
    if (version !== '3.3') {
      this.#state = 'choice';
      return { send: [encode(SecurityTypes, { types: securityTypes })], events: [] };
    }
    const type = securityTypes.find((offered) => TYPES_OF_3_3.includes(offered));
    if (type === undefined) return this.#turnAway('this server needs a viewer of version 3.7 or later');
    const chosen = this.#handleChoice(type);
    return { send: [encode(SecurityDecision, { type }), ...chosen.send], events: chosen.events };
  }

  #turnAway(reason: string): Step<ServerHandshakeEvent> {
    const none =
      this.#version === '3.3'
        ? encode(SecurityDecision, { type: SECURITY_TYPE.invalid })
        : encode(SecurityTypes, { types: [] });
    this.#end();
    return { send: [none, encode(FailureReason, { reason })], events: [{ type: 'refused' }] };
  }

  #handleChoice(type: number): Step<ServerHandshakeEvent> {
    if (!this.#options.securityTypes.includes(type)) {
      throw new DecodeError('invalid', 'security-type', `${type} was not offered`);
    }
    this.#security = type;
    switch (type) {
      case SECURITY_TYPE.vncAuth:
        return this.#askFor('response');
      case SECURITY_TYPE.appleDh:
        return this.#askFor('diffie-hellman');
      case SECURITY_TYPE.veNCrypt:
        this.#state = 'vencrypt';
        return { send: [this.#veNCrypt.greeting()], events: [] };
      default:
        return this.#askFor('none');
    }
  }

  #handleVeNCrypt({ send, outcome }: VeNCryptStep): Step<ServerHandshakeEvent> {
    if (outcome === undefined) return { send, events: [] };
    if (outcome === 'refused') {
      this.#end();
      return { send, events: [{ type: 'refused' }] };
    }
    if (outcome.tls === 'none') return this.#askFor(outcome.proof);
    this.#state = 'tls';
    this.#proof = outcome.proof;
    // What has come already is the beginning of TLS: none of it may be taken for something said inside.
    const anonymous = outcome.tls === 'anonymous';
    return { send, events: [{ type: 'tls', anonymous, early: this.#inbound.takeAll() }] };
  }

  #askFor(proof: Proof): Step<ServerHandshakeEvent> {
    switch (proof) {
      case 'none':
        return this.#askForVerdict({ kind: 'none' });
      case 'plain':
        this.#state = 'plain';
        return NOTHING;
      case 'response':
        this.#state = 'response';
        return { send: [this.#options.challenge], events: [] };
      case 'diffie-hellman': {
        const parameters = this.#options.diffieHellman?.();
        if (parameters === undefined) throw new Error('there is no key for Diffie-Hellman');
        this.#state = 'diffie-hellman';
        this.#keyBytes = parameters.prime.length;
        return { send: [encode(DhParameters, parameters)], events: [] };
      }
    }
  }

  #askForVerdict(attempt: LoginAttempt): Step<ServerHandshakeEvent> {
    this.#state = 'verdict';
    return { send: [], events: [{ type: 'login', attempt }] };
  }

  /** Before 3.8 a client that needs no login is told nothing about it. */
  #result(accepted: boolean): Uint8Array[] {
    const told = this.#version === '3.8' || this.#security !== SECURITY_TYPE.none;
    return told ? [encode(SecurityResult, { status: accepted ? 0 : 1 })] : [];
  }

  #end(): void {
    this.#state = 'over';
    this.#inbound.clear();
  }
}
