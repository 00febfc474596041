import { existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../base/errors.js';
import type { DiskFormat } from '../machine/disk-format.js';
import { freshId, syncFolder } from './durable.js';
import { allocatedBytes, backing, formatOf, Images, needQemuImg } from './images.js';
import type { Ledger } from './ledger.js';
import { readQcow2 } from './qcow2.js';
import { ownFile } from './read-entry.js';
import { LAYERS, type Store } from './store.js';

/**
 * Makes a machine's chains shorter: a layer that no snapshot stands for any more, and that one image alone grows from,
 * is merged with that image. Both of them read the same before, meanwhile and afterwards, so that it may be broken off
 * anywhere; the next time goes on. Layers that a running machine or another machine's clone reads are left alone.
 */
export async function mergeLayers(store: Store, machine: string): Promise<void> {
  // Each merge changes who grows on whom.
  while (await mergeOne(store, machine)) {}
  await bringHome(store, machine);
}

async function mergeOne(store: Store, machine: string): Promise<boolean> {
  const { ledger, entry } = store.readable(machine);
  const images = await Images.scan(store);
  const own = new Set((entry.config.disks ?? []).map((disk) => ownFile(entry.folder, disk)));
  const others = store.names().filter((name) => name !== machine);
  const foreign = new Set(others.flatMap((name) => store.onDisk(name).entry.stored.disks));
  const listed = new Set([...entry.stored.disks, ...Object.values(ledger.heads), ...frozenFiles(ledger), ...foreign]);
  for (const { path: lower } of images.all.filter((image) => image.machine === machine)) {
    const [upper, ...more] = images.on(lower);
    if (listed.has(lower) || upper === undefined || more.length > 0 || upper.machine !== machine) continue;
    if (!upper.path.endsWith('.qcow2') || foreign.has(upper.path)) continue;
    if (!own.has(lower) && dirname(lower) !== join(entry.folder, LAYERS)) continue;

    const onUpper = images.on(upper.path);
    const canSink =
      /\.(qcow2|raw|img)$/.test(lower) && !own.has(upper.path) && onUpper.every((one) => one.machine === machine);
    const canRise = !own.has(lower);
    if ((!canSink && !canRise) || (await isLive(store, images, lower))) continue;
    const sinks = canSink && (!canRise || (await allocatedBytes(upper.path)) <= (await allocatedBytes(lower)));
    try {
      if (sinks)
        await sink(
          store,
          machine,
          lower,
          upper.path,
          onUpper.map(({ path }) => path),
        );
      else await rise(store, upper.path, lower);
    } catch (error) {
      // Somebody reads it whom we do not know of: the layer stays.
      if (error instanceof Problem && error.code === 'busy') return false;
      throw error;
    }
    return true;
  }
  return false;
}

/** What the upper one holds goes into the lower one, which then takes its place. */
async function sink(store: Store, machine: string, lower: string, upper: string, onUpper: readonly string[]) {
  const qemuImg = needQemuImg(store);
  await qemuImg.commit(upper);
  const { entry, ledger } = store.readable(machine);
  const moved = (path: string) => (path === upper ? lower : path);
  await store.write(machine, {
    ...ledger,
    heads: Object.fromEntries(
      Object.entries(ledger.heads)
        .map(([own, head]) => [own, moved(head)] as const)
        .filter(([own, head]) => own !== head),
    ),
    snapshots: ledger.snapshots.map((snapshot) => ({
      ...snapshot,
      disks: snapshot.disks.map((path) => (path === undefined ? undefined : moved(path))),
    })),
  });
  const disk = entry.config.disks?.find((each) => ownFile(entry.folder, each) === lower) ?? {};
  const format = await formatOf(entry.folder, disk, lower);
  for (const path of onUpper) await qemuImg.rebase(path, backing(store, path, lower, format), true);
  // Now nobody grows on it, and no record names it.
  await rm(upper, { force: true });
}

/** What the lower one holds goes into the upper one, which then grows on what was behind both. */
async function rise(store: Store, upper: string, lower: string): Promise<void> {
  const header = lower.endsWith('.qcow2') ? await readQcow2(lower) : undefined;
  const behind = header?.backing;
  const format = (header?.backingFormat ?? 'raw') as DiskFormat;
  const to = behind === undefined ? undefined : backing(store, upper, behind, format);
  await needQemuImg(store).rebase(upper, to, false);
}

/**
 * A raw copy that is all that is left of a disk goes back under the name that the definition has for it, in place of
 * what the disk was before the first snapshot.
 */
async function bringHome(store: Store, machine: string): Promise<void> {
  const { entry, ledger } = store.readable(machine);
  const frozen = new Set(frozenFiles(ledger));
  const images = await Images.scan(store);
  for (const [own, head] of Object.entries(ledger.heads)) {
    if (!head.endsWith('.raw') || dirname(head) !== join(entry.folder, LAYERS) || dirname(own) !== entry.folder)
      continue;
    if (!/\.(raw|img)$/.test(own) || !existsSync(own)) continue;
    if ([own, head].some((path) => frozen.has(path) || images.on(path).length > 0)) continue;
    if (await store.isRunning(machine)) return;
    const draft = `${own}.${freshId()}.new`;
    await link(head, draft);
    await rename(draft, own);
    await syncFolder(entry.folder);
    const { [own]: _, ...heads } = store.readable(machine).ledger.heads;
    await store.write(machine, { ...store.readable(machine).ledger, heads });
    await rm(head, { force: true });
  }
}

function frozenFiles(ledger: Ledger): string[] {
  return ledger.snapshots.flatMap(({ disks }) => disks.filter((path) => path !== undefined));
}

/** Whether a running machine reads or writes the image. */
async function isLive(store: Store, images: Images, path: string): Promise<boolean> {
  for (const name of store.names()) {
    const reads = store
      .onDisk(name)
      .entry.stored.disks.some((head) => head !== undefined && images.chain(head).includes(path));
    if (reads && (await store.isRunning(name))) return true;
  }
  return false;
}
