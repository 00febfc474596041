import { existsSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Problem } from '../base/errors.js';
import type { Backing } from '../engine/qemu/qemu-img.js';
import { DISK_HEAD_BYTES, type DiskFormat, diskFormat } from '../machine/disk-format.js';
import type { DiskConfig } from './config.js';
import { DRAFT } from './durable.js';
import { sweepKeepsakes } from './keepsakes.js';
import { readQcow2 } from './qcow2.js';
import { ownFile, savedState } from './read-entry.js';
import { LAYERS, STATES, type Store } from './store.js';

/** An image file of the catalog, or one that a definition names elsewhere. */
export interface Image {
  readonly path: string;
  /** In whose folder it lies; undefined for one outside. */
  readonly machine: string | undefined;
  readonly backing: string | undefined;
  readonly backingFormat: string | undefined;
}

/** Who grows on whom, read from the images themselves: no record can be wrong about it. */
export class Images {
  readonly #images: ReadonlyMap<string, Image>;
  /** What the disks of all machines are; a clone may only read another's. */
  readonly heads: readonly string[];

  /**
   * Reads the heads of all images: a few hundred files in some tens of milliseconds. Those that are no qcow2 by name or
   * definition are not looked into: a guest writes what it likes into a raw disk, a header that names others' disks too.
   */
  static async scan(store: Store): Promise<Images> {
    const machines = store.names().map((name) => store.onDisk(name).entry);
    const formats = new Map<string, string>();
    for (const { folder, config } of machines) {
      for (const disk of config?.disks ?? []) {
        const own = ownFile(folder, disk);
        if (own !== undefined && disk.format !== undefined) formats.set(own, disk.format);
      }
    }
    const images = new Map<string, Image>();
    const add = async (path: string, machine: string | undefined, format = formats.get(path)): Promise<void> => {
      if (images.has(path)) return;
      const isQcow2 = format === undefined ? path.endsWith('.qcow2') : format === 'qcow2';
      const reading = isQcow2 ? readQcow2(path) : undefined;
      // One elsewhere grows from nothing of ours, and is its administrator's matter.
      const header = await (machine === undefined ? reading?.catch(() => undefined) : reading);
      images.set(path, { path, machine, backing: header?.backing, backingFormat: header?.backingFormat });
    };
    for (const { name, folder } of machines) {
      for (const path of [...(await filesIn(folder)), ...(await filesIn(join(folder, LAYERS)))]) await add(path, name);
    }
    const heads = machines.flatMap(({ stored }) => stored.disks.filter((path) => path !== undefined));
    for (const path of heads) await add(path, undefined);
    for (const image of [...images.values()]) {
      for (let at: Image | undefined = image; at?.backing !== undefined && !images.has(at.backing); ) {
        await add(at.backing, undefined, at.backingFormat);
        at = images.get(at.backing);
      }
    }
    return new Images(images, heads);
  }

  private constructor(images: ReadonlyMap<string, Image>, heads: readonly string[]) {
    this.#images = images;
    this.heads = heads;
  }

  get all(): readonly Image[] {
    return [...this.#images.values()];
  }

  machineOf(path: string): string | undefined {
    return this.#images.get(path)?.machine;
  }

  backingOf(path: string): string | undefined {
    return this.#images.get(path)?.backing;
  }

  /** The image and all behind it. */
  chain(path: string): string[] {
    const chain: string[] = [];
    for (let at: string | undefined = path; at !== undefined && !chain.includes(at); at = this.backingOf(at)) {
      chain.push(at);
    }
    return chain;
  }

  /** Images that have this one right behind them. */
  on(path: string): Image[] {
    return this.all.filter(({ backing }) => backing === path);
  }
}

/** Files that are outside a machine's folder and need one inside it: machine to file. */
export async function dependants(store: Store, machine: string): Promise<Map<string, string>> {
  const folder = `${store.folder(machine)}/`;
  const found = new Map<string, string>();
  for (const image of (await Images.scan(store)).all) {
    if (image.backing?.startsWith(folder) && image.machine !== undefined && image.machine !== machine) {
      found.set(image.machine, image.path);
    }
  }
  for (const other of store.names()) {
    if (other === machine) continue;
    const { entry } = store.onDisk(other);
    const { disks = [], cdrom, floppy, kernel, initrd } = entry.config ?? {};
    const named = [...disks.map(({ file }) => file), cdrom, floppy, kernel, initrd];
    for (const file of named) {
      if (file !== undefined && resolve(entry.folder, file).startsWith(folder)) found.set(other, file);
    }
  }
  return found;
}

/**
 * Deletes the machine's layers and states that nobody needs. Tells whether there were any.
 * @param known who grows on whom; what has gone since is merely kept longer
 */
export async function sweep(store: Store, machine: string, known?: Images): Promise<boolean> {
  const { entry, ledger } = store.onDisk(machine);
  // Where the record cannot be read, every file counts.
  if (ledger === undefined || entry.config === undefined) return false;
  const images = known ?? (await Images.scan(store));
  const folder = store.folder(machine);
  const layers = join(folder, LAYERS);

  const roots = images.all.filter(({ path }) => dirname(path) !== layers).map(({ path }) => path);
  const { pending } = ledger;
  roots.push(...images.heads, ...Object.values(ledger.heads));
  roots.push(...ledger.snapshots.flatMap(({ disks }) => disks.filter((path) => path !== undefined)));
  if (pending !== null) roots.push(...Object.keys(pending.next), ...Object.values(pending.next));
  const needed = new Set(roots.flatMap((path) => images.chain(path)));

  const states = [savedState(ledger), ledger.saved, ...ledger.snapshots.map(({ stateFile }) => stateFile)];
  for (const state of states) if (state !== null) needed.add(state);
  // Whoever writes a state writes it aside first, and whoever uses one up puts it aside before.
  const written = [ledger.saving, ledger.saved, pending?.stateFile].filter((path) => path != null);
  const isAside = (path: string) => written.some((state) => path.startsWith(state));

  const candidates = [...(await filesIn(layers)), ...(await filesIn(join(folder, STATES)))];
  const drafts = (await filesIn(folder)).filter((path) => DRAFT.test(path));
  const useless = [...candidates.filter((path) => !needed.has(path) && !isAside(path)), ...drafts];
  await Promise.all(useless.map((path) => rm(path, { force: true })));
  const copies = [ledger.bringing, pending?.kept, ...ledger.snapshots.map(({ kept }) => kept)];
  const cleared = await sweepKeepsakes(folder, new Set(copies.filter((path) => path != null)));
  return cleared || useless.length > 0;
}

/** The format of a disk's present image: the definition's word is good for its own file only. */
export async function formatOf(folder: string, disk: DiskConfig, head: string): Promise<DiskFormat> {
  if (disk.format !== undefined && head === ownFile(folder, disk)) return disk.format;
  const file = await open(head, 'r').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Problem('wrong-state', `there is no disk image ${head}`) : error;
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(DISK_HEAD_BYTES), 0, DISK_HEAD_BYTES, 0);
    return diskFormat(head, buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** What the guest sees as its disk's size. */
export async function virtualBytes(store: Store, path: string, format: DiskFormat): Promise<number> {
  if (format === 'qcow2') {
    const header = await readQcow2(path);
    if (header !== undefined) return header.virtualBytes;
    throw new Problem('failed', existsSync(path) ? `${path} is no qcow2 image` : `there is no disk image ${path}`);
  }
  const stats = await stat(path);
  if (format === 'raw' && stats.isFile()) return stats.size;
  return (await needQemuImg(store).info(path, format)).virtualBytes;
}

/** How an overlay at `overlay` names the image behind it: relative within the catalog, which may be moved. */
export function backing(store: Store, overlay: string, path: string, format: DiskFormat): Backing {
  const name = path.startsWith(`${store.root}/`) ? relative(dirname(overlay), path) : path;
  return { name, format };
}

/** Throws Problem 'not-supported'. */
export function needQemuImg(store: Store): NonNullable<Store['qemuImg']> {
  if (store.qemuImg !== undefined) return store.qemuImg;
  throw new Problem(
    'not-supported',
    'this needs qemu-img: apt install qemu-utils, dnf install qemu-img, brew install qemu',
  );
}

/** Bytes that a file takes up on the host. */
export async function allocatedBytes(path: string): Promise<number> {
  return (await stat(path)).blocks * 512;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const items = await readdir(folder, { withFileTypes: true });
    return items.filter((item) => item.isFile()).map((item) => join(folder, item.name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
