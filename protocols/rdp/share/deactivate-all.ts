import type { Codec } from '../../wire/codec.js';

const SOURCE_DESCRIPTOR = '\0';

/** @spec MS-RDPBCGR 2.2.3.1.1 Deactivate All PDU Data (TS_DEACTIVATE_ALL_PDU) */
export interface DeactivateAll {
  /** Some peers send nothing at all; then it is undefined. */
  readonly shareId: number | undefined;
}

export const DeactivateAll: Codec<DeactivateAll> = {
  name: 'Deactivate All PDU Data (TS_DEACTIVATE_ALL_PDU)',
  fixedSize: 0,
  encode(w, { shareId }) {
    if (shareId !== undefined) w.u32le(shareId).u16le(SOURCE_DESCRIPTOR.length).latin1(SOURCE_DESCRIPTOR);
  },
  decode: (r) => ({ shareId: r.remaining >= 4 ? r.u32le('shareId') : undefined }),
};
