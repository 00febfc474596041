import { encode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';
import { ClientInfo, INFO } from './client-info.js';
import { mcsPdu } from './envelope.js';
import { SendDataRequest } from './mcs/domain.js';
import type { Domain } from './mcs-domain.js';
import { SECURITY, SecurityHeader } from './security-header.js';

/** What an acceptor has to be told to be where another one was: `Acceptor.resume`. */
export interface AcceptorState {
  /** What came before TLS. */
  readonly request: Uint8Array;
  /** What came after and is settled; without a desktop also what came since the login and was not looked at. */
  readonly plain: Uint8Array;
  /** The login was accepted, and this is the size of the latest activation. */
  readonly desktop: Desktop | undefined;
  /** With a desktop: what was not looked at. */
  readonly rest: Uint8Array;
}

export interface Desktop {
  readonly width: number;
  readonly height: number;
}

/**
 * The PDUs of one client that have led to its acceptor's state, and none of those that have not: as long as the
 * connection sequence, however long the connection lasts. It keeps copies.
 */
export class Transcript {
  readonly #capBytes: number;
  readonly #request: Uint8Array[] = [];
  readonly #login: Uint8Array[] = [];
  /** The client's part in the latest activation, which alone counts. */
  #activation: Uint8Array[] = [];
  #length = 0;

  constructor(capBytes: number) {
    this.#capBytes = capBytes;
  }

  addRequest(bytes: Uint8Array): void {
    this.#add(this.#request, bytes);
  }

  addLogin(bytes: Uint8Array): void {
    this.#add(this.#login, bytes);
  }

  /** Client Info, of which nothing but that it came matters to the state: a password is not kept. */
  addClientInfo({ userId, ioChannelId }: Domain): void {
    this.addLogin(
      mcsPdu(SendDataRequest, {
        initiator: userId,
        channelId: ioChannelId,
        userData: Uint8Array.of(...encode(SecurityHeader, { flags: SECURITY.info }), ...encode(ClientInfo, NO_INFO)),
      }),
    );
  }

  beginActivation(): void {
    for (const { length } of this.#activation) this.#length -= length;
    this.#activation = [];
  }

  addActivation(bytes: Uint8Array): void {
    this.#add(this.#activation, bytes);
  }

  /** @param rest what has come and was not looked at */
  state(desktop: Desktop | undefined, rest: Uint8Array): AcceptorState {
    const plain = [...this.#login, ...this.#activation];
    if (desktop === undefined && rest.length > 0) this.#add(plain, rest);
    return {
      request: join(this.#request),
      plain: join(plain),
      desktop,
      rest: desktop === undefined ? new Uint8Array(0) : rest,
    };
  }

  #add(pieces: Uint8Array[], bytes: Uint8Array): void {
    this.#length += bytes.length;
    if (this.#length > this.#capBytes) {
      throw new DecodeError('limit', 'connection sequence', `over ${this.#capBytes} bytes`);
    }
    pieces.push(new Uint8Array(bytes));
  }
}

const NO_INFO: ClientInfo = {
  codePage: 0,
  flags: INFO.unicode,
  domain: '',
  user: '',
  password: '',
  alternateShell: '',
  workingDirectory: '',
  extended: undefined,
};

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
