import { existsSync, statSync } from 'node:fs';
import { link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../base/errors.js';
import { DISK_HEAD_BYTES, type DiskFormat, diskFormat } from '../machine/disk-format.js';
import { checkConfig } from './check.js';
import { MACHINE_NAME, type MachineConfig } from './config.js';
import { definitionText } from './definition-text.js';
import { freshId, makeFolder, syncFile, syncFolder, writeWhole } from './durable.js';
import { fieldName } from './finding.js';
import { hardwareId } from './hardware.js';
import { copiesDisks, freshMac } from './heads.js';
import { needQemuImg } from './images.js';
import { EMPTY_LEDGER, LEDGER_FILE, ledgerText } from './ledger.js';
import { leavesFolder } from './meaning.js';
import { DEFINITION_FILE, savedState } from './read-entry.js';
import { parseSize } from './sizes.js';
import { STAGING, type Store } from './store.js';
import { formatConfig, MAX_YAML_BYTES } from './yaml.js';

/** Throws Problem 'invalid-definition' with the first mistake. */
export function mustBeGood(config: MachineConfig): void {
  const [finding] = checkConfig(config);
  if (finding === undefined) {
    // Fields that are long each make a file that nobody would read.
    if (Buffer.byteLength(formatConfig(config)) <= MAX_YAML_BYTES) return;
    throw new Problem('invalid-definition', `the definition is longer than ${MAX_YAML_BYTES >> 10} KiB`);
  }
  const field = fieldName(finding.path);
  throw new Problem('invalid-definition', `${field === '' ? '' : `${field}: `}${finding.message}`);
}

/** Throws Problem 'bad-request' or 'already-exists'. */
export function mustBeFree(store: Store, name: string): void {
  if (!MACHINE_NAME.test(name)) {
    throw new Problem(
      'bad-request',
      `${JSON.stringify(name)} is no name for a machine: 1 to 63 letters, digits and . _ -`,
    );
  }
  const taken = store.find(name);
  if (taken !== undefined) throw new Problem('already-exists', `there is a machine ${taken} already`);
  if (existsSync(store.folder(name)))
    throw new Problem('already-exists', `there is a folder ${store.folder(name)} already`);
}

/**
 * Builds a machine's folder aside and moves it into place as a whole.
 * @param fill makes the folder's files; what it returns is the definition
 */
export async function stageMachine(
  store: Store,
  name: string,
  fill: (folder: string) => Promise<MachineConfig>,
): Promise<void> {
  const folder = join(store.root, STAGING, freshId());
  for (const path of [dirname(folder), folder]) await makeFolder(path);
  try {
    const config = await fill(folder);
    await writeFile(join(folder, DEFINITION_FILE), formatConfig(config), { mode: 0o600 });
    await writeFile(join(folder, LEDGER_FILE), ledgerText(folder, EMPTY_LEDGER), { mode: 0o600 });
    for (const file of [DEFINITION_FILE, LEDGER_FILE]) await syncFile(join(folder, file));
    await syncFolder(folder);
    await rename(folder, store.folder(name));
    await syncFolder(store.root);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** @param fill brings files that the definition names into the machine's folder before it is looked at */
export async function createMachine(
  store: Store,
  name: string,
  config: MachineConfig,
  fill: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
  mustBeGood(config);
  mustBeFree(store, name);
  await stageMachine(store, name, async (folder) => {
    const named = withNames(store, config);
    await fill(folder);
    for (const path of missingDisks(folder, named)) await createDisk(store, named, folder, path, path);
    mustHaveFiles(folder, named, [], store.folder(name));
    return named;
  });
}

export async function replaceDefinition(store: Store, name: string, config: MachineConfig): Promise<void> {
  mustBeGood(config);
  const { ledger } = store.onDisk(name);
  // A broken definition is what this may be about; a broken record is not mended by it.
  if (ledger === undefined) throw new Problem('invalid-definition', `${name}: ${store.onDisk(name).entry.problem}`);
  if (ledger.pending !== null) throw new Problem('busy', `a snapshot of ${name} is being taken`);
  const present = store.onDisk(name).entry.config;
  if (savedState(ledger) !== null && present !== undefined && hardwareId(present) !== hardwareId(config)) {
    throw new Problem(
      'wrong-state',
      `${name} has a saved state, which fits its present hardware alone: start it, or discard the state, first`,
    );
  }
  const folder = store.folder(name);
  const named = withNames(store, config);
  const creating = missingDisks(folder, named);
  mustHaveFiles(folder, named, creating);
  if (creating.length > 0) await store.write(name, { ...ledger, creating });
  try {
    for (const path of creating) {
      const draft = `${path}.${freshId()}.new`;
      await createDisk(store, named, folder, path, draft);
      await link(draft, path);
      await rm(draft);
    }
    await writeWhole(join(folder, DEFINITION_FILE), await definitionText(folder, named));
  } catch (error) {
    await undoCreating(store, name);
    throw error;
  }
  if (creating.length > 0) await store.write(name, { ...ledger, creating: [] });
}

/** Removes the disks of a definition that was not written after all. */
export async function undoCreating(store: Store, name: string): Promise<void> {
  const { entry, ledger } = store.onDisk(name);
  if (ledger === undefined || ledger.creating.length === 0) return;
  const named = new Set((entry.config?.disks ?? []).map(({ file }) => file && resolve(entry.folder, file)));
  for (const path of ledger.creating) if (!named.has(path)) await rm(path, { force: true });
  await store.write(name, { ...ledger, creating: [] });
}

/** The definition with a file for each disk that is to be created, and an address for each card on a shared network. */
function withNames(store: Store, config: MachineConfig): MachineConfig {
  const { disks, nics } = config;
  const taken = new Set(disks?.map(({ file }) => file));
  const extension = copiesDisks(store, config) ? 'img' : 'qcow2';
  return {
    ...config,
    ...(disks && {
      disks: disks.map((disk) => {
        if (disk.file !== undefined || disk.iscsi !== undefined) return disk;
        let file = '';
        for (let i = 1; file === '' || taken.has(file); i++)
          file = `disk${i === 1 ? '' : i}.${formatExtension(disk.format) ?? extension}`;
        taken.add(file);
        return { file, ...disk };
      }),
    }),
    ...(nics && { nics: nics.map((nic) => (nic.type === 'bridge' && !nic.mac ? { ...nic, mac: freshMac() } : nic)) }),
  };
}

function formatExtension(format: DiskFormat | undefined): string | undefined {
  return format === undefined ? undefined : format === 'raw' ? 'img' : format === 'vpc' ? 'vhd' : format;
}

/** Disks with a size whose file is not there yet. */
function missingDisks(folder: string, config: MachineConfig): string[] {
  return (config.disks ?? [])
    .filter(({ file, size }) => file !== undefined && size !== undefined)
    .map(({ file }) => resolve(folder, file!))
    .filter((path) => !existsSync(path));
}

/** @param path as the definition has it @param at where it is made */
async function createDisk(
  store: Store,
  config: MachineConfig,
  folder: string,
  path: string,
  at: string,
): Promise<void> {
  const disk = config.disks!.find(({ file }) => file !== undefined && resolve(folder, file) === path)!;
  const format = disk.format ?? diskFormat(path, new Uint8Array(DISK_HEAD_BYTES));
  if (copiesDisks(store, config) && format !== 'raw') {
    throw new Problem('invalid-definition', `${disk.file}: the emulator has raw disks only; name it disk.img`);
  }
  const bytes = parseSize(disk.size!);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (format === 'raw') await createRaw(at, bytes);
  else await needQemuImg(store).create(at, format, bytes);
  await syncFile(at);
  await syncFolder(dirname(at));
}

async function createRaw(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/**
 * Throws Problem 'invalid-definition' for a medium that is not there.
 * @param home where the folder is going to be: paths that lead out of it count from there
 */
function mustHaveFiles(folder: string, config: MachineConfig, soon: readonly string[] = [], home = folder): void {
  const { disks = [], cdrom, floppy, kernel, initrd } = config;
  const media: [string, string | undefined][] = disks.map(({ file }, i) => [`disks[${i}].file`, file]);
  media.push(['cdrom', cdrom], ['floppy', floppy], ['kernel', kernel], ['initrd', initrd]);
  for (const [field, file] of media) {
    if (file === undefined) continue;
    const path = resolve(leavesFolder(file) ? home : folder, file);
    if (soon.includes(path)) continue;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() || stats?.isBlockDevice()) continue;
    if (stats !== undefined) throw new Problem('invalid-definition', `${field}: ${file} is no file`);
    const hint = field.startsWith('disks') ? '; a disk with a size is created' : '';
    throw new Problem('invalid-definition', `${field}: there is no ${file}${hint}`);
  }
}
