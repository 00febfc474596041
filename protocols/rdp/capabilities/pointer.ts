import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.1.5 Pointer Capability Set (TS_POINTER_CAPABILITYSET) */
export interface PointerCapability {
  readonly colorPointers: boolean;
  readonly colorPointerCacheSize: number;
  /** Absent in clients that know no New Pointer Update. */
  readonly pointerCacheSize: number | undefined;
}

export const PointerCapability: Codec<PointerCapability> = {
  name: 'Pointer Capability Set (TS_POINTER_CAPABILITYSET)',
  fixedSize: 2 /* colorPointerFlag */ + 2 /* colorPointerCacheSize */,
  encode(w, v) {
    w.u16le(Number(v.colorPointers)).u16le(v.colorPointerCacheSize);
    if (v.pointerCacheSize !== undefined) w.u16le(v.pointerCacheSize);
  },
  decode(r) {
    return {
      colorPointers: r.u16le('colorPointerFlag') !== 0,
      colorPointerCacheSize: r.u16le('colorPointerCacheSize'),
      pointerCacheSize: r.remaining >= 2 ? r.u16le('pointerCacheSize') : undefined,
    };
  },
};
