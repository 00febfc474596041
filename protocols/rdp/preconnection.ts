import type { Chunks } from '../wire/chunks.js';
import { type Codec, decode } from '../wire/codec.js';
import { DecodeError } from '../wire/errors.js';

const VERSION_1 = 1;
const VERSION_2 = 2;
const FIXED = 4 /* cbSize */ + 4 /* Flags */ + 4 /* Version */ + 4; /* Id */
/** Longest that is taken; machines' names and Hyper-V's identifiers are far shorter. */
const MAX_BYTES = 1024;

/**
 * What a client may send before anything else, to say where it wants to go.
 * @spec MS-RDPEPS 2.2.1.1 RDP_PRECONNECTION_PDU_V1 and 2.2.1.2 RDP_PRECONNECTION_PDU_V2
 */
export interface PreconnectionPdu {
  readonly id: number;
  /** wszPCB, without its terminator. Absent in version 1. */
  readonly text: string | undefined;
}

export const PreconnectionPdu: Codec<PreconnectionPdu> = {
  name: 'RDP_PRECONNECTION_PDU_V1 and V2',
  fixedSize: FIXED,
  encode(w, { id, text }) {
    const units = text === undefined ? 0 : text.length + 1;
    w.u32le(text === undefined ? FIXED : FIXED + 2 /* cchPCB */ + units * 2);
    w.u32le(0 /* Flags */)
      .u32le(text === undefined ? VERSION_1 : VERSION_2)
      .u32le(id);
    if (text !== undefined) w.u16le(units).utf16le(text, units);
  },
  decode(outer) {
    const size = outer.u32le('cbSize');
    if (size < FIXED || size > MAX_BYTES) outer.fail('invalid', 'cbSize', `is ${size}`);
    const r = outer.sub(size - 4, 'preconnection pdu');
    r.skip(4, 'Flags');
    const version = r.u32le('Version');
    if (version !== VERSION_1 && version !== VERSION_2) r.fail('unsupported', 'Version', `is ${version}`);
    const id = r.u32le('Id');
    if (version === VERSION_1) return { id, text: undefined };
    return { id, text: r.utf16le(r.u16le('cchPCB') * 2, 'wszPCB') };
  },
};

/**
 * The PDU at the front of what a client has sent, with its bytes; undefined while more are needed. Ask only where the
 * first byte is none of a TPKT's: sizes are even numbers, and that is 3.
 */
export function takePreconnection(
  inbound: Chunks,
): { readonly pdu: PreconnectionPdu; readonly bytes: Uint8Array } | undefined {
  const start = inbound.peek(4);
  if (start === undefined) return undefined;
  const size = start[0]! + start[1]! * 0x100 + start[2]! * 0x1_0000 + start[3]! * 0x100_0000;
  if (size > MAX_BYTES) throw new DecodeError('invalid', 'packet', `begins with byte ${start[0]}`);
  // Too small a size is for the codec to refuse.
  const bytes = inbound.take(Math.max(size, 4));
  return bytes && { pdu: decode(PreconnectionPdu, bytes), bytes };
}
