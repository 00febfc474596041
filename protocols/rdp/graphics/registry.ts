import { entry, type RegistryEntry } from '../../wire/codec.js';
import { BitmapUpdate } from './bitmap-update.js';
import { FrameAcknowledge } from './frame-acknowledge.js';
import {
  CachedPointer,
  ColorPointer,
  LargePointer,
  NewPointer,
  PointerPdu,
  PointerPosition,
} from './pointer-update.js';
import { RefreshRect } from './refresh-rect.js';
import { SuppressOutput } from './suppress-output.js';
import { FrameMarker } from './surface-commands.js';

const data = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
const pointer = {
  cacheIndex: 3,
  hotX: 1,
  hotY: 0,
  width: 2,
  height: 1,
  andMask: Uint8Array.of(0x40, 0),
  xorMask: Uint8Array.of(1, 2, 3, 4, 5, 6),
};
const bitmap = {
  destination: { left: 64, top: 128, right: 65, bottom: 128 },
  width: 4,
  height: 1,
  bitsPerPixel: 32,
  data,
};

/** The messages of this folder; protocols/rdp/registry.ts lists them. */
export const graphicsRegistry: readonly RegistryEntry[] = [
  entry(
    BitmapUpdate,
    { rectangles: [{ ...bitmap, compression: 'headerless' }] },
    { rectangles: [{ ...bitmap, bitsPerPixel: 16, compression: 'with-header' }] },
    { rectangles: [{ ...bitmap, compression: 'none' }] },
  ),
  entry(ColorPointer, pointer),
  entry(NewPointer, { ...pointer, xorBitsPerPixel: 24 }),
  entry(LargePointer, { ...pointer, xorBitsPerPixel: 24 }),
  entry(CachedPointer, { cacheIndex: 20 }),
  entry(PointerPosition, { x: 640, y: 400 }),
  entry(PointerPdu, { messageType: 7, data: Uint8Array.of(2, 0) }),
  entry(FrameMarker, { action: 'begin', frameId: 1 }, { action: 'end', frameId: 0xffffffff }),
  entry(FrameAcknowledge, { frameId: 7 }),
  entry(SuppressOutput, { desktop: undefined }, { desktop: { left: 0, top: 0, right: 1023, bottom: 767 } }),
  entry(RefreshRect, { areas: [] }, { areas: [{ left: 1, top: 2, right: 3, bottom: 4 }] }),
];
