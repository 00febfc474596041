import type { Chunks } from '../wire/chunks.js';
import { decode, encode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import {
  VENCRYPT_MEANS,
  VENCRYPT_VERSION,
  VeNCryptAck,
  VeNCryptChoice,
  type VeNCryptMeans,
  VeNCryptSubtypes,
  VeNCryptVersion,
} from './vencrypt.js';

export interface VeNCryptStep {
  readonly send: readonly Uint8Array[];
  /** What was settled on, or that there is nothing in common; undefined while it goes on. */
  readonly outcome?: VeNCryptMeans | 'refused';
}

/** The server's part in choosing a subtype: versions, then the subtypes, then the client's choice of one. */
export class VeNCryptNegotiation {
  readonly #subtypes: readonly number[];
  #awaits: 'version' | 'choice' = 'version';

  /** @param subtypes what is offered, preferred first */
  constructor(subtypes: readonly number[]) {
    this.#subtypes = subtypes;
  }

  greeting(): Uint8Array {
    return encode(VeNCryptVersion, VENCRYPT_VERSION);
  }

  /** Reads the one message that is due; undefined while it is not there. Throws DecodeError for what was not offered. */
  next(inbound: Chunks): VeNCryptStep | undefined {
    if (this.#awaits === 'version') {
      const version = inbound.take(VeNCryptVersion.fixedSize);
      return version && this.#handleVersion(decode(VeNCryptVersion, version));
    }
    const choice = inbound.take(VeNCryptChoice.fixedSize);
    return choice && this.#handleChoice(decode(VeNCryptChoice, choice).subtype);
  }

  #handleVersion({ major, minor }: VeNCryptVersion): VeNCryptStep {
    if (major !== VENCRYPT_VERSION.major || minor !== VENCRYPT_VERSION.minor) {
      return { send: [encode(VeNCryptAck, { value: 1 })], outcome: 'refused' };
    }
    this.#awaits = 'choice';
    return { send: [encode(VeNCryptAck, { value: 0 }), encode(VeNCryptSubtypes, { subtypes: this.#subtypes })] };
  }

  #handleChoice(subtype: number): VeNCryptStep {
    const outcome = VENCRYPT_MEANS[subtype];
    if (outcome === undefined || !this.#subtypes.includes(subtype)) {
      throw new DecodeError('invalid', 'vencrypt-subtype', `${subtype} was not offered`);
    }
    // Only where TLS follows is the choice acknowledged.
    return { send: outcome.tls === 'none' ? [] : [encode(VeNCryptAck, { value: 1 })], outcome };
  }
}
