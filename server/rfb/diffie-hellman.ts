import { createDecipheriv, createHash, type DiffieHellmanGroup, getDiffieHellman } from 'node:crypto';
import { type DhParameters, dhCredentials } from '../../protocols/rfb/diffie-hellman.js';

/** 2048 bits, RFC 3526: what is known to be a safe prime need not be tested, which takes OpenSSL seconds. */
const GROUP = 'modp14';

/** One connection's key for Apple's Diffie-Hellman login. Made once and used once. @spec rfbproto Diffie-Hellman Authentication */
export class DhKey {
  readonly parameters: DhParameters;
  readonly #key: DiffieHellmanGroup = getDiffieHellman(GROUP);

  constructor() {
    const publicValue = this.#key.generateKeys();
    const prime = this.#key.getPrime();
    const generator = this.#key.getGenerator().readUIntBE(0, 1);
    this.parameters = { generator, prime, publicValue: leftPadded(publicValue, prime.length) };
  }

  /** The user name and the password that a client has sent; undefined when its public value is none. */
  open(encrypted: Uint8Array, publicValue: Uint8Array): { user: string; password: string } | undefined {
    let secret: Buffer;
    try {
      secret = this.#key.computeSecret(publicValue);
    } catch {
      return undefined;
    }
    const key = createHash('md5').update(leftPadded(secret, this.parameters.prime.length)).digest();
    const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return dhCredentials(Buffer.concat([decipher.update(encrypted), decipher.final()]));
  }
}

function leftPadded(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}
