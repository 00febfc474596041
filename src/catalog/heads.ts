import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../base/errors.js';
import { type DiskFormat, diskFormat } from '../machine/disk-format.js';
import type { DiskConfig, MachineConfig } from './config.js';
import { copyImage, freshId, syncFile, syncFolder } from './durable.js';
import { chooseEngine } from './engine-choice.js';
import { backing, formatOf, Images, needQemuImg, virtualBytes } from './images.js';
import type { Ledger } from './ledger.js';
import { readQcow2 } from './qcow2.js';
import { headsOf, ownFile } from './read-entry.js';
import { LAYERS, type Store } from './store.js';

/** QEMU opens every image of a chain; beyond this a guest's reads wait for it. */
const MAX_CHAIN = 64;
const NO_HEAD = new Uint8Array();

/** A disk that is a file and that the guest writes to. */
export interface WritableDisk {
  readonly disk: DiskConfig;
  /** Its place in the definition. */
  readonly index: number;
  /** The definition's image. */
  readonly own: string;
  /** The image at present. */
  readonly head: string;
}

export function writableDisks(folder: string, config: MachineConfig, ledger: Ledger): WritableDisk[] {
  const heads = headsOf(folder, config, ledger);
  return (config.disks ?? []).flatMap((disk, index) => {
    const own = ownFile(folder, disk);
    return own === undefined || disk.readOnly ? [] : [{ disk, index, own, head: heads[index]! }];
  });
}

/** Whether disks are copied rather than grown on each other: the emulator reads raw images only. */
export function copiesDisks(store: Store, config: MachineConfig): boolean {
  return chooseEngine(config, store.qemuImg !== undefined).engine === 'emulator';
}

/**
 * Makes an image in the machine's layers that reads like `base` and that somebody may write to: an overlay, or a copy
 * for the emulator. Nobody may write to `base` from the moment that the new one counts.
 */
export async function growHead(
  store: Store,
  machine: string,
  config: MachineConfig,
  base: string,
  baseFormat: DiskFormat,
): Promise<string> {
  const folder = await store.folderIn(machine, LAYERS);
  if (!existsSync(base)) throw new Problem('wrong-state', `${machine}: there is no disk image ${base}`);
  if (copiesDisks(store, config) && baseFormat === 'raw') {
    const path = join(folder, `${freshId()}.raw`);
    await copyImage(base, path);
    // A copy that nobody has written to is as old as what it was made of.
    const { atime, mtime } = await stat(base);
    await utimes(path, atime, mtime);
    await syncFolder(folder);
    return path;
  }
  const path = join(folder, `${freshId()}.qcow2`);
  const bytes = await virtualBytes(store, base, baseFormat);
  await needQemuImg(store).create(path, 'qcow2', bytes, backing(store, path, base, baseFormat));
  await syncFile(path);
  await syncFolder(folder);
  return path;
}

/**
 * New heads for all writable disks, present head to new one; nothing counts yet.
 * @param isRunning what a guest writes meanwhile decides nothing about how its disk is read later
 */
export async function growHeads(
  store: Store,
  machine: string,
  config: MachineConfig,
  ledger: Ledger,
  isRunning = false,
) {
  const folder = store.folder(machine);
  const disks = writableDisks(folder, config, ledger);
  const images = await Images.scan(store);
  const next: Record<string, string> = {};
  for (const { disk, index, own, head } of disks) {
    if (images.chain(head).length >= MAX_CHAIN) {
      throw new Problem('wrong-state', `${machine} has ${MAX_CHAIN} layers already: delete a snapshot first`);
    }
    const format = await formatOf(folder, disk, head);
    const isTold = disk.format !== undefined || head !== own || diskFormat(own, NO_HEAD) === format;
    if (isRunning && !isTold)
      throw new Problem(
        'wrong-state',
        `disk ${index + 1} of ${machine} looks like ${format}, which its guest may have written: say its format in the definition`,
      );
    next[head] = await growHead(store, machine, config, head, format);
  }
  return next;
}

/** The ledger's heads with some replaced: present head to new one. */
export function withHeads(
  folder: string,
  config: MachineConfig,
  ledger: Ledger,
  next: Readonly<Record<string, string>>,
): Ledger['heads'] {
  const heads = { ...ledger.heads };
  for (const { own, head } of writableDisks(folder, config, ledger)) {
    const replaced = next[head];
    if (replaced === own) delete heads[own];
    else if (replaced !== undefined) heads[own] = replaced;
  }
  return heads;
}

/** Whether a guest has written to an image since it was grown on another. */
export async function isUntouched(path: string): Promise<boolean> {
  return (await readQcow2(path))?.isUntouched ?? false;
}

/** A MAC address in the range that QEMU's own come from; bits enough for every machine of a company. */
export function freshMac(): string {
  return ['52:54:00', ...randomBytes(3).toString('hex').match(/../g)!].join(':');
}
