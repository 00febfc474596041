import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf, Problem } from '../base/errors.js';
import { definitionText } from './definition-text.js';
import { freshId, linkImage, writeWhole } from './durable.js';
import type { PendingSnapshot, Snapshot } from './entry.js';
import { withHardware } from './hardware.js';
import { growHead, growHeads, isUntouched, withHeads } from './heads.js';
import { formatOf, Images, sweep } from './images.js';
import { copyKeepsakes, KEPT, restoreKeepsakes } from './keepsakes.js';
import type { Ledger, StoredPending, StoredSnapshot } from './ledger.js';
import { mergeLayers } from './merge.js';
import { DEFINITION_FILE, ownFile, savedState } from './read-entry.js';
import { STATES, type Store } from './store.js';

/** Throws Problem 'no-such-snapshot'. */
export function findSnapshot(name: string, ledger: Ledger, id: string): StoredSnapshot {
  const found = ledger.snapshots.find((snapshot) => snapshot.id === id);
  if (found === undefined) throw new Problem('no-such-snapshot', `${name} has no snapshot ${id}`);
  return found;
}

/** Throws Problem 'busy' while a snapshot is being taken. */
export function mustBeSettled(name: string, ledger: Ledger): void {
  if (ledger.pending !== null) throw new Problem('busy', `a snapshot of ${name} is being taken`);
}

export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
  /** The guest runs, and its state becomes part of the snapshot. */
  readonly running: boolean;
}

export async function beginSnapshot(store: Store, machine: string, request: SnapshotRequest): Promise<PendingSnapshot> {
  const { entry, ledger } = store.readable(machine);
  mustBeSettled(machine, ledger);
  if (entry.config.template) throw new Problem('wrong-state', `${machine} is a template: clones grow from it as it is`);
  if (!request.running) await store.mustBeOff(machine, 'a snapshot of its disks alone is of no use');
  const iscsi = entry.config.disks?.findIndex((disk) => disk.iscsi !== undefined && !disk.readOnly) ?? -1;
  if (iscsi >= 0) {
    throw new Problem(
      'not-supported',
      `disk ${iscsi + 1} of ${machine} is an iSCSI LUN, which only its server can freeze`,
    );
  }
  const next = await growHeads(store, machine, entry.config, ledger, request.running);
  const { name, description } = request;
  const id = freshId(4);
  const stateFile = request.running ? join(await store.folderIn(machine, STATES), `${id}.state`) : null;
  const kept = request.running ? null : join(entry.folder, KEPT, id);
  if (kept !== null) await copyKeepsakes(entry.folder, kept);
  const pending: StoredPending = { id, name, description, stateFile, kept, next };
  await store.write(machine, { ...ledger, pending });
  return { machine, id, name, description, stateFile, overlays: Object.values(next) };
}

export async function commitSnapshot(store: Store, machine: string, id: string): Promise<Snapshot> {
  const { entry, ledger } = store.readable(machine);
  const pending = mustBePending(machine, ledger, id);
  if (pending.stateFile !== null && !existsSync(pending.stateFile)) {
    throw new Problem('failed', `the snapshot of ${machine} has no state: ${pending.stateFile} is missing`);
  }
  const snapshot: StoredSnapshot = {
    id,
    name: pending.name,
    description: pending.description,
    parent: ledger.snapshot,
    takenAt: new Date().toISOString(),
    disks: entry.stored.disks,
    // A machine that is off with a saved state is that state, and goes on from it when it is restored.
    stateFile: pending.stateFile ?? (await ownState(store, machine, savedState(ledger), `${id}.state`)),
    config: entry.config,
    kept: pending.kept,
  };
  await store.write(machine, {
    ...ledger,
    heads: withHeads(entry.folder, entry.config, ledger, pending.next),
    snapshot: id,
    snapshots: [...ledger.snapshots, snapshot],
    pending: null,
  });
  return publicly(snapshot);
}

/** Nothing has come of it. What a guest has written into the new heads meanwhile is kept all the same. */
export async function abandonSnapshot(store: Store, machine: string, id: string): Promise<void> {
  const { ledger } = store.readable(machine);
  if (ledger.pending?.id !== id) return;
  await settle(store, machine, false);
}

/**
 * Decides about a snapshot whose end nobody has told. One whose state is there is one. Otherwise only the heads are in
 * question. An overlay that somebody has written to, or has open, is where the guest is now. One that nobody has touched
 * reads the same as the image behind it: it can go, or, where `mayRun` says that a machine's process may be about to
 * take it, stay.
 */
export async function settle(store: Store, machine: string, mayRun: boolean): Promise<void> {
  const { entry, ledger } = store.readable(machine);
  const { pending } = ledger;
  if (pending === null) return;
  const ran = mayRun && pending.stateFile !== null;
  if (ran && existsSync(pending.stateFile)) {
    await commitSnapshot(store, machine, pending.id);
    return;
  }
  const taken = await areTaken(store, pending, ran);
  const heads = taken ? withHeads(entry.folder, entry.config, ledger, pending.next) : ledger.heads;
  await store.write(machine, { ...ledger, heads, pending: null });
  await sweep(store, machine);
}

/** Times of files are kept in nanoseconds and set as fractions of a second. */
const TIME_ROUNDING_MS = 1;

async function areTaken(store: Store, { next }: StoredPending, mayRun: boolean): Promise<boolean> {
  for (const [head, overlay] of Object.entries(next)) {
    if (!existsSync(overlay)) return false;
    if (!overlay.endsWith('.qcow2')) {
      // A copy: whichever was written to last is the present one. A copy's time is its original's, rounded.
      if ((await stat(overlay)).mtimeMs > (await stat(head)).mtimeMs + TIME_ROUNDING_MS) return true;
    } else if (mayRun || !(await isUntouched(overlay)) || (await store.qemuImg?.isInUse(overlay, 'qcow2'))) {
      return true;
    }
  }
  return false;
}

export async function restoreSnapshot(store: Store, machine: string, id: string): Promise<void> {
  const { entry, ledger } = store.readable(machine);
  mustBeSettled(machine, ledger);
  const snapshot = findSnapshot(machine, ledger, id);
  await store.mustBeOff(machine, 'stop it before it goes back to a snapshot');

  const heads: Record<string, string> = { ...ledger.heads };
  for (const [i, disk] of (snapshot.config.disks ?? []).entries()) {
    const own = ownFile(entry.folder, disk);
    const frozen = snapshot.disks[i];
    if (own === undefined || frozen === undefined) continue;
    const format = await formatOf(entry.folder, disk, frozen);
    heads[own] = disk.readOnly ? frozen : await growHead(store, machine, snapshot.config, frozen, format);
    if (heads[own] === own) delete heads[own];
  }
  const config = withHardware(entry.config, snapshot.config);
  const definition = isDeepStrictEqual(config, entry.config) ? null : await definitionText(entry.folder, config);
  const saved = await ownState(store, machine, snapshot.stateFile, `saved-${freshId(4)}.state`);
  const restored = { ...ledger, heads, snapshot: id, saved, saving: null };
  await store.write(machine, { ...restored, definition, bringing: snapshot.kept });
  await finishRestore(store, machine);
  await sweep(store, machine);
}

/** The state under a name of its own: going on from one takes it away. */
async function ownState(store: Store, machine: string, state: string | null, name: string): Promise<string | null> {
  if (state === null) return null;
  const own = join(await store.folderIn(machine, STATES), name);
  await linkImage(state, own).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Problem('failed', `${machine}: there is no state ${state}`) : error;
  });
  return own;
}

/** Does what the record says was not done yet. */
export async function finishRestore(store: Store, machine: string): Promise<void> {
  const { ledger, entry } = store.onDisk(machine);
  if (ledger === undefined || (ledger.definition === null && ledger.bringing === null)) return;
  if (ledger.bringing !== null) await restoreKeepsakes(ledger.bringing, entry.folder);
  if (ledger.definition !== null) await writeWhole(join(entry.folder, DEFINITION_FILE), ledger.definition);
  await store.write(machine, { ...ledger, definition: null, bringing: null });
}

export async function removeSnapshot(store: Store, machine: string, id: string): Promise<void> {
  const { entry, ledger } = store.readable(machine);
  mustBeSettled(machine, ledger);
  const gone = findSnapshot(machine, ledger, id);
  const images = await Images.scan(store);
  const live = new Set(entry.stored.disks.flatMap((head) => (head === undefined ? [] : images.chain(head))));
  if (gone.disks.some((disk, i) => disk !== undefined && live.has(disk) && !gone.config.disks?.[i]?.readOnly)) {
    await store.mustBeOff(machine, 'it writes on top of this snapshot; stop it first');
  }
  await store.write(machine, {
    ...ledger,
    snapshot: ledger.snapshot === id ? gone.parent : ledger.snapshot,
    snapshots: ledger.snapshots
      .filter((snapshot) => snapshot !== gone)
      .map((snapshot) => (snapshot.parent === id ? { ...snapshot, parent: gone.parent } : snapshot)),
  });
  // From here on nothing can be lost: what is left to do makes chains shorter and reads the same at every moment. Room
  // comes first, which merging may need. Where that fails, the snapshot is gone all the same, and the next removal goes on.
  await sweep(store, machine);
  try {
    await mergeLayers(store, machine);
    await sweep(store, machine);
  } catch (error) {
    store.log.warn({ machine, reason: messageOf(error) }, 'a removed snapshot’s layers were not merged');
  }
}

/** Parents before children. */
export function listSnapshots(ledger: Ledger): Snapshot[] {
  const listed: StoredSnapshot[] = [];
  const add = (parent: string | null): void => {
    for (const snapshot of ledger.snapshots) {
      if (snapshot.parent !== parent) continue;
      listed.push(snapshot);
      add(snapshot.id);
    }
  };
  add(null);
  return listed.map(publicly);
}

function publicly({ config: _config, kept: _kept, ...snapshot }: StoredSnapshot): Snapshot {
  return snapshot;
}

function mustBePending(machine: string, ledger: Ledger, id: string): StoredPending {
  if (ledger.pending?.id === id) return ledger.pending;
  throw new Problem('wrong-state', `no snapshot ${id} of ${machine} is being taken`);
}
