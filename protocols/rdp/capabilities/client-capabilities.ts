import type { ClientCapabilities } from '../client-settings.js';
import { BitmapCapability, DRAWING } from './bitmap.js';
import { CAPABILITY, type CapabilitySet, findCapability } from './capability-set.js';
import { FrameAcknowledgeCapability } from './frame-acknowledge.js';
import { EXTRA, GeneralCapability } from './general.js';
import { LargePointerCapability, maxPointerEdge } from './large-pointer.js';
import { MultifragmentUpdateCapability, usableRequestBytes } from './multifragment-update.js';
import { PointerCapability } from './pointer.js';
import { SurfaceCommandsCapability } from './surface-commands.js';

/** Reduces the sets of a Confirm Active to what the server acts on. A set that is missing means: it cannot. */
export function clientCapabilities(sets: readonly CapabilitySet[]): ClientCapabilities {
  const extraFlags = findCapability(sets, CAPABILITY.general, GeneralCapability)?.extraFlags ?? 0;
  const bitmap = findCapability(sets, CAPABILITY.bitmap, BitmapCapability);
  const pointer = findCapability(sets, CAPABILITY.pointer, PointerCapability);
  const requestBytes = usableRequestBytes(
    findCapability(sets, CAPABILITY.multifragmentUpdate, MultifragmentUpdateCapability),
  );
  return {
    fastPathOutput: (extraFlags & EXTRA.fastPathOutput) !== 0,
    noBitmapCompressionHeader: (extraFlags & EXTRA.noBitmapCompressionHeader) !== 0,
    desktopResize: bitmap?.desktopResize ?? false,
    skipAlpha: ((bitmap?.drawingFlags ?? 0) & DRAWING.skipAlpha) !== 0,
    dynamicColorFidelity: ((bitmap?.drawingFlags ?? 0) & DRAWING.dynamicColorFidelity) !== 0,
    colorPointerCacheSize: pointer?.colorPointerCacheSize ?? 0,
    pointerCacheSize: pointer?.pointerCacheSize ?? 0,
    maxPointerEdge: maxPointerEdge(findCapability(sets, CAPABILITY.largePointer, LargePointerCapability), requestBytes),
    multifragmentMaxBytes: requestBytes,
    surfaceCommands: findCapability(sets, CAPABILITY.surfaceCommands, SurfaceCommandsCapability)?.commands ?? 0,
    maxUnacknowledgedFrames: findCapability(sets, CAPABILITY.frameAcknowledge, FrameAcknowledgeCapability)
      ?.maxUnacknowledgedFrames,
  };
}
