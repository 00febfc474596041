/** 'VSAV', then the version of this envelope, then the machine's memory and video memory in bytes. */
const MAGIC = 0x56415356;
const VERSION = 1;
const HEADER_BYTES = 16;
/** What v86's own state starts with. */
const V86_MAGIC = 0x86768676;

export interface MemorySizes {
  readonly memoryBytes: number;
  readonly vgaMemoryBytes: number;
}

/** v86's state in an envelope that tells which machine it fits: v86 itself would overwrite another one half. */
export function wrapState(state: Uint8Array, sizes: MemorySizes): Uint8Array {
  const wrapped = new Uint8Array(HEADER_BYTES + state.length);
  const view = new DataView(wrapped.buffer);
  [MAGIC, VERSION, sizes.memoryBytes, sizes.vgaMemoryBytes].forEach((value, i) => {
    view.setUint32(4 * i, value, true);
  });
  wrapped.set(state, HEADER_BYTES);
  return wrapped;
}

/** Throws when the state is not one, or of a machine of another size. */
export function unwrapState(wrapped: Uint8Array, sizes: MemorySizes): ArrayBuffer {
  const view = new DataView(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  if (wrapped.length < HEADER_BYTES + 16 || view.getUint32(0, true) !== MAGIC)
    throw new Error('this is no saved state');
  if (view.getUint32(4, true) !== VERSION || view.getUint32(16, true) !== V86_MAGIC) {
    throw new Error('the state was saved by another version');
  }
  if (view.getUint32(8, true) !== sizes.memoryBytes || view.getUint32(12, true) !== sizes.vgaMemoryBytes) {
    throw new Error('the state was saved with another size of memory');
  }
  return Uint8Array.from(wrapped.subarray(HEADER_BYTES)).buffer;
}
