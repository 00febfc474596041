import { Problem, UserError } from '../base/errors.js';
import { checkDisplay, checkSharedFolders, parseUsb } from './devices.js';
import { checkDisks } from './disks.js';
import { checkFolder, optionalFile } from './files.js';
import type {
  BootDevice,
  Disk,
  DiskOptions,
  DisplayOptions,
  DisplaySize,
  Nic,
  NicOptions,
  SharedFolder,
  SharedFolderOptions,
  UsbDevice,
} from './hardware.js';
import { checkNics } from './nics.js';

/** How a guest's CPU is run; 'auto' takes the platform's accelerator if it proves to work, otherwise 'tcg'. */
export const ACCELS = ['auto', 'kvm', 'hvf', 'whpx', 'tcg'] as const;
export type Accel = (typeof ACCELS)[number];

/** What the user wrote: paths relative to the working directory, nothing checked. */
export interface MachineOptions {
  readonly name?: string;
  readonly memoryMiB?: number;
  readonly cpus?: number;
  readonly cdrom?: string;
  readonly disks?: readonly (string | DiskOptions)[];
  readonly floppy?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  /** One network card, or none; `nics` says more. */
  readonly nic?: 'user' | 'none';
  readonly nics?: readonly NicOptions[];
  readonly accel?: Accel;
  /** 'tablet' gives the guest positions, 'mouse' movements, for guests without USB. */
  readonly pointer?: 'tablet' | 'mouse';
  readonly firmware?: 'bios' | 'uefi';
  readonly tpm?: boolean;
  /** What is tried first; unless given floppy, CD, disk. */
  readonly boot?: readonly BootDevice[];
  readonly sharedFolders?: readonly SharedFolderOptions[];
  /** `VENDOR:PRODUCT` */
  readonly usb?: readonly string[];
  readonly audio?: boolean;
  readonly display?: DisplayOptions;
  /** A device by which the guest gives memory back. */
  readonly balloon?: boolean;
  /** Where what belongs to this machine alone is kept: UEFI's variables, the TPM's memory. */
  readonly folder?: string;
  /** Appended to QEMU's command line as they are. */
  readonly qemuArgs?: readonly string[];
}

/** A machine that can be started: every path absolute and readable, every number in range. */
export interface MachineDefinition {
  readonly name: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** 'pc' is a board of 1996 with IDE, 'q35' one of 2009 with SATA and PCI Express. */
  readonly board: 'q35' | 'pc';
  readonly cdrom: string | undefined;
  readonly disks: readonly Disk[];
  readonly floppy: string | undefined;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly nics: readonly Nic[];
  readonly accel: Accel;
  readonly pointer: 'tablet' | 'mouse';
  readonly firmware: 'bios' | 'uefi';
  readonly tpm: boolean;
  readonly boot: readonly BootDevice[];
  readonly sharedFolders: readonly SharedFolder[];
  readonly usb: readonly UsbDevice[];
  readonly audio: boolean;
  readonly display: DisplaySize | undefined;
  readonly balloon: boolean;
  readonly folder: string | undefined;
  readonly qemuArgs: readonly string[];
}

export const DEFAULT_MEMORY_MIB = 1024;
export const DEFAULT_CPUS = 1;
const DEFAULT_BOOT: readonly BootDevice[] = ['floppy', 'cdrom', 'disk'];
/** The least a BIOS boots in, and the most QEMU's q35 takes on any host (1 TiB of guest address space). */
const MIN_MEMORY_MIB = 4;
const MAX_MEMORY_MIB = 1 << 20;
/** q35 without further devices stops at 288, older machines at 255. */
const MAX_CPUS = 255;
const MAX_NAME_LENGTH = 64;

/** Checks what the user asked for, as far as it can be known before start. Throws UserError, one line each. */
export async function checkDefinition(options: MachineOptions): Promise<MachineDefinition> {
  checkBoot(options);
  const name = checkName(options.name ?? 'vitrine');
  const board = boardOf(options);
  const { cdrom, disks = [], nic = 'user', nics = [{ type: nic }], sharedFolders = [], usb = [], folder } = options;
  const { qemuArgs = [], append, firmware = 'bios', tpm = false, boot = DEFAULT_BOOT } = options;
  for (const text of [append ?? '', ...qemuArgs]) {
    if (text.includes('\0')) throw new UserError('an option holds a NUL character', 2);
  }
  if (folder === undefined && (firmware === 'uefi' || tpm)) {
    throw new Problem('invalid-definition', `${tpm ? 'a TPM' : 'UEFI'} needs a folder to keep its memory in`);
  }
  const definition: MachineDefinition = {
    name,
    memoryMiB: inRange('--memory', options.memoryMiB ?? DEFAULT_MEMORY_MIB, MIN_MEMORY_MIB, MAX_MEMORY_MIB),
    cpus: inRange('--cpus', options.cpus ?? DEFAULT_CPUS, 1, MAX_CPUS),
    board,
    cdrom: await optionalFile('ISO', cdrom),
    disks: await checkDisks(disks, board === 'pc' ? 'ide' : 'sata', cdrom !== undefined),
    floppy: await optionalFile('floppy image', options.floppy),
    kernel: await optionalFile('kernel', options.kernel),
    initrd: await optionalFile('initrd', options.initrd),
    append,
    nics: await checkNics(nics, name),
    accel: options.accel ?? 'auto',
    pointer: options.pointer ?? 'tablet',
    firmware,
    tpm,
    boot,
    sharedFolders: await checkSharedFolders(sharedFolders),
    usb: usb.map(parseUsb),
    audio: options.audio ?? false,
    display: checkDisplay(options.display ?? {}),
    balloon: options.balloon ?? false,
    folder: folder === undefined ? undefined : await checkFolder("machine's folder", folder, false),
    qemuArgs,
  };
  if (boot.includes('network') && definition.nics.length === 0) {
    throw new Problem('invalid-definition', 'booting from the network needs a network card');
  }
  return definition;
}

function checkBoot({ cdrom, disks = [], floppy, kernel, initrd, append, boot, qemuArgs = [] }: MachineOptions): void {
  if (kernel === undefined && (initrd !== undefined || append !== undefined)) {
    throw new UserError(`${initrd === undefined ? '--append' : '--initrd'} needs --kernel`, 2);
  }
  const hasMedia = cdrom || disks.length > 0 || floppy || kernel || boot?.includes('network');
  if (!hasMedia && qemuArgs.length === 0) {
    throw new UserError('nothing to boot: give --cdrom, --disk, --floppy or --kernel', 2);
  }
}

/**
 * q35 is what every system since about 2010 has drivers for on its own ISO: Linux, the BSDs, Windows from 8 on. Who boots
 * from a floppy disk, or wants IDE, boots something older.
 */
function boardOf({ floppy, disks = [] }: MachineOptions): 'q35' | 'pc' {
  const wantsIde = disks.some((disk) => typeof disk === 'object' && disk.bus === 'ide');
  return floppy !== undefined || wantsIde ? 'pc' : 'q35';
}

function checkName(name: string): string {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
    throw new UserError(`the machine's name must have 1 to ${MAX_NAME_LENGTH} characters`, 2);
  }
  if (/\p{Cc}/u.test(name)) throw new UserError("the machine's name holds a control character", 2);
  return name;
}

function inRange(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`${option} must be a whole number from ${least} to ${most}`, 2);
}
