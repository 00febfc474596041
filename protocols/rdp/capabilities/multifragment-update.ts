import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.2.6 Multifragment Update Capability Set (TS_MULTIFRAGMENTUPDATE_CAPABILITYSET) */
export interface MultifragmentUpdateCapability {
  /** Most bytes that its sender puts together again from the fragments of one update. */
  readonly maxRequestBytes: number;
}

export const MultifragmentUpdateCapability: Codec<MultifragmentUpdateCapability> = {
  name: 'Multifragment Update Capability Set (TS_MULTIFRAGMENTUPDATE_CAPABILITYSET)',
  fixedSize: 4 /* MaxRequestSize */,
  encode: (w, { maxRequestBytes }) => void w.u32le(maxRequestBytes),
  decode: (r) => ({ maxRequestBytes: r.u32le('MaxRequestSize') }),
};

/** mstsc turns away 16,777,215; eight mebibytes are taken everywhere. */
const MOST_BYTES = 8 << 20;
/** A client that answers less than one fast-path PDU's worth puts no fragments together. */
const LEAST_BYTES = 0x3fff;

/** What a server asks for: room for every 64x64 tile of the desktop at its worst, and one to spare. */
export function serverMaxRequestBytes(width: number, height: number): number {
  return Math.min(MOST_BYTES, (Math.ceil(width / 64) * Math.ceil(height / 64) + 1) * 16384);
}

/** What a client's answer allows; 0 where it does not take fragments. */
export function usableRequestBytes(capability: MultifragmentUpdateCapability | undefined): number {
  const bytes = capability?.maxRequestBytes ?? 0;
  return bytes < LEAST_BYTES ? 0 : bytes;
}
