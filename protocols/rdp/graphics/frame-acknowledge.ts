import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPRFX 2.2.3.1 TS_FRAME_ACKNOWLEDGE_PDU, without its share data header */
export interface FrameAcknowledge {
  /** This frame and all before it are done; a client that sends 0xFFFFFFFF acknowledges everything, ever. */
  readonly frameId: number;
}

export const FrameAcknowledge: Codec<FrameAcknowledge> = {
  name: 'TS_FRAME_ACKNOWLEDGE_PDU',
  fixedSize: 4, // frameID 4
  encode(w, { frameId }) {
    w.u32le(frameId);
  },
  decode(r) {
    return { frameId: r.u32le('frameID') };
  },
};
