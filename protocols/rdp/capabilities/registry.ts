import { entry, type RegistryEntry } from '../../wire/codec.js';
import { BitmapCapability } from './bitmap.js';
import { CapabilitySets } from './capability-set.js';
import { FontCapability } from './font.js';
import { FrameAcknowledgeCapability } from './frame-acknowledge.js';
import { GeneralCapability } from './general.js';
import { InputCapability } from './input.js';
import { LargePointerCapability } from './large-pointer.js';
import { MultifragmentUpdateCapability } from './multifragment-update.js';
import { OrderCapability } from './order.js';
import { PointerCapability } from './pointer.js';
import { ShareCapability } from './share.js';
import { SurfaceCommandsCapability } from './surface-commands.js';
import { VirtualChannelCapability } from './virtual-channel.js';

export const capabilitiesRegistry: readonly RegistryEntry[] = [
  entry(
    CapabilitySets,
    [],
    [
      { type: 0x0009, data: Uint8Array.of(0xea, 3, 0, 0) },
      { type: 0xffee, data: new Uint8Array(0) },
    ],
  ),
  entry(GeneralCapability, { extraFlags: 0x0401, refreshRect: true, suppressOutput: false }),
  entry(BitmapCapability, {
    bitsPerPixel: 32,
    desktopWidth: 1280,
    desktopHeight: 800,
    desktopResize: true,
    drawingFlags: 8,
  }),
  entry(OrderCapability, { orderFlags: 0x0a, orderSupport: Uint8Array.from({ length: 32 }, (_, i) => i & 1) }),
  entry(
    PointerCapability,
    { colorPointers: true, colorPointerCacheSize: 20, pointerCacheSize: 21 },
    { colorPointers: true, colorPointerCacheSize: 20, pointerCacheSize: undefined },
  ),
  entry(ShareCapability, { nodeId: 1002 }),
  entry(InputCapability, {
    inputFlags: 0x35,
    keyboardLayout: 0x407,
    keyboardType: 4,
    keyboardSubType: 0,
    keyboardFunctionKeys: 12,
  }),
  entry(FontCapability, { flags: 1 }),
  entry(VirtualChannelCapability, { flags: 0, chunkBytes: undefined }, { flags: 1, chunkBytes: 1600 }),
  entry(MultifragmentUpdateCapability, { maxRequestBytes: 8 << 20 }),
  entry(LargePointerCapability, { flags: 3 }),
  entry(SurfaceCommandsCapability, { commands: 0x52 }),
  entry(FrameAcknowledgeCapability, { maxUnacknowledgedFrames: 2 }),
];
