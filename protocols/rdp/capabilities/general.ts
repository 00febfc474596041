import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.1.1 extraFlags */
export const EXTRA = {
  fastPathOutput: 0x0001,
  longCredentials: 0x0004,
  autoReconnect: 0x0008,
  noBitmapCompressionHeader: 0x0400,
} as const;

/** What Windows says of itself; clients look for nothing else here. */
const OS_MAJOR_WINDOWS = 1;
const OS_MINOR_NT = 3;
const PROTOCOL_VERSION = 0x0200;

/** @spec MS-RDPBCGR 2.2.7.1.1 General Capability Set (TS_GENERAL_CAPABILITYSET) */
export interface GeneralCapability {
  /** Bits of EXTRA. */
  readonly extraFlags: number;
  readonly refreshRect: boolean;
  readonly suppressOutput: boolean;
}

export const GeneralCapability: Codec<GeneralCapability> = {
  name: 'General Capability Set (TS_GENERAL_CAPABILITYSET)',
  // OS major, OS minor, version, pad, compression types, extra flags, update, unshare, compression level, two booleans
  fixedSize: 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 1 + 1,
  encode(w, { extraFlags, refreshRect, suppressOutput }) {
    w.u16le(OS_MAJOR_WINDOWS).u16le(OS_MINOR_NT).u16le(PROTOCOL_VERSION).u16le(0);
    w.u16le(0 /* generalCompressionTypes */).u16le(extraFlags);
    w.u16le(0 /* updateCapabilityFlag */).u16le(0 /* remoteUnshareFlag */).u16le(0 /* generalCompressionLevel */);
    w.u8(Number(refreshRect)).u8(Number(suppressOutput));
  },
  decode(r) {
    r.skip(10, 'osMajorType to generalCompressionTypes');
    const extraFlags = r.u16le('extraFlags');
    r.skip(6, 'updateCapabilityFlag to generalCompressionLevel');
    return {
      extraFlags,
      refreshRect: r.u8('refreshRectSupport') !== 0,
      suppressOutput: r.u8('suppressOutputSupport') !== 0,
    };
  },
};
