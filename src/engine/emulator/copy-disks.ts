import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, Problem } from '../../base/errors.js';

const STEP_BYTES = 1 << 20;

/** Makes the files at `paths` the same as `sources`, byte by byte, and opens them. Rejects with Problem, all closed. */
export async function copyDisks(sources: readonly FileHandle[], paths: readonly string[]): Promise<FileHandle[]> {
  if (sources.length !== paths.length) {
    throw new Problem('failed', `${paths.length} overlays for ${sources.length} disks that are kept`);
  }
  const files: FileHandle[] = [];
  try {
    for (const [i, source] of sources.entries()) {
      const file = await open(paths[i]!, 'r+');
      files.push(file);
      await source.datasync();
      await copyOver(source, file);
      await file.sync();
      // A copy that nobody has written to is as old as what it was made of: by that the two can be told apart.
      const { atime, mtimeMs } = await source.stat();
      // Rounded down: a Date would round to the next millisecond, which is newer.
      await file.utimes(atime, Math.floor(mtimeMs) / 1000);
    }
    return files;
  } catch (error) {
    for (const file of files) await file.close();
    throw new Problem('failed', `cannot copy a disk: ${messageOf(error)}`);
  }
}

/** Writes only what differs: the copy was made a moment ago, shares its blocks with the original, and has its holes. */
async function copyOver(from: FileHandle, to: FileHandle): Promise<void> {
  const { size } = await from.stat();
  if ((await to.stat()).size !== size) await to.truncate(size);
  const [wanted, present] = [Buffer.alloc(STEP_BYTES), Buffer.alloc(STEP_BYTES)];
  for (let at = 0; at < size; at += STEP_BYTES) {
    const length = Math.min(STEP_BYTES, size - at);
    await readWhole(from, wanted, length, at);
    await readWhole(to, present, length, at);
    if (wanted.compare(present, 0, length, 0, length) === 0) continue;
    for (let done = 0; done < length; ) {
      done += (await to.write(wanted, done, length - done, at + done)).bytesWritten;
    }
  }
}

async function readWhole(file: FileHandle, into: Buffer, length: number, position: number): Promise<void> {
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(into, done, length - done, position + done);
    if (bytesRead === 0) throw new Error('it became shorter meanwhile');
    done += bytesRead;
  }
}
