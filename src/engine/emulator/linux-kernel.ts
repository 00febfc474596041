import { UserError } from '../../base/errors.js';

/** Offsets in the setup header (Linux x86 boot protocol). */
const SETUP_SECTORS = 0x1f1;
const VIDEO_MODE = 0x1fa;
const BOOT_FLAG = 0x1fe;
const HEADER = 0x202;
const VERSION = 0x206;
const LOAD_FLAGS = 0x211;
const COMMAND_LINE_SIZE = 0x238;
const HEADER_END = 0x250;

const HDRS = 0x53726448;
const OLDEST_VERSION = 0x0202;
const LOADED_HIGH = 1;
/** From this version on the header says how long a command line may be; before, 255. */
const VERSION_WITH_SIZE = 0x0206;
const OLD_COMMAND_LINE = 255;
/** Where the emulator puts kernel and initrd. */
const KERNEL_ADDRESS = 0x100000;
const INITRD_ADDRESS = 64 << 20;
const SETUP_ADDRESS = 0x80000;
/** Names that `vga=` knows besides numbers. */
const VIDEO_MODES = new Map([
  ['normal', 0xffff],
  ['ext', 0xfffe],
  ['ask', 0xfffd],
]);

/** Whether a file is a Linux kernel that a PC boots (bzImage). */
export function isLinuxKernel(image: Uint8Array): boolean {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  return (
    image.length >= HEADER_END && view.getUint16(BOOT_FLAG, true) === 0xaa55 && view.getUint32(HEADER, true) === HDRS
  );
}

/** Throws UserError unless kernel, initrd and command line go into `memoryBytes` as the emulator loads them. */
export function checkLinuxKernel(
  image: Uint8Array,
  initrdBytes: number,
  append: string,
  memoryBytes: number,
  name: string,
): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const version = view.getUint16(VERSION, true);
  if (version < OLDEST_VERSION || (image[LOAD_FLAGS]! & LOADED_HIGH) === 0) {
    throw new UserError(`${name} is a kernel of before 2.4 (or a zImage), which cannot be booted`);
  }
  const most = version >= VERSION_WITH_SIZE ? view.getUint32(COMMAND_LINE_SIZE, true) : OLD_COMMAND_LINE;
  if (append.length >= most) throw new UserError(`--append is longer than the ${most} characters that ${name} takes`);
  const setupBytes = ((image[SETUP_SECTORS] || 4) + 1) * 512;
  const kernelEnd = KERNEL_ADDRESS + image.length - setupBytes;
  if (setupBytes >= image.length) throw new UserError(`${name} is cut off`);
  const end = initrdBytes > 0 ? INITRD_ADDRESS + initrdBytes : kernelEnd;
  if (initrdBytes > 0 && kernelEnd > INITRD_ADDRESS) throw new UserError(`${name} is too large to boot with an initrd`);
  if (end > memoryBytes) {
    throw new UserError(`${name} and its initrd need more than ${Math.ceil(end / (1 << 20))} MiB of memory`);
  }
}

/** The mode that `vga=` in a command line asks for; the last one counts. Undefined where there is none. */
export function videoModeIn(append: string): number | undefined {
  const value = /(?:^|\s)vga=(\S+)(?!.*\svga=)/.exec(append)?.[1];
  if (value === undefined) return undefined;
  // Octal, too, as in C: people write it with a zero in front and mean that.
  const mode = VIDEO_MODES.get(value) ?? (/^0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value));
  return Number.isInteger(mode) && mode >= 0 && mode <= 0xffff ? mode : undefined;
}

/**
 * Tells a loaded kernel's setup code, which has not run yet, the mode. A kernel does not read `vga=` itself: boot
 * loaders do, and the emulator's own does not.
 */
export function setVideoMode(memory: Uint8Array, mode: number): void {
  new DataView(memory.buffer, memory.byteOffset).setUint16(SETUP_ADDRESS + VIDEO_MODE, mode, true);
}
