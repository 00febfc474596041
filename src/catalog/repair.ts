import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.js';
import { undoCreating } from './create.js';
import { Images, sweep } from './images.js';
import { finishRestore, settle } from './snapshots.js';
import { STAGING, type Store, TRASH } from './store.js';

/** Finishes or undoes what was going on when the catalog's last user ended, however it ended. */
export async function repair(store: Store): Promise<void> {
  await mkdir(store.root, { recursive: true, mode: 0o700 });
  for (const name of [STAGING, TRASH]) await guarded(store, name, () => empty(join(store.root, name)));
  for (const name of store.names()) await guarded(store, name, () => repairMachine(store, name));
  await guarded(store, undefined, () => sweepAll(store));
}

async function repairMachine(store: Store, name: string): Promise<void> {
  const { ledger, entry } = store.onDisk(name);
  if (ledger === undefined) store.log.warn({ machine: name, problem: entry.problem }, 'a machine cannot be read');
  else await finish(store, name, () => false);
}

/**
 * Finishes or undoes what was going on with one machine and has come to no end, for want of room, say.
 * @param isTaken whether somebody is taking this snapshot still
 */
export async function finish(store: Store, name: string, isTaken: (snapshot: string) => boolean): Promise<void> {
  await finishRestore(store, name);
  await undoCreating(store, name);
  const { ledger, entry } = store.onDisk(name);
  const pending = ledger?.pending ?? null;
  if (pending !== null && entry.config !== undefined && !isTaken(pending.id)) await settle(store, name, true);
}

/** What is not needed any more may have kept something else from being so. */
async function sweepAll(store: Store): Promise<void> {
  for (let again = true; again; ) {
    again = false;
    const images = await Images.scan(store);
    for (const name of store.names()) {
      await guarded(store, name, async () => {
        if (await sweep(store, name, images)) again = true;
      });
    }
  }
}

/** One machine's trouble must not keep the others away. */
async function guarded(store: Store, machine: string | undefined, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    store.log.error({ machine, reason: messageOf(error) }, 'the machine’s files could not be put in order');
  }
}

async function empty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}
