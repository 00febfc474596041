import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, UserError } from '../../base/errors.js';
import { DISK_HEAD_BYTES, diskFormat } from '../../machine/disk-format.js';
import { copyDisks } from './copy-disks.js';
import { BLOCK_BYTES, type DiskHandle } from './disk-buffer.js';
import { loadFirmware } from './firmware.js';
import { checkLinuxKernel, isLinuxKernel } from './linux-kernel.js';
import { checkMultiboot } from './multiboot.js';
import type { EmulatorOptions } from './options.js';
import type { BootImages } from './worker-messages.js';

/** A 2.88 MB floppy; the emulator knows no larger format. */
const MAX_FLOPPY_BYTES = 2880 << 10;
/** An IDE disk of 28 bit addresses would end at 128 GiB; beyond 2 TiB a partition table does. */
const MAX_DISK_BYTES = 2 ** 41;
const SECTOR_BYTES = 512;

/** What a machine boots from, opened and checked. Close it when the machine has ended. */
export interface Media {
  readonly images: BootImages;
  readonly cdrom: DiskHandle | undefined;
  readonly disks: readonly DiskHandle[];
  /**
   * Makes raw images at `paths`, one for each disk whose changes are kept, the same as those are now. Nothing writes to
   * the disks meanwhile. Rejects with Problem, and nothing has changed.
   */
  grow(paths: readonly string[]): Promise<Growth>;
  close(): Promise<void>;
}

/** Disks that are ready to go on in other images. */
export interface Growth {
  readonly disks: readonly DiskHandle[];
  /** They do: the old images are let go of. */
  accept(): Promise<void>;
  /** They do not. */
  discard(): Promise<void>;
}

/** Opens everything that `options` names. Throws UserError, with everything closed again. */
export async function openMedia(options: EmulatorOptions, memoryBytes: number): Promise<Media> {
  const cleanups: Cleanups = [];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0)) await cleanup().catch(() => {});
  };
  try {
    const { cdrom, disks = [] } = options;
    const images = await readImages(options, memoryBytes);
    const opened: OpenDisk[] = [];
    for (const disk of disks) opened.push(await openDisk(disk.path, disk.keep ?? false, cleanups));
    const tray = cdrom === undefined ? undefined : await openDisk(cdrom, 'never written', cleanups);
    const kept = opened.flatMap(({ handle, file }, i) => (isKept(handle) ? [{ handle, file, place: i }] : []));
    const media = {
      images,
      cdrom: tray?.handle,
      disks: opened.map(({ handle }) => handle),
      async grow(paths: readonly string[]): Promise<Growth> {
        const files = await copyDisks(
          kept.map(({ file }) => file),
          paths,
        );
        const next = [...media.disks];
        kept.forEach(({ handle, place }, i) => {
          next[place] = { ...handle, fd: files[i]!.fd };
        });
        return {
          disks: next,
          async accept() {
            media.disks = next;
            const old = kept.map(({ file }) => file);
            // At once: whoever closes the media meanwhile closes these, too.
            for (const [i, disk] of kept.entries()) {
              disk.file = files[i]!;
              cleanups.push(() => files[i]!.close());
            }
            for (const file of old) await file.close();
          },
          async discard() {
            for (const file of files) await file.close();
          },
        };
      },
      close,
    };
    return media;
  } catch (error) {
    await close();
    throw error;
  }
}

type Cleanups = (() => Promise<unknown>)[];

/** Whether the guest's writes go to the image itself. */
const isKept = ({ isReadOnly, overlay }: DiskHandle): boolean => !isReadOnly && overlay === undefined;

interface OpenDisk {
  readonly handle: DiskHandle;
  readonly file: FileHandle;
}

async function readImages(options: EmulatorOptions, memoryBytes: number): Promise<BootImages> {
  const { kernel, initrd, append, floppy, cdrom, disks = [] } = options;
  const image = kernel === undefined ? undefined : await readWhole('kernel', kernel, memoryBytes);
  const isLinux = image !== undefined && isLinuxKernel(image);
  const initrdBytes = initrd === undefined ? undefined : await readWhole('initrd', initrd, memoryBytes);
  if (isLinux) checkLinuxKernel(image, initrdBytes?.length ?? 0, append ?? '', memoryBytes, kernel!);
  else if (image !== undefined) checkMultiboot(image, memoryBytes, kernel!);
  // A multiboot kernel runs on the bare machine unless firmware is asked for.
  const bare = image !== undefined && !isLinux && options.bios === undefined && !cdrom && !floppy && disks.length === 0;
  return {
    ...(bare ? {} : await loadFirmware(options.bios, options.vgaBios)),
    ...(image === undefined ? {} : isLinux ? { bzimage: image } : { multiboot: image }),
    ...(initrdBytes === undefined ? {} : { initrd: initrdBytes }),
    ...(append === undefined ? {} : { append }),
    ...(floppy === undefined ? {} : { floppy: await readWhole('floppy image', floppy, MAX_FLOPPY_BYTES) }),
  };
}

async function readWhole(what: string, path: string, maxBytes: number): Promise<Uint8Array> {
  const file = await openFile(what, path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) throw new UserError(`the ${what} ${path} is empty`);
    if (size > maxBytes) throw new UserError(`the ${what} ${path} is larger than ${maxBytes >> 10} KiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** @param keep write to the image itself; otherwise to an overlay that is gone with the machine */
async function openDisk(path: string, keep: boolean | 'never written', cleanups: Cleanups): Promise<OpenDisk> {
  const file = await openFile('disk image', path, keep === true ? 'r+' : 'r');
  cleanups.push(() => file.close());
  const { size } = await file.stat();
  if (size < SECTOR_BYTES) throw new UserError(`the disk image ${path} is empty`);
  if (size > MAX_DISK_BYTES) throw new UserError(`the disk image ${path} is larger than 2 TiB`);
  const { buffer, bytesRead } = await file.read(new Uint8Array(DISK_HEAD_BYTES), 0, DISK_HEAD_BYTES, 0);
  const format = diskFormat(path, buffer.subarray(0, bytesRead));
  if (format !== 'raw') {
    throw new UserError(
      `${path} is a ${format} image: the emulator reads raw images only (qemu-img convert -O raw makes one)`,
    );
  }
  const handle = { fd: file.fd, byteLength: size - (size % SECTOR_BYTES), isReadOnly: false };
  if (keep === 'never written') return { file, handle: { ...handle, isReadOnly: true } };
  if (keep) return { file, handle };
  const overlay = await openOverlay(cleanups);
  const written = new SharedArrayBuffer(Math.ceil(handle.byteLength / BLOCK_BYTES / 8));
  return { file, handle: { ...handle, overlay: { fd: overlay.fd, written } } };
}

/** A temporary file without a name, where the system can do that: it is gone even if this process is killed. */
async function openOverlay(cleanups: (() => Promise<unknown>)[]): Promise<FileHandle> {
  const path = join(tmpdir(), `vitrine-overlay-${randomUUID()}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    cleanups.push(
      () => file.close(),
      () => rm(path, { force: true }),
    );
    await rm(path).catch(() => {});
    return file;
  } catch (error) {
    throw new UserError(`cannot keep the disk's changes in ${tmpdir()}: ${messageOf(error)}`);
  }
}

async function openFile(what: string, path: string, flags: 'r' | 'r+'): Promise<FileHandle> {
  try {
    // Before it is opened: opening a pipe waits for its other end.
    if ((await stat(path)).isFile()) return await open(path, flags);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : (code ?? error);
    throw new UserError(`cannot open the ${what} ${path}: ${why}`);
  }
  throw new UserError(`the ${what} ${path} is not a file`);
}
