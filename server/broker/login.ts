import type { Credentials, Identity } from '../auth/credentials.js';

/**
 * The credentials of one connection. It remembers who has come, with the limits of their ticket; the session does
 * not learn those of their rights, because in the lobby everybody may use keys and pointer.
 */
export class Login implements Credentials {
  readonly #credentials: Credentials;
  readonly #failed: (user: string | null) => void;
  #identity: Identity | undefined;

  /** @param failed somebody has tried and is not who they say */
  constructor(credentials: Credentials, failed: (user: string | null) => void) {
    this.#credentials = credentials;
    this.#failed = failed;
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }
  get required(): boolean {
    return this.#credentials.required;
  }
  get named(): boolean {
    return this.#credentials.named === true;
  }

  async checkPassword(user: string | undefined, password: string): Promise<Identity | undefined> {
    return this.#met(await this.#credentials.checkPassword(user, password), user ?? null);
  }
  async checkVncResponse(challenge: Uint8Array, response: Uint8Array): Promise<Identity | undefined> {
    return this.#met(await this.#credentials.checkVncResponse(challenge, response), null);
  }

  ntHash(user: string): Uint8Array | undefined {
    return this.#credentials.ntHash?.(user);
  }

  #met(identity: Identity | undefined, user: string | null): Identity | undefined {
    this.#identity = identity;
    if (identity === undefined) {
      this.#failed(user);
      return undefined;
    }
    const { user: name, machine } = identity;
    // That it was a ticket must be known: it proves nothing about the name that was typed beside it.
    return machine === undefined ? { user: name } : { user: name, machine };
  }
}
