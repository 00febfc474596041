import { Chunks } from '../wire/chunks.js';
import { type Codec, decode, encode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import type { Step } from '../wire/step.js';
import { ClientInit, ServerInit } from './init.js';
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

/** Most bytes held of a handshake: its longest message is a text of a few KiB; one read may come with it. */
const MAX_AHEAD_BYTES = 512 << 10;

export interface ClientHandshakeOptions {
  /** Whether a VncAuth challenge could be answered. */
  readonly hasPassword: boolean;
  /** Other clients may stay connected. */
  readonly shared: boolean;
}

export type ClientHandshakeEvent =
  /** VncAuth: 16 bytes to answer with `respond`; nothing goes on until then. */
  | { readonly type: 'challenge'; readonly challenge: Uint8Array }
  /** The handshake is over without success. */
  | ({ readonly type: 'refused' } & Refusal)
  /** Done; bytes after the handshake are in `rest`. */
  | { readonly type: 'server-init'; readonly init: ServerInit; readonly rest: Uint8Array };

export type Refusal =
  /** The server wants no client now, and says why. */
  | { readonly why: 'turned-away'; readonly reason: string }
  /** The login was not accepted; a reason came with 3.8 only. */
  | { readonly why: 'login-failed'; readonly reason: string | undefined }
  /** Only VncAuth would do, and there is no password. */
  | { readonly why: 'password-needed' }
  /** None of the security types that are offered is spoken here. */
  | { readonly why: 'unsupported'; readonly types: readonly number[] };

type State =
  | 'version'
  | 'types'
  | 'decision'
  | 'turned-away'
  | 'challenge'
  | 'response'
  | 'result'
  | 'reason'
  | 'init'
  | 'over';

const NOTHING: Step<ClientHandshakeEvent> = { send: [], events: [] };

/**
 * The client's side of the handshake, from ProtocolVersion to ServerInit, in all three versions.
 * `step` throws DecodeError where the server does not speak RFB.
 */
export class ClientHandshake {
  readonly #options: ClientHandshakeOptions;
  readonly #inbound = new Chunks(MAX_AHEAD_BYTES);
  #state: State = 'version';
  #version: SpokenVersion = '3.8';

  constructor(options: ClientHandshakeOptions) {
    this.#options = options;
  }

  step(bytes: Uint8Array): Step<ClientHandshakeEvent> {
    if (this.#state === 'over') return NOTHING;
    this.#inbound.push(bytes);
    return this.#run();
  }

  /** Answers a 'challenge'. */
  respond(response: Uint8Array): Step<ClientHandshakeEvent> {
    if (this.#state !== 'response') throw new Error('there is no challenge to answer');
    this.#state = 'result';
    const next = this.#run();
    return { send: [response, ...next.send], events: next.events };
  }

  #run(): Step<ClientHandshakeEvent> {
    const send: Uint8Array[] = [];
    const events: ClientHandshakeEvent[] = [];
    for (;;) {
      const step = this.#next();
      if (step === undefined) return { send, events };
      send.push(...step.send);
      events.push(...step.events);
    }
  }

  /** Reads the one message that is due, or returns undefined while it is not there. */
  #next(): Step<ClientHandshakeEvent> | undefined {
    switch (this.#state) {
      case 'version':
        return this.#read(ProtocolVersion, (said) => this.#handleVersion(said));
      case 'types': {
        const count = this.#inbound.peek(1)?.[0];
        return count === undefined ? undefined : this.#read(SecurityTypes, (v) => this.#handleTypes(v.types), count);
      }
      case 'decision':
        return this.#read(SecurityDecision, (v) => this.#handleDecision(v.type));
      case 'turned-away':
        return this.#readText(FailureReason, (v) => this.#refuse({ why: 'turned-away', reason: v.reason }));
      case 'challenge': {
        const challenge = this.#inbound.take(CHALLENGE_BYTES);
        if (challenge === undefined) return undefined;
        this.#state = 'response';
        return { send: [], events: [{ type: 'challenge', challenge: challenge.slice() }] };
      }
      case 'result':
        return this.#read(SecurityResult, (v) => this.#handleResult(v.status));
      case 'reason':
        return this.#readText(FailureReason, (v) => this.#refuse({ why: 'login-failed', reason: v.reason }));
      case 'init':
        return this.#readText(ServerInit, (init) => {
          this.#state = 'over';
          return { send: [], events: [{ type: 'server-init', init, rest: this.#inbound.takeAll() }] };
        });
      case 'response':
      case 'over':
        return undefined;
    }
  }

  #read<T>(codec: Codec<T>, handle: (v: T) => Step<ClientHandshakeEvent>, extra = 0) {
    const bytes = this.#inbound.take(codec.fixedSize + extra);
    return bytes && handle(decode(codec, bytes));
  }

  /** A message that ends in a text, whose length is the last field of the fixed part. */
  #readText<T>(codec: Codec<T>, handle: (v: T) => Step<ClientHandshakeEvent>) {
    const head = this.#inbound.peek(codec.fixedSize);
    if (head === undefined) return undefined;
    const length = new DataView(head.buffer, head.byteOffset).getUint32(codec.fixedSize - 4);
    if (length > MAX_AHEAD_BYTES) throw new DecodeError('limit', codec.name, `${length} bytes of text`);
    return this.#read(codec, handle, length);
  }

  #handleVersion(said: ProtocolVersion): Step<ClientHandshakeEvent> {
    const version = spokenVersion(said);
    if (version === undefined) {
      throw new DecodeError('unsupported', 'ProtocolVersion', `version ${said.major}.${said.minor}`);
    }
    this.#version = version;
    this.#state = version === '3.3' ? 'decision' : 'types';
    return { send: [encode(ProtocolVersion, { major: 3, minor: Number(version.slice(2)) })], events: [] };
  }

  #handleTypes(types: readonly number[]): Step<ClientHandshakeEvent> {
    if (types.length === 0) {
      this.#state = 'turned-away';
      return NOTHING;
    }
    const { hasPassword } = this.#options;
    const spoken = hasPassword ? [SECURITY_TYPE.vncAuth, SECURITY_TYPE.none] : [SECURITY_TYPE.none];
    const type = spoken.find((t) => types.includes(t));
    if (type !== undefined) return this.#secure(type, [encode(SecurityChoice, { type })]);
    return this.#refuse(
      types.includes(SECURITY_TYPE.vncAuth) ? { why: 'password-needed' } : { why: 'unsupported', types },
    );
  }

  #handleDecision(type: number): Step<ClientHandshakeEvent> {
    if (type === SECURITY_TYPE.invalid) {
      this.#state = 'turned-away';
      return NOTHING;
    }
    if (type === SECURITY_TYPE.none) return this.#secure(type, []);
    if (type !== SECURITY_TYPE.vncAuth) return this.#refuse({ why: 'unsupported', types: [type] });
    return this.#options.hasPassword ? this.#secure(type, []) : this.#refuse({ why: 'password-needed' });
  }

  #secure(type: number, choice: Uint8Array[]): Step<ClientHandshakeEvent> {
    if (type === SECURITY_TYPE.vncAuth) {
      this.#state = 'challenge';
      return { send: choice, events: [] };
    }
    // Before 3.8 a client that needs no login is told nothing about it.
    if (this.#version === '3.8') {
      this.#state = 'result';
      return { send: choice, events: [] };
    }
    return { send: [...choice, ...this.#clientInit().send], events: [] };
  }

  #handleResult(status: number): Step<ClientHandshakeEvent> {
    if (status === 0) return this.#clientInit();
    if (this.#version !== '3.8') return this.#refuse({ why: 'login-failed', reason: undefined });
    this.#state = 'reason';
    return NOTHING;
  }

  #clientInit(): Step<ClientHandshakeEvent> {
    this.#state = 'init';
    return { send: [encode(ClientInit, { shared: this.#options.shared })], events: [] };
  }

  #refuse(refusal: Refusal): Step<ClientHandshakeEvent> {
    this.#state = 'over';
    this.#inbound.clear();
    return { send: [], events: [{ type: 'refused', ...refusal }] };
  }
}
