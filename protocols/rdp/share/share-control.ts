import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.8.1.1.1.1 pduType: the lower four bits. */
export const PDU_TYPE = {
  demandActive: 1,
  confirmActive: 3,
  deactivateAll: 6,
  data: 7,
  serverRedirection: 10,
} as const;

const PROTOCOL_VERSION = 0x10;
const HEADER_BYTES = 6;
/** T.128's flow control, which is not used, has this where others have their length. */
const FLOW_MARKER = 0x8000;
const FLOW_BYTES = 8;

/** @spec MS-RDPBCGR 2.2.8.1.1.1.1 Share Control Header (TS_SHARECONTROLHEADER), with what it is the header of */
export interface ShareControlPdu {
  /** One of PDU_TYPE; undefined for a flow PDU, which has no body either. */
  readonly type: number | undefined;
  /** The sender's MCS user. */
  readonly source: number;
  readonly body: Uint8Array;
}

const EMPTY = new Uint8Array(0);

export const ShareControlPdu: Codec<ShareControlPdu> = {
  name: 'Share Control Header (TS_SHARECONTROLHEADER)',
  fixedSize: 2 /* totalLength */ + 2 /* pduType */,
  encode(w, { type, source, body }) {
    if (type === undefined) w.u16le(FLOW_MARKER).zeros(FLOW_BYTES - 2);
    else {
      w.u16le(HEADER_BYTES + body.length).u16le(type | PROTOCOL_VERSION);
      w.u16le(source).bytes(body);
    }
  },
  decode(r) {
    const totalLength = r.u16le('totalLength');
    if (totalLength === FLOW_MARKER) {
      r.skip(FLOW_BYTES - 2, 'flow pdu');
      return { type: undefined, source: 0, body: EMPTY };
    }
    if (totalLength < 4) r.fail('invalid', 'totalLength', `is ${totalLength}`);
    const pdu = r.sub(totalLength - 2, 'share pdu');
    const type = pdu.u16le('pduType') & 0x0f;
    // A short Deactivate All ends before its source.
    const source = pdu.remaining >= 2 ? pdu.u16le('PDUSource') : 0;
    return { type, source, body: pdu.rest() };
  },
};
