import { type Codec, encode } from '../../wire/codec.js';
import { Reader } from '../../wire/reader.js';

/** @spec MS-RDPBCGR 2.2.1.13.1.1.1 capabilitySetType */
export const CAPABILITY = {
  general: 0x0001,
  bitmap: 0x0002,
  order: 0x0003,
  pointer: 0x0008,
  share: 0x0009,
  input: 0x000d,
  font: 0x000e,
  virtualChannel: 0x0014,
  multifragmentUpdate: 0x001a,
  largePointer: 0x001b,
  surfaceCommands: 0x001c,
  frameAcknowledge: 0x001e,
} as const;

const HEADER_BYTES = 2 /* capabilitySetType */ + 2 /* lengthCapability */;
/** The types known to the specification are 29; a list longer than this is not a list of capabilities. */
const MAX_SETS = 64;

/** @spec MS-RDPBCGR 2.2.1.13.1.1.1 Capability Set (TS_CAPS_SET) */
export interface CapabilitySet {
  readonly type: number;
  /** Without the header. */
  readonly data: Uint8Array;
}

/** A family's codec, paired with the type that announces it. */
export function capabilitySet<T>(type: number, codec: Codec<T>, value: T): CapabilitySet {
  return { type, data: encode(codec, value) };
}

/** The value of one family, or undefined where the peer did not send it. */
export function findCapability<T>(sets: readonly CapabilitySet[], type: number, codec: Codec<T>): T | undefined {
  const set = sets.find((s) => s.type === type);
  return set && codec.decode(new Reader(set.data));
}

/** The list that Demand Active and Confirm Active carry, with its count; what we do not know stays in it as bytes. */
export const CapabilitySets: Codec<readonly CapabilitySet[]> = {
  name: 'Capability Set (TS_CAPS_SET)',
  fixedSize: 2 /* numberCapabilities */ + 2 /* pad2Octets */,
  encode(w, sets) {
    w.u16le(sets.length).u16le(0);
    for (const { type, data } of sets) {
      w.u16le(type)
        .u16le(data.length + HEADER_BYTES)
        .bytes(data);
    }
  },
  decode(r) {
    const count = r.u16le('numberCapabilities');
    if (count > MAX_SETS) r.fail('limit', 'numberCapabilities', `${count} sets, at most ${MAX_SETS}`);
    r.skip(2, 'pad2Octets');
    const sets: CapabilitySet[] = [];
    for (let i = 0; i < count; i++) {
      const type = r.u16le('capabilitySetType');
      const length = r.u16le('lengthCapability');
      if (length < HEADER_BYTES) r.fail('invalid', 'lengthCapability', `is ${length}`);
      sets.push({ type, data: r.take(length - HEADER_BYTES, 'capabilityData') });
    }
    return sets;
  },
};
