import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import { Writer } from '../../wire/writer.js';
import { type CapabilitySet, CapabilitySets } from '../capabilities/capability-set.js';

const SOURCE_DESCRIPTOR = 'RDP\0';

/** @spec MS-RDPBCGR 2.2.1.13.1.1 Demand Active PDU Data (TS_DEMAND_ACTIVE_PDU) */
export interface DemandActive {
  readonly shareId: number;
  readonly capabilities: readonly CapabilitySet[];
}

export const DemandActive: Codec<DemandActive> = {
  name: 'Demand Active PDU Data (TS_DEMAND_ACTIVE_PDU)',
  // shareId, two lengths, count, pad, sessionId
  fixedSize: 4 + 2 + 2 + 4 + 4,
  encode(w, { shareId, capabilities }) {
    w.u32le(shareId);
    writeCombined(w, capabilities);
    w.u32le(0 /* sessionId */);
  },
  decode(r) {
    const shareId = r.u32le('shareId');
    const capabilities = readCombined(r);
    r.skip(4, 'sessionId');
    return { shareId, capabilities };
  },
};

/** @spec MS-RDPBCGR 2.2.1.13.2.1 originatorId: the server's MCS user, always this. */
const ORIGINATOR_ID = 0x03ea;

/** @spec MS-RDPBCGR 2.2.1.13.2.1 Confirm Active PDU Data (TS_CONFIRM_ACTIVE_PDU) */
export interface ConfirmActive {
  readonly shareId: number;
  readonly capabilities: readonly CapabilitySet[];
}

export const ConfirmActive: Codec<ConfirmActive> = {
  name: 'Confirm Active PDU Data (TS_CONFIRM_ACTIVE_PDU)',
  // shareId, originatorId, two lengths, count, pad
  fixedSize: 4 + 2 + 2 + 2 + 4,
  encode(w, { shareId, capabilities }) {
    w.u32le(shareId).u16le(ORIGINATOR_ID);
    writeCombined(w, capabilities);
  },
  decode(r) {
    const shareId = r.u32le('shareId');
    r.skip(2, 'originatorId');
    return { shareId, capabilities: readCombined(r) };
  },
};

function writeCombined(outer: Writer, capabilities: readonly CapabilitySet[]): void {
  const w = new Writer(512);
  CapabilitySets.encode(w, capabilities);
  outer.u16le(SOURCE_DESCRIPTOR.length).u16le(w.length);
  outer.latin1(SOURCE_DESCRIPTOR).bytes(w.finish());
}

/** The combined length is not trusted: clients count it differently, and the count of sets says the same. */
function readCombined(r: Reader): readonly CapabilitySet[] {
  const sourceBytes = r.u16le('lengthSourceDescriptor');
  r.skip(2, 'lengthCombinedCapabilities');
  r.skip(sourceBytes, 'sourceDescriptor');
  return CapabilitySets.decode(r);
}
