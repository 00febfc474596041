import type { Rect } from '../../display/rect.js';
import type { Leds, PointerEvent, ScanCode } from '../../input/events.js';
import type { DiskHandle } from './disk-buffer.js';

/** What both threads see besides the framebuffer; indices of an Int32Array. */
export const SHARED = {
  /** Counts the worker's slices: stands still when the worker hangs. */
  heartbeat: 0,
  /** 1 while the parent has not yet handled the worker's last frame; the worker then keeps its damage. */
  frameInFlight: 1,
  /** Serial bytes that the parent has not yet handled. */
  serialInFlight: 2,
  length: 3,
} as const;

/** Files whose bytes v86 wants as a whole. */
export interface BootImages {
  readonly bios?: Uint8Array;
  readonly vgaBios?: Uint8Array;
  readonly multiboot?: Uint8Array;
  readonly bzimage?: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly append?: string;
  readonly floppy?: Uint8Array;
}

/** Everything a worker needs to become one running machine. */
export interface WorkerStart {
  /** The compiled v86.wasm; the same for all machines of the process. */
  readonly wasm: object;
  readonly shared: SharedArrayBuffer;
  readonly framebuffer: SharedArrayBuffer;
  readonly memoryBytes: number;
  readonly vgaMemoryBytes: number;
  readonly cpuCap: number;
  readonly images: BootImages;
  readonly cdrom?: DiskHandle;
  readonly disks: readonly DiskHandle[];
  /** Where the guest goes on instead of booting: it stands there until it is resumed. */
  readonly state?: Uint8Array;
}

export type ToWorker =
  | { readonly type: 'key'; readonly code: ScanCode; readonly down: boolean }
  | { readonly type: 'pointer'; readonly event: PointerEvent; readonly width: number; readonly height: number }
  | { readonly type: 'pause' | 'resume' }
  /** The display has the size that the worker asked for. */
  | { readonly type: 'resized' }
  | { readonly type: 'serial'; readonly text: string }
  | { readonly type: 'save' }
  | { readonly type: 'restore'; readonly state: Uint8Array }
  /** The disks go on in other images, which read the same. */
  | { readonly type: 'move-disks'; readonly disks: readonly DiskHandle[] };

export type FromWorker =
  | { readonly type: 'started' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'size'; readonly width: number; readonly height: number }
  | { readonly type: 'frame'; readonly rects: readonly Rect[] }
  | { readonly type: 'leds'; readonly leds: Leds }
  | { readonly type: 'absolute-pointer'; readonly on: boolean }
  | { readonly type: 'serial'; readonly text: string }
  /** The guest ended by itself, asked for a reset, or took the engine down. */
  | { readonly type: 'ended'; readonly how: 'poweroff' | 'reset' | 'crashed'; readonly reason: string }
  | { readonly type: 'saved'; readonly state: Uint8Array }
  | { readonly type: 'restored' | 'moved' }
  /** 'save' or 'restore' did not work; the machine goes on as it was. */
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'log'; readonly text: string };
