import type { Leds } from '../../input/events.js';

/** 'VSAV', the version of this envelope, the machine's memory and video memory in bytes, and the flags below. */
const MAGIC = 0x56415356;
const VERSION = 2;
const HEADER_BYTES = 20;
const FLAG = { absolutePointer: 1, ledsKnown: 2, scrollLock: 4, numLock: 8, capsLock: 16 } as const;
/** What v86's own state starts with. */
const V86_MAGIC = 0x86768676;

export interface MemorySizes {
  readonly memoryBytes: number;
  readonly vgaMemoryBytes: number;
}

/** What the guest has told its devices and v86 does not keep. */
export interface Told {
  readonly absolutePointer: boolean;
  readonly leds: Leds | undefined;
}

/** v86's state in an envelope that tells which machine it fits: v86 itself would overwrite another one half. */
export function wrapState(state: Uint8Array, sizes: MemorySizes, told: Told): Uint8Array {
  const wrapped = new Uint8Array(HEADER_BYTES + state.length);
  const view = new DataView(wrapped.buffer);
  [MAGIC, VERSION, sizes.memoryBytes, sizes.vgaMemoryBytes, flagsOf(told)].forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  wrapped.set(state, HEADER_BYTES);
  return wrapped;
}

/** Throws when the state is not one, or of a machine of another size. */
export function unwrapState(
  wrapped: Uint8Array,
  sizes: MemorySizes,
): { readonly state: ArrayBuffer; readonly told: Told } {
  const view = new DataView(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  if (wrapped.length < HEADER_BYTES + 16 || view.getUint32(0, true) !== MAGIC) {
    throw new Error('this is no saved state');
  }
  if (view.getUint32(4, true) !== VERSION || view.getUint32(HEADER_BYTES, true) !== V86_MAGIC) {
    throw new Error('the state was saved by another version');
  }
  if (view.getUint32(8, true) !== sizes.memoryBytes || view.getUint32(12, true) !== sizes.vgaMemoryBytes) {
    throw new Error('the state was saved with another size of memory');
  }
  const flags = view.getUint32(16, true);
  return { state: Uint8Array.from(wrapped.subarray(HEADER_BYTES)).buffer, told: toldBy(flags) };
}

function flagsOf({ absolutePointer, leds }: Told): number {
  let flags = absolutePointer ? FLAG.absolutePointer : 0;
  if (leds === undefined) return flags;
  flags |= FLAG.ledsKnown;
  for (const light of ['scrollLock', 'numLock', 'capsLock'] as const) if (leds[light]) flags |= FLAG[light];
  return flags;
}

function toldBy(flags: number): Told {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const leds = { scrollLock: has(FLAG.scrollLock), numLock: has(FLAG.numLock), capsLock: has(FLAG.capsLock) };
  return { absolutePointer: has(FLAG.absolutePointer), leds: has(FLAG.ledsKnown) ? leds : undefined };
}
