import type { Codec } from '../wire/codec.js';
import { utf8Bytes, utf8Text } from '../wire/utf8.js';

/** @spec rfbproto VeNCrypt: subtypes. `tls` ones have no certificate, `x509` ones do. */
export const VENCRYPT_SUBTYPE = {
  plain: 256,
  tlsNone: 257,
  tlsVnc: 258,
  tlsPlain: 259,
  x509None: 260,
  x509Vnc: 261,
  x509Plain: 262,
} as const;

/** What a subtype does: how the connection is encrypted, and what is shown then. */
export interface VeNCryptMeans {
  readonly tls: 'none' | 'anonymous' | 'certificate';
  readonly proof: 'none' | 'response' | 'plain';
}

export const VENCRYPT_MEANS: Readonly<Record<number, VeNCryptMeans>> = {
  [VENCRYPT_SUBTYPE.plain]: { tls: 'none', proof: 'plain' },
  [VENCRYPT_SUBTYPE.tlsNone]: { tls: 'anonymous', proof: 'none' },
  [VENCRYPT_SUBTYPE.tlsVnc]: { tls: 'anonymous', proof: 'response' },
  [VENCRYPT_SUBTYPE.tlsPlain]: { tls: 'anonymous', proof: 'plain' },
  [VENCRYPT_SUBTYPE.x509None]: { tls: 'certificate', proof: 'none' },
  [VENCRYPT_SUBTYPE.x509Vnc]: { tls: 'certificate', proof: 'response' },
  [VENCRYPT_SUBTYPE.x509Plain]: { tls: 'certificate', proof: 'plain' },
};

/** The only version that clients still speak. */
export const VENCRYPT_VERSION: VeNCryptVersion = { major: 0, minor: 2 };

/** Longest user name and longest password taken from a client. */
const MAX_CREDENTIAL_BYTES = 1024;

/** Both sides say their highest. @spec rfbproto VeNCrypt (version) */
export interface VeNCryptVersion {
  readonly major: number;
  readonly minor: number;
}

export const VeNCryptVersion: Codec<VeNCryptVersion> = {
  name: 'VeNCryptVersion',
  fixedSize: 2,
  encode(w, v) {
    w.u8(v.major).u8(v.minor);
  },
  decode(r) {
    return { major: r.u8('major'), minor: r.u8('minor') };
  },
};

/** The server's answer to a version, 0 for yes, and to the choice of a TLS subtype, 1 for yes. @spec rfbproto VeNCrypt (Ack) */
export interface VeNCryptAck {
  readonly value: number;
}

export const VeNCryptAck: Codec<VeNCryptAck> = {
  name: 'VeNCryptAck',
  fixedSize: 1,
  encode(w, v) {
    w.u8(v.value);
  },
  decode(r) {
    return { value: r.u8('ack') };
  },
};

/** What the server offers, preferred first. @spec rfbproto VeNCrypt (subtypes) */
export interface VeNCryptSubtypes {
  readonly subtypes: readonly number[];
}

export const VeNCryptSubtypes: Codec<VeNCryptSubtypes> = {
  name: 'VeNCryptSubtypes',
  fixedSize: 1 /* subtypes-length */,
  encode(w, v) {
    w.u8(v.subtypes.length);
    for (const subtype of v.subtypes) w.u32be(subtype);
  },
  decode(r) {
    const count = r.u8('subtypes-length');
    return { subtypes: Array.from({ length: count }, () => r.u32be('subtype')) };
  },
};

/** @spec rfbproto VeNCrypt (selected subtype) */
export interface VeNCryptChoice {
  readonly subtype: number;
}

export const VeNCryptChoice: Codec<VeNCryptChoice> = {
  name: 'VeNCryptChoice',
  fixedSize: 4,
  encode(w, v) {
    w.u32be(v.subtype);
  },
  decode(r) {
    return { subtype: r.u32be('subtype') };
  },
};

/** @spec rfbproto Plain subtype */
export interface PlainCredentials {
  readonly user: string;
  readonly password: string;
}

export const PlainCredentials: Codec<PlainCredentials> = {
  name: 'PlainCredentials',
  fixedSize: 8 /* username-length 4, password-length 4 */,
  encode(w, v) {
    const [user, password] = [utf8Bytes(v.user), utf8Bytes(v.password)];
    w.u32be(user.length).u32be(password.length).bytes(user).bytes(password);
  },
  decode(r) {
    const [userLength, passwordLength] = [r.u32be('username-length'), r.u32be('password-length')];
    if (userLength > MAX_CREDENTIAL_BYTES) r.fail('limit', 'username-length', `${userLength} bytes of user name`);
    if (passwordLength > MAX_CREDENTIAL_BYTES) r.fail('limit', 'password-length', 'the password is too long');
    return {
      user: utf8Text(r.take(userLength, 'username')),
      password: utf8Text(r.take(passwordLength, 'password')),
    };
  },
};

/** Bytes of the whole message, from its first eight. What is over the bound is not waited for: decoding rejects it. */
export function plainCredentialsSize(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, PlainCredentials.fixedSize);
  const [user, password] = [view.getUint32(0), view.getUint32(4)];
  const isTooLong = Math.max(user, password) > MAX_CREDENTIAL_BYTES;
  return PlainCredentials.fixedSize + (isTooLong ? 0 : user + password);
}
