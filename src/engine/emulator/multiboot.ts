import { UserError } from '../../base/errors.js';

/** The header lies in the first 8192 bytes, on a multiple of 4. */
const SEARCH_BYTES = 8192;
const HEADER_BYTES = 12;
const MAGIC = 0x1badb002;
const ELF_MAGIC = 0x464c457f;

const FLAG = {
  pageAlign: 1 << 0,
  memoryInfo: 1 << 1,
  videoMode: 1 << 2,
  /** The header says where the image goes; without it the image is an ELF file. */
  addresses: 1 << 16,
} as const;
/** A loader must refuse what it does not know among the lower 16. */
const REQUIREMENTS = 0xffff;

const EHDR_BYTES = 52;
const PHDR_BYTES = 32;
const SHDR_BYTES = 40;
const PT_LOAD = 1;

/** Whether a file asks to be loaded by the multiboot 1 protocol. */
export function isMultiboot(image: Uint8Array): boolean {
  return findHeader(viewOf(image)) !== undefined;
}

/**
 * Throws UserError unless the image can be loaded into `memoryBytes`: the emulator would take a bad one without a
 * word and run empty memory.
 */
export function checkMultiboot(image: Uint8Array, memoryBytes: number, name: string): void {
  const view = viewOf(image);
  const header = findHeader(view);
  if (header === undefined) throw new UserError(`${name} is no multiboot kernel`);
  const flags = view.getUint32(header + 4, true);
  const unknown = flags & REQUIREMENTS & ~(FLAG.pageAlign | FLAG.memoryInfo);
  if ((unknown & FLAG.videoMode) !== 0) throw new UserError(`${name} wants its loader to set a video mode`);
  if (unknown !== 0) throw new UserError(`${name} wants multiboot features 0x${unknown.toString(16)}`);
  if ((flags & FLAG.addresses) !== 0) checkAddresses(view, header, memoryBytes, name);
  else checkElf(view, memoryBytes, name);
}

function checkAddresses(view: DataView, header: number, memoryBytes: number, name: string): void {
  if (header + 32 > view.byteLength) throw new UserError(`${name} is cut off in its multiboot header`);
  const [headerAddress, load, loadEnd, bssEnd, entry] = [12, 16, 20, 24, 28].map((at) =>
    view.getUint32(header + at, true),
  ) as [number, number, number, number, number];
  const start = header - (headerAddress - load);
  const length = loadEnd === 0 ? view.byteLength - start : loadEnd - load;
  if (load > headerAddress || start < 0 || length <= 0 || start + length > view.byteLength) {
    throw new UserError(`${name} has load addresses that do not fit the file`);
  }
  const end = Math.max(load + length, bssEnd);
  if (end > memoryBytes) throw new UserError(`${name} needs ${mebibytes(end)} MiB of memory`);
  if (entry < load || entry >= end) throw new UserError(`${name} starts outside of what it loads`);
}

function checkElf(view: DataView, memoryBytes: number, name: string): void {
  const { byteLength } = view;
  const isElf32 = byteLength >= EHDR_BYTES && view.getUint32(0, true) === ELF_MAGIC && view.getUint8(4) === 1;
  // 386, executable, little endian.
  if (!isElf32 || view.getUint8(5) !== 1 || view.getUint16(16, true) !== 2 || view.getUint16(18, true) !== 3) {
    throw new UserError(`${name} is no 32 bit x86 executable (ELF)`);
  }
  const entry = view.getUint32(24, true);
  const tables = [
    { at: view.getUint32(28, true), size: view.getUint16(42, true), count: view.getUint16(44, true), each: PHDR_BYTES },
    { at: view.getUint32(32, true), size: view.getUint16(46, true), count: view.getUint16(48, true), each: SHDR_BYTES },
  ];
  for (const { at, size, count, each } of tables) {
    if (count > 0 && (size !== each || at + size * count > byteLength)) {
      throw new UserError(`${name} is cut off: its ELF tables do not fit the file`);
    }
  }
  let hasEntry = false;
  const { at, count } = tables[0]!;
  for (let header = at; header < at + count * PHDR_BYTES; header += PHDR_BYTES) {
    if (view.getUint32(header, true) !== PT_LOAD) continue;
    const [offset, virtual, physical, fileSize, memorySize] = [4, 8, 12, 16, 20].map((field) =>
      view.getUint32(header + field, true),
    ) as [number, number, number, number, number];
    if (offset + fileSize > byteLength || fileSize > memorySize) {
      throw new UserError(`${name} is cut off: a segment does not fit the file`);
    }
    if (physical + memorySize >= memoryBytes) {
      throw new UserError(`${name} needs ${mebibytes(physical + memorySize + 1)} MiB of memory`);
    }
    if (entry >= virtual && entry < virtual + memorySize) hasEntry = true;
  }
  if (!hasEntry) throw new UserError(`${name} starts outside of what it loads`);
}

function findHeader(view: DataView): number | undefined {
  const end = Math.min(view.byteLength, SEARCH_BYTES) - HEADER_BYTES;
  for (let at = 0; at <= end; at += 4) {
    if (view.getUint32(at, true) !== MAGIC) continue;
    const sum = MAGIC + view.getUint32(at + 4, true) + view.getUint32(at + 8, true);
    if (sum % 2 ** 32 === 0) return at;
  }
  return undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}
