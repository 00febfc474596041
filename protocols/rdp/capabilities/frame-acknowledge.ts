import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPRFX 2.2.1.3 TS_FRAME_ACKNOWLEDGE_CAPABILITYSET */
export interface FrameAcknowledgeCapability {
  /** Frames that may be in flight; 0 from a client that sets no bound. */
  readonly maxUnacknowledgedFrames: number;
}

export const FrameAcknowledgeCapability: Codec<FrameAcknowledgeCapability> = {
  name: 'TS_FRAME_ACKNOWLEDGE_CAPABILITYSET',
  fixedSize: 4 /* maxUnacknowledgedFrameCount */,
  encode: (w, v) => void w.u32le(v.maxUnacknowledgedFrames),
  decode: (r) => ({ maxUnacknowledgedFrames: r.u32le('maxUnacknowledgedFrameCount') }),
};
