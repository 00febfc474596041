import { createHash, timingSafeEqual } from 'node:crypto';
import { vncResponse } from '../../src/base/vnc-response.js';
import type { Credentials, Identity } from './credentials.js';
import { ntHashOf } from './md4.js';

/** One user with one password, as `vitrine run` has it. */
export class SingleUser implements Credentials {
  readonly required = true;
  readonly #identity: Identity;
  readonly #password: string;

  constructor(user: string, password: string) {
    this.#identity = { user };
    this.#password = password;
  }

  async checkPassword(user: string | undefined, password: string): Promise<Identity | undefined> {
    // User names are not case-sensitive where people come from (Windows); both are compared, in constant time.
    const userOk = user === undefined || equal(user.toLowerCase(), this.#identity.user.toLowerCase());
    const passwordOk = equal(password, this.#password);
    return userOk && passwordOk ? this.#identity : undefined;
  }

  async checkVncResponse(challenge: Uint8Array, response: Uint8Array): Promise<Identity | undefined> {
    const expected = vncResponse(challenge, this.#password);
    return expected.length === response.length && timingSafeEqual(expected, response) ? this.#identity : undefined;
  }

  ntHash(user: string): Uint8Array | undefined {
    return equal(user.toLowerCase(), this.#identity.user.toLowerCase()) ? ntHashOf(this.#password) : undefined;
  }
}

/** `--auth none`. */
export class Anyone implements Credentials {
  readonly required = false;

  async checkPassword(user: string | undefined): Promise<Identity> {
    return { user: user === undefined || user === '' ? 'anyone' : user };
  }
  async checkVncResponse(): Promise<Identity> {
    return { user: 'anyone' };
  }
}

function equal(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
