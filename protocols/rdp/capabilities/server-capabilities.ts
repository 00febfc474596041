import { BitmapCapability, DRAWING } from './bitmap.js';
import { CAPABILITY, type CapabilitySet, capabilitySet } from './capability-set.js';
import { FONT_LIST_SUPPORT, FontCapability } from './font.js';
import { FrameAcknowledgeCapability } from './frame-acknowledge.js';
import { EXTRA, GeneralCapability } from './general.js';
import { INPUT_FLAG, InputCapability } from './input.js';
import { LARGE_POINTER, LargePointerCapability } from './large-pointer.js';
import { MultifragmentUpdateCapability, serverMaxRequestBytes } from './multifragment-update.js';
import { ORDER_FLAG, OrderCapability } from './order.js';
import { PointerCapability } from './pointer.js';
import { ShareCapability } from './share.js';
import { SURFACE_COMMAND, SurfaceCommandsCapability } from './surface-commands.js';
import { VirtualChannelCapability } from './virtual-channel.js';

const POINTER_CACHE_SIZE = 25;
/** @spec MS-RDPBCGR 2.2.7.1.10 VCChunkSize: CHANNEL_CHUNK_LENGTH. */
const CHANNEL_CHUNK_BYTES = 1600;
/** Two frames in flight keep a link busy; more only add lag. */
export const MAX_UNACKNOWLEDGED_FRAMES = 2;

/**
 * What the server offers in Demand Active.
 * Not among it: bitmap cache host support (without it no client sends a persistent key list), bitmap codecs (there
 * are none yet), long credentials (its flag makes clients expect the long logon info).
 */
export function serverCapabilities(desktop: {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  readonly serverUserId: number;
}): readonly CapabilitySet[] {
  const { width, height, bitsPerPixel, serverUserId } = desktop;
  return [
    capabilitySet(CAPABILITY.share, ShareCapability, { nodeId: serverUserId }),
    capabilitySet(CAPABILITY.general, GeneralCapability, {
      extraFlags: EXTRA.fastPathOutput | EXTRA.noBitmapCompressionHeader,
      // Clients ask for a refresh or for silence only where both are offered.
      refreshRect: true,
      suppressOutput: true,
    }),
    capabilitySet(CAPABILITY.virtualChannel, VirtualChannelCapability, { flags: 0, chunkBytes: CHANNEL_CHUNK_BYTES }),
    capabilitySet(CAPABILITY.font, FontCapability, { flags: FONT_LIST_SUPPORT }),
    capabilitySet(CAPABILITY.bitmap, BitmapCapability, {
      bitsPerPixel,
      desktopWidth: width,
      desktopHeight: height,
      desktopResize: true,
      drawingFlags: DRAWING.skipAlpha | DRAWING.dynamicColorFidelity,
    }),
    capabilitySet(CAPABILITY.order, OrderCapability, {
      orderFlags: ORDER_FLAG.negotiateOrderSupport | ORDER_FLAG.zeroBoundsDeltas,
      orderSupport: new Uint8Array(32),
    }),
    capabilitySet(CAPABILITY.pointer, PointerCapability, {
      colorPointers: true,
      colorPointerCacheSize: POINTER_CACHE_SIZE,
      pointerCacheSize: POINTER_CACHE_SIZE,
    }),
    capabilitySet(CAPABILITY.input, InputCapability, {
      inputFlags:
        INPUT_FLAG.scancodes |
        INPUT_FLAG.extendedMouse |
        INPUT_FLAG.fastPath |
        INPUT_FLAG.unicode |
        INPUT_FLAG.fastPath2 |
        INPUT_FLAG.horizontalWheel,
      keyboardLayout: 0,
      keyboardType: 0,
      keyboardSubType: 0,
      keyboardFunctionKeys: 0,
    }),
    capabilitySet(CAPABILITY.multifragmentUpdate, MultifragmentUpdateCapability, {
      maxRequestBytes: serverMaxRequestBytes(width, height),
    }),
    capabilitySet(CAPABILITY.largePointer, LargePointerCapability, {
      flags: LARGE_POINTER.edge96 | LARGE_POINTER.edge384,
    }),
    // Frame markers alone: they are what a client acknowledges. Surface bits would need a codec to go with them.
    capabilitySet(CAPABILITY.surfaceCommands, SurfaceCommandsCapability, { commands: SURFACE_COMMAND.frameMarker }),
    capabilitySet(CAPABILITY.frameAcknowledge, FrameAcknowledgeCapability, {
      maxUnacknowledgedFrames: MAX_UNACKNOWLEDGED_FRAMES,
    }),
  ];
}
