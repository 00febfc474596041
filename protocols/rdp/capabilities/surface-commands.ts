import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.2.9 cmdFlags */
export const SURFACE_COMMAND = { setSurfaceBits: 0x0002, frameMarker: 0x0010, streamSurfaceBits: 0x0040 } as const;

/** @spec MS-RDPBCGR 2.2.7.2.9 Surface Commands Capability Set (TS_SURFCMDS_CAPABILITYSET) */
export interface SurfaceCommandsCapability {
  /** Bits of SURFACE_COMMAND. */
  readonly commands: number;
}

export const SurfaceCommandsCapability: Codec<SurfaceCommandsCapability> = {
  name: 'Surface Commands Capability Set (TS_SURFCMDS_CAPABILITYSET)',
  fixedSize: 4 /* cmdFlags */ + 4 /* reserved */,
  encode: (w, { commands }) => void w.u32le(commands).u32le(0),
  decode(r) {
    const commands = r.u32le('cmdFlags');
    r.skip(4, 'reserved');
    return { commands };
  },
};
