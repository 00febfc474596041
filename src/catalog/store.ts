import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../base/errors.js';
import type { Logger } from '../base/log.js';
import type { QemuImg } from '../engine/qemu/qemu-img.js';
import { MACHINE_NAME, type MachineConfig } from './config.js';
import { makeFolder } from './durable.js';
import type { MachineEntry } from './entry.js';
import { LEDGER_FILE, type Ledger, writeLedger } from './ledger.js';
import { DEFINITION_FILE, type OnDisk, readOnDisk, savedState, versionOf } from './read-entry.js';

/** Names that no machine has: they begin with a dot. */
export const STAGING = '.staging';
export const TRASH = '.trash';
/** In a machine's folder: what is ours to delete as soon as nobody needs it. */
export const LAYERS = 'layers';
export const STATES = 'states';

export interface StoreOptions {
  readonly log: Logger;
  /** Where there is none, disks are copied instead of grown on each other, and the emulator is the only engine. */
  readonly qemuImg?: QemuImg | undefined;
  /** Whether a machine's process has its disks open. QEMU's locks are asked too. */
  readonly isRunning?: (name: string) => boolean;
}

/** A machine that can be read. */
export interface Readable extends Pick<OnDisk, 'entry' | 'ledger'> {
  readonly ledger: Ledger;
  readonly entry: MachineEntry & { readonly config: MachineConfig };
}

/** The folder with all machines, as it is at this moment: whoever edits files by hand is heard. */
export class Store {
  readonly root: string;
  readonly log: Logger;
  readonly qemuImg: QemuImg | undefined;
  readonly #isRunning: (name: string) => boolean;
  readonly #known = new Map<string, { readonly version: string; readonly onDisk: OnDisk }>();

  constructor(root: string, options: StoreOptions) {
    this.root = root;
    this.log = options.log;
    this.qemuImg = options.qemuImg;
    this.#isRunning = options.isRunning ?? (() => false);
  }

  /** The machines' names, in order. */
  names(): string[] {
    return readdirSync(this.root, { withFileTypes: true })
      .filter((item) => item.isDirectory() && MACHINE_NAME.test(item.name) && this.#isMachine(item.name))
      .map((item) => item.name)
      .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  }

  /** The name as the folder has it; upper and lower case are the same. */
  find(name: string): string | undefined {
    if (!MACHINE_NAME.test(name)) return undefined;
    if (this.#isMachine(name) && this.#hasFolder(name)) return name;
    return this.names().find((known) => known.toLowerCase() === name.toLowerCase());
  }

  folder(name: string): string {
    return join(this.root, name);
  }

  /** @param name as the folder has it */
  onDisk(name: string): OnDisk {
    const folder = this.folder(name);
    const version = versionOf(folder);
    const known = this.#known.get(name);
    if (known?.version === version) return withPresentState(known.onDisk);
    const onDisk = readOnDisk(folder);
    if (onDisk.mayPass) this.#known.delete(name);
    else this.#known.set(name, { version, onDisk });
    return onDisk;
  }

  /** Throws Problem 'no-such-machine'. */
  known(name: string): string {
    const found = this.find(name);
    if (found === undefined) throw new Problem('no-such-machine', `there is no machine ${name}`);
    return found;
  }

  /** Throws Problem 'invalid-definition' where the machine cannot be read. */
  readable(name: string): Readable {
    const { entry, ledger } = this.onDisk(name);
    if (ledger === undefined || entry.config === undefined) {
      throw new Problem('invalid-definition', `${name}: ${entry.problem}`);
    }
    return { ledger, entry: { ...entry, config: entry.config } };
  }

  /** The moment at which a change has happened. */
  async write(name: string, ledger: Ledger): Promise<void> {
    await writeLedger(this.folder(name), ledger);
  }

  async isRunning(name: string): Promise<boolean> {
    if (this.#isRunning(name)) return true;
    const { qemuImg } = this;
    if (qemuImg === undefined) return false;
    const heads = this.onDisk(name).entry.stored.disks.filter((path) => path?.endsWith('.qcow2') && existsSync(path));
    for (const head of heads) if (await qemuImg.isInUse(head!, 'qcow2')) return true;
    return false;
  }

  /** Throws Problem 'busy' while the machine runs. */
  async mustBeOff(name: string, why: string): Promise<void> {
    if (await this.isRunning(name)) throw new Problem('busy', `${name} is running: ${why}`);
  }

  /** A folder for new layers or states of a machine. */
  async folderIn(name: string, which: typeof LAYERS | typeof STATES): Promise<string> {
    const folder = join(this.folder(name), which);
    await makeFolder(folder);
    return folder;
  }

  /** By exactly this name. Asked for all the time: not all machines are looked at for one. */
  #hasFolder(name: string): boolean {
    return readdirSync(this.root, { withFileTypes: true }).some((item) => item.name === name && item.isDirectory());
  }

  #isMachine(name: string): boolean {
    return [DEFINITION_FILE, LEDGER_FILE].some((file) => existsSync(join(this.root, name, file)));
  }
}

function withPresentState(known: OnDisk): OnDisk {
  const { ledger, entry } = known;
  const saved = ledger === undefined ? null : savedState(ledger);
  return saved === entry.stored.saved ? known : { ...known, entry: { ...entry, stored: { ...entry.stored, saved } } };
}
