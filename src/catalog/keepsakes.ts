import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freshId, syncFile, syncFolder } from './durable.js';

/** What the engine keeps in a machine's folder for its guest besides disks: UEFI's variables and the TPM's memory. */
const KEEPSAKES = ['uefi-vars.fd', 'tpm'];

/** In a machine's folder: what they were at each snapshot. */
export const KEPT = 'kept';

/** Copies what there is; the folder `to` is made. */
export async function copyKeepsakes(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of KEEPSAKES) await copyAll(join(from, name), join(to, name));
  await syncFolder(to);
}

/** Puts them back to what they were; those that there were none of then go. May be repeated. */
export async function restoreKeepsakes(from: string, to: string): Promise<void> {
  for (const name of KEEPSAKES) {
    const draft = join(to, KEPT, `${freshId()}.new`);
    const was = await copyAll(join(from, name), draft);
    await rm(join(to, name), { recursive: true, force: true });
    if (was) await rename(draft, join(to, name));
  }
  await syncFolder(to);
}

/** Deletes the copies that no snapshot stands for any more. */
export async function sweepKeepsakes(folder: string, needed: ReadonlySet<string>): Promise<boolean> {
  const kept = join(folder, KEPT);
  const names = await readdir(kept).catch(() => []);
  const useless = names.filter((name) => !needed.has(join(kept, name)));
  for (const name of useless) await rm(join(kept, name), { recursive: true, force: true });
  return useless.length > 0;
}

/** A file or a folder of files. Tells whether it was there. */
async function copyAll(from: string, to: string): Promise<boolean> {
  try {
    await cp(from, to, { recursive: true, errorOnExist: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  const files = await readdir(to, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const file of files) if (file.isFile()) await syncFile(join(file.parentPath, file.name));
  await syncFile(to);
  await syncFolder(dirname(to));
  return true;
}
