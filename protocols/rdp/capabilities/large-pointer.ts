import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.2.7 largePointerSupportFlags */
export const LARGE_POINTER = { edge96: 0x0001, edge384: 0x0002 } as const;

/** @spec MS-RDPBCGR 2.2.7.2.7 Large Pointer Capability Set (TS_LARGE_POINTER_CAPABILITYSET) */
export interface LargePointerCapability {
  readonly flags: number;
}

export const LargePointerCapability: Codec<LargePointerCapability> = {
  name: 'Large Pointer Capability Set (TS_LARGE_POINTER_CAPABILITYSET)',
  fixedSize: 2 /* largePointerSupportFlags */,
  encode: (w, { flags }) => void w.u16le(flags),
  decode: (r) => ({ flags: r.u16le('largePointerSupportFlags') }),
};

/** Bytes of reassembled update that a pointer of that size may need, by MS-RDPBCGR 2.2.7.2.7. */
const BYTES_FOR_96 = 38_055;
const BYTES_FOR_384 = 608_299;

/** The longest edge of a pointer that a client takes: a large one comes in fragments, which it has to take too. */
export function maxPointerEdge(capability: LargePointerCapability | undefined, requestBytes: number): number {
  const flags = capability?.flags ?? 0;
  if ((flags & LARGE_POINTER.edge384) !== 0 && requestBytes >= BYTES_FOR_384) return 384;
  if ((flags & (LARGE_POINTER.edge96 | LARGE_POINTER.edge384)) !== 0 && requestBytes >= BYTES_FOR_96) return 96;
  return 32;
}
