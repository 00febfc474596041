import type { Codec } from '../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.8.1.1.2.1 flags. Bits that we do not know are ignored. */
export const SECURITY = { transportRequest: 0x0002, encrypt: 0x0008, info: 0x0040, license: 0x0080 } as const;

/**
 * @spec MS-RDPBCGR 2.2.8.1.1.2.1 Basic (TS_SECURITY_HEADER)
 *
 * Under TLS only the Client Info and licensing PDUs and those of the message channel have one.
 */
export interface SecurityHeader {
  readonly flags: number;
}

export const SecurityHeader: Codec<SecurityHeader> = {
  name: 'Basic Security Header (TS_SECURITY_HEADER)',
  fixedSize: 2 /* flags */ + 2 /* flagsHi */,
  encode: (w, { flags }) => void w.u16le(flags).u16le(0),
  decode(r) {
    const flags = r.u16le('flags');
    r.skip(2, 'flagsHi');
    return { flags };
  },
};
