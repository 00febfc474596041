import { existsSync } from 'node:fs';
import { basename, extname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { Problem } from '../base/errors.js';
import type { DiskFormat } from '../machine/disk-format.js';
import type { DiskConfig, MachineConfig } from './config.js';
import { mustBeFree, mustBeGood, stageMachine } from './create.js';
import { copyImage, syncFile } from './durable.js';
import { copiesDisks, freshMac, growHeads, isUntouched, withHeads, writableDisks } from './heads.js';
import { formatOf, Images, needQemuImg, virtualBytes } from './images.js';
import { copyKeepsakes } from './keepsakes.js';
import { readQcow2 } from './qcow2.js';
import { headsOf } from './read-entry.js';
import { findSnapshot, mustBeSettled } from './snapshots.js';
import type { Store } from './store.js';

export interface CloneOptions {
  /** Share what the disks hold now instead of copying it. */
  readonly linked?: boolean;
  /** What the disks were then, instead of now. */
  readonly snapshot?: string;
  /** The clone's definition, made from what it would be otherwise. */
  readonly change?: (config: MachineConfig) => MachineConfig;
}

interface SourceDisk {
  readonly disk: DiskConfig;
  /** What the clone is to read; undefined for a disk that is no file. */
  readonly image: string | undefined;
}

/** Snapshots and a saved state stay with the source. */
export async function cloneMachine(store: Store, from: string, to: string, options: CloneOptions): Promise<void> {
  const { entry, ledger } = store.readable(from);
  mustBeSettled(from, ledger);
  mustBeFree(store, to);
  const then = options.snapshot === undefined ? undefined : findSnapshot(from, ledger, options.snapshot);
  const source =
    then === undefined ? entry.config : { ...entry.config, ...then.config, access: entry.config.access ?? {} };
  const lun = source.disks?.findIndex((disk) => disk.iscsi !== undefined && !disk.readOnly) ?? -1;
  if (lun >= 0)
    throw new Problem('not-supported', `disk ${lun + 1} of ${from} is an iSCSI LUN, which cannot be copied`);
  if (then === undefined) await store.mustBeOff(from, 'stop it, or clone one of its snapshots');

  const images =
    then?.disks ?? (options.linked ? await frozenHeads(store, from) : headsOf(entry.folder, entry.config, ledger));
  const disks = (source.disks ?? []).map((disk, i) => ({ disk, image: images[i] }));
  await stageMachine(store, to, async (folder) => {
    // Those of a running machine's snapshot are in its state, which nothing but that machine goes on from.
    await copyKeepsakes(then?.kept ?? entry.folder, folder);
    const clone = new Clone(store, entry.folder, source, folder, to, options.linked ?? false);
    const config = {
      ...forClone(source, from),
      ...(disks.length > 0 && { disks: await clone.disks(disks) }),
      ...(await clone.media()),
    };
    const changed = options.change === undefined ? config : options.change(config);
    const final = changed.origin?.user === undefined ? changed : withoutPorts(changed);
    mustBeGood(final);
    return final;
  });
}

/**
 * Images that nobody will write to any more and that hold what the machine's disks hold now. Where somebody may, the
 * machine itself gets new heads first.
 */
async function frozenHeads(store: Store, from: string): Promise<(string | undefined)[]> {
  const { entry, ledger } = store.readable(from);
  const heads = headsOf(entry.folder, entry.config, ledger);
  if (entry.config.template || copiesDisks(store, entry.config)) return heads;
  const images = await Images.scan(store);
  const behind = new Map<string, string>();
  for (const { head } of writableDisks(entry.folder, entry.config, ledger)) {
    // Cloned before and not started since: what is behind it is what it holds.
    const backing = images.backingOf(head);
    if (backing !== undefined && (await isUntouched(head))) behind.set(head, backing);
  }
  const isGrown = writableDisks(entry.folder, entry.config, ledger).some(({ head }) => !behind.has(head));
  if (isGrown) await freeze(store, from);
  return heads.map((head) => (head === undefined || isGrown ? head : (behind.get(head) ?? head)));
}

/** The machine goes on writing elsewhere. */
async function freeze(store: Store, machine: string): Promise<void> {
  const { entry, ledger } = store.readable(machine);
  const next = await growHeads(store, machine, entry.config, ledger);
  await store.write(machine, { ...ledger, heads: withHeads(entry.folder, entry.config, ledger, next) });
}

/** Sees to it that nobody grows from what the machine is about to write to: a template may have become a machine. */
export async function freeHeads(store: Store, machine: string): Promise<void> {
  const { entry, ledger } = store.readable(machine);
  const images = await Images.scan(store);
  const shared = writableDisks(entry.folder, entry.config, ledger).some(({ head }) => images.on(head).length > 0);
  if (shared) await freeze(store, machine);
}

class Clone {
  readonly #store: Store;
  readonly #source: string;
  readonly #config: MachineConfig;
  readonly #staging: string;
  readonly #target: string;
  readonly #linked: boolean;
  readonly #taken = new Set<string>();

  constructor(store: Store, source: string, config: MachineConfig, staging: string, to: string, linked: boolean) {
    this.#store = store;
    this.#source = source;
    this.#config = config;
    this.#staging = staging;
    this.#target = store.folder(to);
    this.#linked = linked;
  }

  async disks(disks: readonly SourceDisk[]): Promise<DiskConfig[]> {
    const made: DiskConfig[] = [];
    for (const { disk, image } of disks) {
      if (image === undefined) made.push(disk);
      else if (!existsSync(image)) throw new Problem('wrong-state', `there is no disk image ${image}`);
      else made.push(await this.#disk(disk, image));
    }
    return made;
  }

  async #disk({ size: _size, format: _format, file, ...disk }: DiskConfig, image: string): Promise<DiskConfig> {
    const format = await formatOf(this.#source, { file: file!, ...(_format && { format: _format }) }, image);
    const base = basename(file!, extname(file!));
    const copies = copiesDisks(this.#store, this.#config);
    if (disk.readOnly && (this.#linked || isAbsolute(file!))) {
      return { ...disk, file: this.#linked ? this.#shared(image) : image, format };
    }
    if (this.#linked && !(copies && format === 'raw')) {
      const name = this.#free(`${base}.qcow2`);
      await this.#grow(name, image, format);
      return { ...disk, file: name };
    }
    if (await this.#isAlone(image, format)) {
      const name = this.#free(`${base}${extname(image) || '.img'}`);
      await copyImage(image, join(this.#staging, name));
      return { ...disk, file: name, format };
    }
    const name = this.#free(`${base}.qcow2`);
    await needQemuImg(this.#store).convert(image, format, join(this.#staging, name), 'qcow2');
    await syncFile(join(this.#staging, name));
    return { ...disk, file: name };
  }

  /** Media that lie in the source's folder: a linked clone reads them there, a full one gets its own. */
  async media(): Promise<Partial<MachineConfig>> {
    const media: Record<string, string> = {};
    for (const field of ['cdrom', 'floppy', 'kernel', 'initrd'] as const) {
      const file = this.#config[field];
      if (file === undefined || isAbsolute(file)) continue;
      const path = resolve(this.#source, file);
      if (this.#linked || normalize(file).startsWith('..')) media[field] = this.#shared(path);
      else if (existsSync(path)) {
        media[field] = this.#free(basename(file));
        await copyImage(path, join(this.#staging, media[field]));
      }
    }
    return media;
  }

  async #grow(name: string, image: string, format: DiskFormat): Promise<void> {
    const bytes = await virtualBytes(this.#store, image, format);
    const path = join(this.#staging, name);
    await needQemuImg(this.#store).create(path, 'qcow2', bytes, { name: this.#shared(image), format });
    await syncFile(path);
  }

  /** How the clone names a file elsewhere: relative within the catalog. */
  #shared(path: string): string {
    return path.startsWith(`${this.#store.root}/`) ? relative(this.#target, path) : path;
  }

  /** Whether the file is all there is to the image. VMDK may be in many files. */
  async #isAlone(image: string, format: DiskFormat): Promise<boolean> {
    if (format === 'vmdk') return false;
    return format !== 'qcow2' || (await readQcow2(image))?.backing === undefined;
  }

  #free(name: string): string {
    const extension = extname(name);
    let free = name;
    for (let i = 2; this.#taken.has(free); i++) free = `${basename(name, extension)}-${i}${extension}`;
    this.#taken.add(free);
    return free;
  }
}

/** A clone is another machine on the network, and not started, cloned or pooled because its source was. */
function forClone(source: MachineConfig, from: string): MachineConfig {
  const { template: _t, pool: _p, autostart: _a, nics, ...config } = source;
  return {
    ...config,
    origin: { template: from },
    ...(nics && { nics: nics.map((nic) => (nic.mac === undefined ? nic : { ...nic, mac: freshMac() })) }),
  };
}

/** A pool's machines run side by side: what only one of them could listen on is nobody's. */
function withoutPorts({ console: screen, nics, ...config }: MachineConfig): MachineConfig {
  const { rdpPort: _rdp, vncPort: _vnc, ...rest } = screen ?? {};
  return {
    ...config,
    ...(screen && { console: rest }),
    ...(nics && { nics: nics.map(({ forwards: _, ...nic }) => nic) }),
  };
}
