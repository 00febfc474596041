import type { Codec } from '../wire/codec.js';
import { utf8Text } from '../wire/utf8.js';

/** User name and password as the client encrypts them: each ends with a NUL in a field of this size. */
const FIELD_BYTES = 64;
export const DH_CREDENTIALS_BYTES = 2 * FIELD_BYTES;
/** Longest key taken from a peer: 8192 bits. */
const MAX_KEY_BYTES = 1024;

/** Numbers are big-endian and fill the key's size. @spec rfbproto Diffie-Hellman Authentication (parameters) */
export interface DhParameters {
  readonly generator: number;
  readonly prime: Uint8Array;
  readonly publicValue: Uint8Array;
}

export const DhParameters: Codec<DhParameters> = {
  name: 'DhParameters',
  fixedSize: 4 /* generator 2, key-size 2 */,
  encode(w, v) {
    w.u16be(v.generator).u16be(v.prime.length).bytes(v.prime).bytes(v.publicValue);
  },
  decode(r) {
    const generator = r.u16be('generator');
    const size = r.u16be('key-size');
    if (size > MAX_KEY_BYTES) r.fail('limit', 'key-size', `a key of ${size} bytes`);
    return { generator, prime: r.take(size, 'prime-modulus'), publicValue: r.take(size, 'public-value') };
  },
};

/** The public value is as long as the server's prime. @spec rfbproto Diffie-Hellman Authentication (response) */
export interface DhResponse {
  readonly encrypted: Uint8Array;
  readonly publicValue: Uint8Array;
}

export const DhResponse: Codec<DhResponse> = {
  name: 'DhResponse',
  fixedSize: DH_CREDENTIALS_BYTES,
  encode(w, v) {
    w.bytes(v.encrypted).bytes(v.publicValue);
  },
  decode(r) {
    return { encrypted: r.take(DH_CREDENTIALS_BYTES, 'encrypted-credentials'), publicValue: r.rest() };
  },
};

/** What the client's 128 bytes say, decrypted. With a wrong key it is noise, but never an error. */
export function dhCredentials(decrypted: Uint8Array): { user: string; password: string } {
  const text = (field: Uint8Array): string => {
    const end = field.indexOf(0);
    return utf8Text(end < 0 ? field : field.subarray(0, end));
  };
  return { user: text(decrypted.subarray(0, FIELD_BYTES)), password: text(decrypted.subarray(FIELD_BYTES)) };
}
