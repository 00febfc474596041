import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Bytes that are looked at at a time: a run of zeros of this size becomes a hole. */
const BLOCK_BYTES = 1 << 20;

/** A name that nobody has used before. */
export function freshId(bytes = 6): string {
  return randomBytes(bytes).toString('hex');
}

/** The file has either its old or its new content, whatever happens meanwhile, and the new one once this resolves. */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  const draft = `${path}.${freshId()}.new`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file
      .writeFile(data)
      .then(() => file.sync())
      .finally(() => file.close());
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** What `writeWhole` leaves behind where it is killed. */
export const DRAFT = /\.[0-9a-f]{12}\.new$/;

/** A private folder, unless it is there. Not node's recursive one: that does not say why it cannot. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes what was created, renamed or removed in the folder last. */
export async function syncFolder(path: string): Promise<void> {
  await syncFile(path);
}

/** Copies a file that must not exist yet: shared blocks where the file system can do that, otherwise without holes. */
export async function copyImage(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    await rm(to, { force: true });
    await copySparse(from, to);
  }
  await syncFile(to);
}

/** A second name for a file that nobody writes to any more, or, where there are none, a copy. */
export async function linkImage(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (['EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyImage(from, to);
  }
  await syncFolder(dirname(to));
}

async function copySparse(from: string, to: string): Promise<void> {
  const source = await open(from, 'r');
  let target: FileHandle | undefined;
  try {
    target = await open(to, 'wx', 0o600);
    const block = Buffer.alloc(BLOCK_BYTES);
    const zeros = Buffer.alloc(BLOCK_BYTES);
    let at = 0;
    for (;;) {
      const { bytesRead } = await source.read(block, 0, BLOCK_BYTES, at);
      if (bytesRead === 0) break;
      if (block.compare(zeros, 0, bytesRead, 0, bytesRead) !== 0) await writeFully(target, block, bytesRead, at);
      at += bytesRead;
    }
    await target.truncate(at);
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  } finally {
    await source.close();
    await target?.close();
  }
}

async function writeFully(file: FileHandle, data: Buffer, length: number, at: number): Promise<void> {
  let done = 0;
  while (done < length) done += (await file.write(data, done, length - done, at + done)).bytesWritten;
}
