import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../base/errors.js';
import { DISK_HEAD_BYTES, type DiskFormat, diskFormat } from './disk-format.js';

/** How a guest's CPU is run; 'auto' takes the platform's accelerator if it proves to work, otherwise 'tcg'. */
export const ACCELS = ['auto', 'kvm', 'hvf', 'whpx', 'tcg'] as const;
export type Accel = (typeof ACCELS)[number];

/** What the user wrote: paths relative to the working directory, nothing checked. */
export interface MachineOptions {
  readonly name?: string;
  readonly memoryMiB?: number;
  readonly cpus?: number;
  readonly cdrom?: string;
  readonly disks?: readonly string[];
  readonly floppy?: string;
  readonly kernel?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly nic?: 'user' | 'none';
  readonly accel?: Accel;
  /** 'tablet' gives the guest positions, 'mouse' movements, for guests without USB. */
  readonly pointer?: 'tablet' | 'mouse';
  /** Appended to QEMU's command line as they are. */
  readonly qemuArgs?: readonly string[];
}

export interface Disk {
  readonly path: string;
  readonly format: DiskFormat;
}

/** A machine that can be started: every path absolute and readable, every number in range. */
export interface MachineDefinition {
  readonly name: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly cdrom: string | undefined;
  readonly disks: readonly Disk[];
  readonly floppy: string | undefined;
  readonly kernel: string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly nic: 'user' | 'none';
  readonly accel: Accel;
  readonly pointer: 'tablet' | 'mouse';
  readonly qemuArgs: readonly string[];
}

export const DEFAULT_MEMORY_MIB = 1024;
export const DEFAULT_CPUS = 1;
/** The least a BIOS boots in, and the most QEMU's q35 takes on any host (1 TiB of guest address space). */
const MIN_MEMORY_MIB = 4;
const MAX_MEMORY_MIB = 1 << 20;
/** q35 without further devices stops at 288, older machines at 255. */
const MAX_CPUS = 255;
/** AHCI has six ports and the CD-ROM drive takes one. */
const MAX_DISKS = 5;
const MAX_NAME_LENGTH = 64;

/** Checks what the user asked for, as far as it can be known before start. Throws UserError, one line each. */
export async function checkDefinition(options: MachineOptions): Promise<MachineDefinition> {
  const { cdrom, floppy, kernel, initrd, append, disks = [], qemuArgs = [] } = options;
  if (kernel === undefined && (initrd !== undefined || append !== undefined)) {
    throw new UserError(`${initrd === undefined ? '--append' : '--initrd'} needs --kernel`, 2);
  }
  if (!cdrom && disks.length === 0 && !floppy && !kernel && qemuArgs.length === 0) {
    throw new UserError('nothing to boot: give --cdrom, --disk, --floppy or --kernel', 2);
  }
  if (disks.length > MAX_DISKS) throw new UserError(`${disks.length} disks given, at most ${MAX_DISKS} fit`, 2);
  for (const text of [append ?? '', ...qemuArgs]) {
    if (text.includes('\0')) throw new UserError('an option holds a NUL character', 2);
  }
  return {
    name: checkName(options.name ?? 'vitrine'),
    memoryMiB: inRange('--memory', options.memoryMiB ?? DEFAULT_MEMORY_MIB, MIN_MEMORY_MIB, MAX_MEMORY_MIB),
    cpus: inRange('--cpus', options.cpus ?? DEFAULT_CPUS, 1, MAX_CPUS),
    cdrom: await optionalFile('ISO', cdrom),
    disks: await Promise.all(disks.map(checkDisk)),
    floppy: await optionalFile('floppy image', floppy),
    kernel: await optionalFile('kernel', kernel),
    initrd: await optionalFile('initrd', initrd),
    append,
    nic: options.nic ?? 'user',
    accel: options.accel ?? 'auto',
    pointer: options.pointer ?? 'tablet',
    qemuArgs,
  };
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

async function optionalFile(what: string, path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : checkFile(what, path, constants.R_OK);
}

async function checkDisk(path: string): Promise<Disk> {
  const absolute = await checkFile('disk', path, constants.R_OK | constants.W_OK);
  const file = await open(absolute, 'r');
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(DISK_HEAD_BYTES), 0, DISK_HEAD_BYTES, 0);
    return { path: absolute, format: diskFormat(absolute, buffer.subarray(0, bytesRead)) };
  } finally {
    await file.close();
  }
}

/** The absolute path of a file (or block device) that can be used as `mode` says. */
async function checkFile(what: string, path: string, mode: number): Promise<string> {
  const verb = mode & constants.W_OK ? 'use' : 'read';
  const fail = (why: string): UserError => new UserError(`cannot ${verb} the ${what} ${path}: ${why}`);
  if (path === '' || path.includes('\0')) throw fail('not a file name');
  const absolute = resolve(path);
  try {
    const stats = await stat(absolute);
    if (stats.isDirectory()) throw fail('it is a folder');
    if (!stats.isFile() && !stats.isBlockDevice()) throw fail('it is not a file');
    if (stats.isFile() && stats.size === 0) throw fail('it is empty');
    await access(absolute, mode);
  } catch (error) {
    throw error instanceof UserError ? error : fail(whyNot(error as NodeJS.ErrnoException));
  }
  return absolute;
}

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'it lies on a read-only file system';
    default:
      return error.code ?? error.message;
  }
}
