import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.1.10 Virtual Channel Capability Set (TS_VIRTUALCHANNEL_CAPABILITYSET) */
export interface VirtualChannelCapability {
  /** Compression of channel data; 0 is none. */
  readonly flags: number;
  /** Most bytes of channel data in one PDU; clients may leave it out. */
  readonly chunkBytes: number | undefined;
}

export const VirtualChannelCapability: Codec<VirtualChannelCapability> = {
  name: 'Virtual Channel Capability Set (TS_VIRTUALCHANNEL_CAPABILITYSET)',
  fixedSize: 4 /* flags */,
  encode(w, { flags, chunkBytes }) {
    w.u32le(flags);
    if (chunkBytes !== undefined) w.u32le(chunkBytes);
  },
  decode: (r) => ({ flags: r.u32le('flags'), chunkBytes: r.remaining >= 4 ? r.u32le('VCChunkSize') : undefined }),
};
