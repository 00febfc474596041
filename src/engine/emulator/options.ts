import { UserError } from '../../base/errors.js';
import type { Logger } from '../../base/log.js';

export interface EmulatorDisk {
  readonly path: string;
  /** Write the guest's changes to the image. Otherwise they are forgotten when the machine ends. */
  readonly keep?: boolean;
}

export interface EmulatorOptions {
  /** A multiboot ELF, which needs no firmware, or a Linux bzImage (32 bit). */
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  /** An ISO image. */
  readonly cdrom?: string;
  /** Raw images, two at most. */
  readonly disks?: readonly EmulatorDisk[];
  readonly floppy?: string;
  /** 128 unless given. */
  readonly memoryMiB?: number;
  /** 8 unless given: enough for 1920x1080 in 32 bits. */
  readonly vgaMemoryMiB?: number;
  /** SeaBIOS and its VGA part; looked for in the usual places unless given. */
  readonly bios?: string;
  readonly vgaBios?: string;
  /** Most of one core that the guest may use, in percent; for guests that never halt. 100 unless given. */
  readonly cpuCap?: number;
  /** An emulator that does nothing for so long is given up. */
  readonly hangTimeoutMs?: number;
  /** A state that another instance of this machine has written, to go on from; it is used up by that. */
  readonly resumeFrom?: string;
  readonly log?: Logger;
}

/** The numbers of a machine, in range. */
export interface EmulatorLimits {
  readonly memoryBytes: number;
  readonly vgaMemoryBytes: number;
  readonly cpuCap: number;
  readonly hangTimeoutMs: number;
}

const MIB = 1 << 20;
/** v86 rounds 2 GiB down by one block; below that a WASM memory has room for the rest. */
const MAX_MEMORY_MIB = 1920;
const MAX_DISKS = 2;

/** Throws UserError (usage) for numbers out of range and combinations that cannot be. */
export function checkOptions(options: EmulatorOptions): EmulatorLimits {
  const { kernel, initrd, append, cdrom, floppy, disks = [] } = options;
  if (!kernel && (initrd !== undefined || append !== undefined)) {
    throw new UserError(`${initrd === undefined ? '--append' : '--initrd'} needs --kernel`, 2);
  }
  if (!kernel && !cdrom && !floppy && disks.length === 0) throw new UserError('the emulator has nothing to boot', 2);
  if (disks.length > MAX_DISKS) throw new UserError(`the emulator has room for ${MAX_DISKS} disks`, 2);
  return {
    memoryBytes: inRange('memory', options.memoryMiB ?? 128, 4, MAX_MEMORY_MIB, 'MiB') * MIB,
    vgaMemoryBytes: inRange('video memory', options.vgaMemoryMiB ?? 8, 1, 64, 'MiB') * MIB,
    cpuCap: inRange('CPU cap', options.cpuCap ?? 100, 1, 100, 'percent'),
    hangTimeoutMs: inRange('hang timeout', options.hangTimeoutMs ?? 15_000, 100, 3_600_000, 'ms'),
  };
}

function inRange(what: string, value: number, least: number, most: number, unit: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`the emulator's ${what} must be ${least} to ${most} ${unit}`, 2);
}
