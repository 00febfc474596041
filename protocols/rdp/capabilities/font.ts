import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.2.5 fontSupportFlags: the only one. */
export const FONT_LIST_SUPPORT = 0x0001;

/** @spec MS-RDPBCGR 2.2.7.2.5 Font Capability Set (TS_FONT_CAPABILITYSET); some clients send an empty one */
export interface FontCapability {
  readonly flags: number;
}

export const FontCapability: Codec<FontCapability> = {
  name: 'Font Capability Set (TS_FONT_CAPABILITYSET)',
  fixedSize: 0,
  encode: (w, { flags }) => void w.u16le(flags).u16le(0),
  decode: (r) => ({ flags: r.remaining >= 2 ? r.u16le('fontSupportFlags') : 0 }),
};
