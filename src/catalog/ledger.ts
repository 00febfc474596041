import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { MachineConfig } from './config.js';
import { writeWhole } from './durable.js';
import type { Snapshot } from './entry.js';

/** A snapshot with the hardware that it was taken of: a running guest's state fits no other. */
export interface StoredSnapshot extends Snapshot {
  readonly config: MachineConfig;
  /** Copies of what the engine keeps for the guest; null where the state has it. */
  readonly kept: string | null;
}

/** A snapshot that is being taken. */
export interface StoredPending {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly stateFile: string | null;
  readonly kept: string | null;
  /** Present head to the one that follows. */
  readonly next: Readonly<Record<string, string>>;
}

/**
 * What the catalog has on record about a machine besides its definition, in `state.json`. Writing it is the moment at
 * which a change has happened: files are made before, and removed after. All paths absolute here; in the file, those
 * within the catalog are relative to the machine's folder, so that a catalog can be moved.
 */
export interface Ledger {
  /** Image of the definition to the one that it has become by snapshots and clones. */
  readonly heads: Readonly<Record<string, string>>;
  readonly snapshot: string | null;
  /** Counts while the file is there: whoever goes on from it takes it away before the guest runs. */
  readonly saved: string | null;
  /**
   * Where the machine's process may be writing its state before it ends. The file appears when it is whole: then it is
   * the saved one, even where nobody was left to say so.
   */
  readonly saving: string | null;
  readonly snapshots: readonly StoredSnapshot[];
  readonly pending: StoredPending | null;
  /** Files of a definition that is about to be written; where it is not, they go again. */
  readonly creating: readonly string[];
  /** Text that `machine.yaml` has from now on, even where it was not written yet. */
  readonly definition: string | null;
  /** Copies that what the engine keeps is made anew from, even where that was not done yet. */
  readonly bringing: string | null;
}

export const EMPTY_LEDGER: Ledger = {
  heads: {},
  snapshot: null,
  saved: null,
  saving: null,
  snapshots: [],
  pending: null,
  creating: [],
  definition: null,
  bringing: null,
};

export const LEDGER_FILE = 'state.json';
const VERSION = 1;

export function writeLedger(folder: string, ledger: Ledger): Promise<void> {
  return writeWhole(join(folder, LEDGER_FILE), ledgerText(folder, ledger));
}

export function ledgerText(folder: string, ledger: Ledger): string {
  const converted = mapPaths(ledger, (path) => toStored(folder, path), null);
  return `${JSON.stringify({ version: VERSION, ...converted }, undefined, 2)}\n`;
}

/** Throws an Error that says what is wrong. */
export function parseLedger(folder: string, text: string): Ledger {
  const value = JSON.parse(text) as { version?: unknown } & Ledger;
  if (value.version !== VERSION) throw new Error(`is of version ${value.version}; this vitrine knows ${VERSION}`);
  const { version: _, ...ledger } = { ...EMPTY_LEDGER, ...value };
  return mapPaths(ledger, (path) => resolve(folder, path), undefined);
}

function toStored(folder: string, path: string): string {
  const within = relative(dirname(folder), path);
  const isOutside = within === '..' || within.startsWith('../') || isAbsolute(within);
  return isOutside ? path : relative(folder, path);
}

/** @param absent stands for a disk that is no file: JSON has no undefined */
function mapPaths(ledger: Ledger, map: (path: string) => string, absent: null | undefined): Ledger {
  const mapAll = (files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([from, to]) => [map(from), map(to)]));
  const maybe = (path: string | null) => (path == null ? null : map(path));
  const { pending } = ledger;
  return {
    ...ledger,
    heads: mapAll(ledger.heads),
    saved: maybe(ledger.saved),
    saving: maybe(ledger.saving),
    snapshots: ledger.snapshots.map((snapshot) => ({
      ...snapshot,
      disks: snapshot.disks.map((path) => (path == null ? (absent as undefined) : map(path))),
      stateFile: maybe(snapshot.stateFile),
      kept: maybe(snapshot.kept),
    })),
    pending: pending && {
      ...pending,
      stateFile: maybe(pending.stateFile),
      kept: maybe(pending.kept),
      next: mapAll(pending.next),
    },
    bringing: maybe(ledger.bringing),
    creating: ledger.creating.map(map),
  };
}
