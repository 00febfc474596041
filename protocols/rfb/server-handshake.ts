import { Chunks } from '../wire/chunks.js';
import { type Codec, decode, encode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import type { Step } from '../wire/step.js';
import { ClientInit } from './init.js';
import { ProtocolVersion, type SpokenVersion, spokenVersion } from './protocol-version.js';
import {
  CHALLENGE_BYTES,
  FailureReason,
  SECURITY_TYPE,
  SecurityChoice,
  SecurityDecision,
  SecurityResult,
  SecurityTypes,
} from './security.js';

/** Most bytes a client may send ahead of the handshake: it has nothing long to say. */
const MAX_AHEAD_BYTES = 64 << 10;

export interface ServerHandshakeOptions {
  /** What is offered, preferred first: `none` or `vncAuth`. A 3.3 client gets the first. */
  readonly securityTypes: readonly number[];
  /** 16 random bytes for VncAuth. */
  readonly challenge: Uint8Array;
  /** Set to turn the client away, with the reason, as soon as its version is known. */
  readonly refusal?: string | undefined;
}

export type ServerHandshakeEvent =
  /** The client wants in; nothing goes on until `verdict`. `response` answers the challenge where the type is vncAuth. */
  | { readonly type: 'login'; readonly security: number; readonly response: Uint8Array | undefined }
  /** Turned away; the connection should be closed once everything is sent. */
  | { readonly type: 'refused' }
  /** The client expects a ServerInit now; bytes after it are in `rest`. */
  | { readonly type: 'client-init'; readonly shared: boolean; readonly rest: Uint8Array };

type State = 'version' | 'choice' | 'response' | 'verdict' | 'client-init' | 'over';

const NOTHING: Step<ServerHandshakeEvent> = { send: [], events: [] };

/**
 * The server's side of the handshake, from ProtocolVersion to ClientInit, in all three versions.
 * `step` throws DecodeError for a client that does not speak RFB or chooses what was not offered.
 */
export class ServerHandshake {
  readonly #options: ServerHandshakeOptions;
  readonly #inbound = new Chunks(MAX_AHEAD_BYTES);
  #state: State = 'version';
  #version: SpokenVersion = '3.8';
  #security: number = SECURITY_TYPE.invalid;

  constructor(options: ServerHandshakeOptions) {
    this.#options = options;
  }

  /** Undefined until the client has said. */
  get version(): SpokenVersion | undefined {
    return this.#state === 'version' ? undefined : this.#version;
  }

  /** The server speaks first. */
  greeting(): Uint8Array {
    return encode(ProtocolVersion, { major: 3, minor: 8 });
  }

  step(bytes: Uint8Array): Step<ServerHandshakeEvent> {
    if (this.#state === 'over') return NOTHING;
    this.#inbound.push(bytes);
    return this.#run();
  }

  /** Answers a 'login'. The reason is told to clients of 3.8 only: earlier ones have no place for it. */
  verdict(accepted: boolean, reason = 'login failed'): Step<ServerHandshakeEvent> {
    if (this.#state !== 'verdict') throw new Error('there is no login to answer');
    // Before 3.8 a client that needs no login is told nothing about it.
    const told = this.#version === '3.8' || this.#security !== SECURITY_TYPE.none;
    const send = told ? [encode(SecurityResult, { status: accepted ? 0 : 1 })] : [];
    if (!accepted) {
      if (this.#version === '3.8') send.push(encode(FailureReason, { reason }));
      this.#end();
      return { send, events: [{ type: 'refused' }] };
    }
    this.#state = 'client-init';
    const next = this.#run();
    return { send: [...send, ...next.send], events: next.events };
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
      case 'version': {
        const version = this.#read(ProtocolVersion, ProtocolVersion.fixedSize);
        return version && this.#handleVersion(version);
      }
      case 'choice': {
        const choice = this.#read(SecurityChoice, SecurityChoice.fixedSize);
        return choice && this.#handleChoice(choice.type);
      }
      case 'response': {
        const response = this.#inbound.take(CHALLENGE_BYTES);
        return response && this.#askForVerdict(new Uint8Array(response));
      }
      case 'client-init': {
        const init = this.#read(ClientInit, ClientInit.fixedSize);
        if (init === undefined) return undefined;
        this.#state = 'over';
        return { send: [], events: [{ type: 'client-init', shared: init.shared, rest: this.#inbound.takeAll() }] };
      }
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
    if (refusal !== undefined) {
      const none =
        version === '3.3'
          ? encode(SecurityDecision, { type: SECURITY_TYPE.invalid })
          : encode(SecurityTypes, { types: [] });
      this.#end();
      return { send: [none, encode(FailureReason, { reason: refusal })], events: [{ type: 'refused' }] };
    }
    if (version !== '3.3') {
      this.#state = 'choice';
      return { send: [encode(SecurityTypes, { types: securityTypes })], events: [] };
    }
    const type = securityTypes[0] ?? SECURITY_TYPE.invalid;
    const chosen = this.#handleChoice(type);
    return { send: [encode(SecurityDecision, { type }), ...chosen.send], events: chosen.events };
  }

  #handleChoice(type: number): Step<ServerHandshakeEvent> {
    if (!this.#options.securityTypes.includes(type)) {
      throw new DecodeError('invalid', 'security-type', `${type} was not offered`);
    }
    this.#security = type;
    if (type !== SECURITY_TYPE.vncAuth) return this.#askForVerdict(undefined);
    this.#state = 'response';
    return { send: [this.#options.challenge], events: [] };
  }

  #askForVerdict(response: Uint8Array | undefined): Step<ServerHandshakeEvent> {
    this.#state = 'verdict';
    return { send: [], events: [{ type: 'login', security: this.#security, response }] };
  }

  #end(): void {
    this.#state = 'over';
    this.#inbound.clear();
  }
}
