import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { messageOf, Problem } from '../base/errors.js';
import { Emitter } from '../base/events.js';
import { QemuImg } from '../engine/qemu/qemu-img.js';
import { type CloneOptions, cloneMachine, freeHeads } from './clone.js';
import type { MachineConfig } from './config.js';
import { createMachine, replaceDefinition } from './create.js';
import { freshId, makeFolder, syncFolder } from './durable.js';
import type { MachineEntry, PendingSnapshot, Snapshot } from './entry.js';
import { withHardware } from './hardware.js';
import { hostProblem } from './host-problem.js';
import { dependants, sweep } from './images.js';
import { Locks } from './locks.js';
import { savedState } from './read-entry.js';
import { finish, repair } from './repair.js';
import {
  abandonSnapshot,
  beginSnapshot,
  commitSnapshot,
  findSnapshot,
  listSnapshots,
  mustBeSettled,
  removeSnapshot,
  restoreSnapshot,
  type SnapshotRequest,
} from './snapshots.js';
import { STATES, Store, type StoreOptions, TRASH } from './store.js';
import { Watch } from './watch.js';

export type { CloneOptions } from './clone.js';
export type { SnapshotRequest } from './snapshots.js';

export interface CatalogOptions extends Omit<StoreOptions, 'qemuImg'> {
  /** Looked for where it is not given; null: there is none. */
  readonly qemuImg?: QemuImg | null;
}

/** Files that a new machine brings along, made in its folder before anybody sees it. */
export type Fill = (folder: string) => Promise<void>;

/** As many names as one line holds. */
const NAMED_DEPENDANTS = 5;

/**
 * All machines of a host: a folder each, with `machine.yaml`, which belongs to its administrator, and what vitrine has
 * on record beside it. One process at a time. Every change happens in one moment, the writing of one file, and is
 * durable once its promise resolves; `open` tidies up what was cut off. What is asked of one machine is done in order.
 *
 * Disks grow on each other as qcow2 overlays. For the emulator, which reads raw images only, they are copied instead:
 * shared blocks where the file system can (btrfs, XFS, APFS), without holes elsewhere.
 */
export class Catalog {
  /** A machine's name: it has changed in some way, come, or gone. */
  readonly onChange = new Emitter<string>();
  readonly #store: Store;
  readonly #locks = new Locks();
  /** Snapshots that were begun and have neither become one nor been given up. */
  readonly #taken = new Set<string>();
  readonly #watch: Watch;

  static async open(folder: string, options: CatalogOptions): Promise<Catalog> {
    const qemuImg = options.qemuImg === undefined ? await QemuImg.find() : (options.qemuImg ?? undefined);
    const store = new Store(resolve(folder), { ...options, qemuImg });
    await repair(store);
    return new Catalog(store);
  }

  private constructor(store: Store) {
    this.#store = store;
    this.#watch = new Watch(store, (name) => this.onChange.emit(name));
  }

  /** All machines, in order of their names. */
  entries(): readonly MachineEntry[] {
    return this.#store.names().map((name) => this.#store.onDisk(name).entry);
  }

  /** Throws Problem 'no-such-machine'. Upper and lower case are the same. */
  entry(name: string): MachineEntry {
    return this.#store.onDisk(this.#store.known(name)).entry;
  }

  /** Disks with a size are created, in the machine's folder. */
  create(name: string, config: MachineConfig, { fill }: { readonly fill?: Fill } = {}): Promise<MachineEntry> {
    return this.#change([name], async () => {
      await createMachine(this.#store, name, config, fill);
      return name;
    });
  }

  /** A running machine takes it at its next start. */
  replace(name: string, config: MachineConfig): Promise<MachineEntry> {
    return this.#change([name], async () => {
      const known = this.#store.known(name);
      await replaceDefinition(this.#store, known, config);
      return known;
    });
  }

  /** Deletes the machine's folder; disks that its definition names elsewhere stay. */
  remove(name: string): Promise<void> {
    return this.#inTurn([name], async () => {
      const store = this.#store;
      const known = store.known(name);
      await store.mustBeOff(known, 'stop it before it is deleted');
      await mustBeAlone(store, known);
      const trash = join(store.root, TRASH, freshId());
      await makeFolder(dirname(trash));
      await rename(store.folder(known), trash);
      await syncFolder(store.root);
      this.#watch.look();
      await rm(trash, { recursive: true, force: true });
    });
  }

  /** The new machine's entry. A linked clone shares what the disks hold now; it takes well under a second. */
  clone(name: string, to: string, options: CloneOptions = {}): Promise<MachineEntry> {
    return this.#change([name, to], async () => {
      await cloneMachine(this.#store, this.#store.known(name), to, options);
      return to;
    });
  }

  /**
   * To be called before the machine is started: sees to it that its disks are there and that nobody else grows from
   * what it will write to, which is so where a template has become a machine. Throws Problem.
   */
  prepare(name: string): Promise<MachineEntry> {
    return this.#change([name], async () => {
      const store = this.#store;
      const known = store.known(name);
      const { entry, ledger } = store.readable(known);
      mustBeSettled(known, ledger);
      if (entry.config.template) throw new Problem('wrong-state', `${known} is a template: clone it to get a machine`);
      const missing = entry.stored.disks.find((path) => path !== undefined && !existsSync(path));
      if (missing !== undefined) throw new Problem('wrong-state', `${known}: there is no disk image ${missing}`);
      await freeHeads(store, known);
      await this.#forgetUsedState(known);
      return known;
    });
  }

  /** A state is gone once its guest has moved; what a process that was killed then had put aside goes, too. */
  async #forgetUsedState(known: string): Promise<void> {
    const { ledger } = this.#store.readable(known);
    if ((ledger.saved ?? ledger.saving) === null || savedState(ledger) !== null) return;
    await this.#store.write(known, { ...ledger, saved: null, saving: null });
    await sweep(this.#store, known);
  }

  /** Parents before children. */
  snapshots(name: string): readonly Snapshot[] {
    const { ledger } = this.#store.onDisk(this.#store.known(name));
    return ledger === undefined ? [] : listSnapshots(ledger);
  }

  /** Until it is committed or abandoned, nothing else can be done with the machine's disks. */
  beginSnapshot(name: string, request: SnapshotRequest): Promise<PendingSnapshot> {
    return this.#locked([name], async () => {
      const pending = await beginSnapshot(this.#store, this.#store.known(name), request);
      this.#taken.add(pending.id);
      return pending;
    });
  }

  commitSnapshot({ machine, id }: PendingSnapshot): Promise<Snapshot> {
    return this.#inTurn([machine], () =>
      commitSnapshot(this.#store, this.#store.known(machine), id).finally(() => this.#taken.delete(id)),
    );
  }

  abandonSnapshot({ machine, id }: PendingSnapshot): Promise<void> {
    return this.#inTurn([machine], () =>
      abandonSnapshot(this.#store, this.#store.known(machine), id).finally(() => this.#taken.delete(id)),
    );
  }

  /** What its definition would be after going back. */
  restored(name: string, id: string): MachineConfig {
    const { entry, ledger } = this.#store.readable(this.#store.known(name));
    return withHardware(entry.config, findSnapshot(entry.name, ledger, id).config);
  }

  /** What happened since is lost. The hardware goes back too; access, console and policies stay as they are. */
  restore(name: string, id: string): Promise<void> {
    return this.#locked([name], () => restoreSnapshot(this.#store, this.#store.known(name), id));
  }

  /** What grew from it keeps its data. */
  removeSnapshot(name: string, id: string): Promise<void> {
    return this.#locked([name], () => removeSnapshot(this.#store, this.#store.known(name), id));
  }

  /** Where the machine's process is to write its state before it ends; `setSaved` makes it count. */
  savedStateFile(name: string): Promise<string> {
    return this.#locked([name], async () => {
      const store = this.#store;
      const known = store.known(name);
      const { ledger } = store.readable(known);
      const saving = join(await store.folderIn(known, STATES), `saved-${freshId(4)}.state`);
      await store.write(known, { ...ledger, saving });
      return saving;
    });
  }

  /** @param file from `savedStateFile`; null: the state is used up, or nobody wants it any more */
  setSaved(name: string, file: string | null): Promise<void> {
    return this.#locked([name], async () => {
      const store = this.#store;
      const known = store.known(name);
      const { ledger } = store.readable(known);
      if (file !== null && !existsSync(file)) throw new Problem('failed', `there is no state ${file}`);
      await store.write(known, { ...ledger, saved: file, saving: null });
      await sweep(store, known);
    });
  }

  /** Ends the watching of files. */
  close(): void {
    this.#watch.close();
  }

  async #change(names: readonly string[], work: () => Promise<string>): Promise<MachineEntry> {
    return this.#store.onDisk(await this.#locked(names, work)).entry;
  }

  /** What an earlier change has left undone comes first. */
  #locked<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    return this.#inTurn(names, async () => {
      for (const name of this.#knownOf(names)) await finish(this.#store, name, (snapshot) => this.#taken.has(snapshot));
      return work();
    });
  }

  /** What has changed is told before whoever asked for it goes on. */
  async #inTurn<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await this.#locks.run(
        names.map((name) => name.toLowerCase()),
        () => work().catch((error: unknown) => this.#failed(names, error)),
      );
    } finally {
      this.#watch.look();
    }
  }

  /** A change that came to nothing leaves nothing: on a full disk least of all. */
  async #failed(names: readonly string[], thrown: unknown): Promise<never> {
    const error = hostProblem(thrown);
    // What is refused was not begun.
    const isRefused = error instanceof Problem && !['failed', 'host-full', 'unavailable'].includes(error.code);
    for (const name of isRefused ? [] : this.#knownOf(names)) {
      await sweep(this.#store, name).catch((reason: unknown) => {
        this.#store.log.warn({ machine: name, reason: messageOf(reason) }, 'files that nobody needs were left');
      });
    }
    throw error;
  }

  #knownOf(names: readonly string[]): string[] {
    return names.flatMap((name) => this.#store.find(name) ?? []);
  }
}

/** Throws Problem 'wrong-state' and names who depends on the machine's files. */
async function mustBeAlone(store: Store, machine: string): Promise<void> {
  const names = [...(await dependants(store, machine)).keys()];
  if (names.length === 0) return;
  const more = names.length - NAMED_DEPENDANTS;
  const list = `${names.slice(0, NAMED_DEPENDANTS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  throw new Problem(
    'wrong-state',
    `${machine} holds disks that ${list} grow${names.length === 1 ? 's' : ''} from: delete ${names.length === 1 ? 'it' : 'them'} first`,
  );
}
