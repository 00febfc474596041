import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.2.4 Share Capability Set (TS_SHARE_CAPABILITYSET) */
export interface ShareCapability {
  /** The server's MCS user. */
  readonly nodeId: number;
}

export const ShareCapability: Codec<ShareCapability> = {
  name: 'Share Capability Set (TS_SHARE_CAPABILITYSET)',
  fixedSize: 2 /* nodeId */ + 2 /* pad2octets */,
  encode: (w, { nodeId }) => void w.u16le(nodeId).u16le(0),
  decode(r) {
    const nodeId = r.u16le('nodeId');
    r.skip(2, 'pad2octets');
    return { nodeId };
  },
};
