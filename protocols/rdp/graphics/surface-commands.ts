import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.2.9 Surface Commands Capability Set (TS_SURFCMDS_CAPABILITYSET), cmdFlags */
export const SURFACE_COMMAND_FLAG = { setSurfaceBits: 0x02, frameMarker: 0x10, streamSurfaceBits: 0x40 } as const;

const CMDTYPE_FRAME_MARKER = 4;
const FRAME_ACTIONS = ['begin', 'end'] as const;

/** @spec MS-RDPBCGR 2.2.9.2.3 Frame Marker Command (TS_FRAME_MARKER) */
export interface FrameMarker {
  readonly action: (typeof FRAME_ACTIONS)[number];
  readonly frameId: number;
}

export const FrameMarker: Codec<FrameMarker> = {
  name: 'TS_FRAME_MARKER',
  fixedSize: 8, // cmdType 2, frameAction 2, frameId 4
  encode(w, { action, frameId }) {
    w.u16le(CMDTYPE_FRAME_MARKER).u16le(FRAME_ACTIONS.indexOf(action)).u32le(frameId);
  },
  decode(r) {
    const type = r.u16le('cmdType');
    if (type !== CMDTYPE_FRAME_MARKER) r.fail('unsupported', 'cmdType', `${type} is not a frame marker`);
    const number = r.u16le('frameAction');
    const action = FRAME_ACTIONS[number];
    if (action === undefined) r.fail('invalid', 'frameAction', `${number} is neither begin nor end`);
    return { action, frameId: r.u32le('frameId') };
  },
};
