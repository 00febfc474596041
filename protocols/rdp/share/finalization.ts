import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.1.14.1 messageType: the only one. */
const SYNCHRONIZE = 1;

/** @spec MS-RDPBCGR 2.2.1.14.1 Synchronize PDU Data (TS_SYNCHRONIZE_PDU) */
export interface Synchronize {
  /** The MCS user of whom it is sent to. */
  readonly targetUser: number;
}

export const Synchronize: Codec<Synchronize> = {
  name: 'Synchronize PDU Data (TS_SYNCHRONIZE_PDU)',
  fixedSize: 2 /* messageType */ + 2 /* targetUser */,
  encode: (w, { targetUser }) => void w.u16le(SYNCHRONIZE).u16le(targetUser),
  decode(r) {
    r.skip(2, 'messageType');
    return { targetUser: r.u16le('targetUser') };
  },
};

/** @spec MS-RDPBCGR 2.2.1.15.1 action */
export const CONTROL = { requestControl: 1, grantedControl: 2, detach: 3, cooperate: 4 } as const;

/** @spec MS-RDPBCGR 2.2.1.15.1 Control PDU Data (TS_CONTROL_PDU) */
export interface Control {
  /** One of CONTROL. */
  readonly action: number;
  readonly grantId: number;
  readonly controlId: number;
}

export const Control: Codec<Control> = {
  name: 'Control PDU Data (TS_CONTROL_PDU)',
  fixedSize: 2 /* action */ + 2 /* grantId */ + 4 /* controlId */,
  encode: (w, { action, grantId, controlId }) => void w.u16le(action).u16le(grantId).u32le(controlId),
  decode: (r) => ({ action: r.u16le('action'), grantId: r.u16le('grantId'), controlId: r.u32le('controlId') }),
};

/** @spec MS-RDPBCGR 2.2.1.18.1 listFlags: first and last of its kind. */
const FIRST_AND_LAST = 0x0003;
const FONT_LIST_ENTRY_BYTES = 50;
const FONT_MAP_ENTRY_BYTES = 4;

/** @spec MS-RDPBCGR 2.2.1.18.1 Font List PDU Data (TS_FONT_LIST_PDU): about no fonts; it ends the client's part */
export type FontList = Record<never, never>;

export const FontList: Codec<FontList> = {
  name: 'Font List PDU Data (TS_FONT_LIST_PDU)',
  fixedSize: 2 /* numberFonts */ + 2 /* totalNumFonts */ + 2 /* listFlags */ + 2 /* entrySize */,
  encode: (w) => void w.u16le(0).u16le(0).u16le(FIRST_AND_LAST).u16le(FONT_LIST_ENTRY_BYTES),
  decode(r) {
    r.skip(8, 'font list');
    return {};
  },
};

/** @spec MS-RDPBCGR 2.2.1.22.1 Font Map PDU Data (TS_FONT_MAP_PDU): ends the server's part */
export type FontMap = Record<never, never>;

export const FontMap: Codec<FontMap> = {
  name: 'Font Map PDU Data (TS_FONT_MAP_PDU)',
  fixedSize: 2 /* numberEntries */ + 2 /* totalNumEntries */ + 2 /* mapFlags */ + 2 /* entrySize */,
  encode: (w) => void w.u16le(0).u16le(0).u16le(FIRST_AND_LAST).u16le(FONT_MAP_ENTRY_BYTES),
  decode(r) {
    r.skip(8, 'font map');
    return {};
  },
};
