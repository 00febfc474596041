import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../base/errors.js';
import { DISK_HEAD_BYTES, type DiskFormat, diskFormat } from './disk-format.js';

/** The absolute path of a file (or block device) that can be read; undefined for undefined. Throws UserError. */
export async function optionalFile(what: string, path: string | undefined): Promise<string | undefined> {
  return path === undefined ? undefined : checkFile(what, path, constants.R_OK);
}

/** Path and format of a disk image that can be used. Throws UserError. */
export async function checkImage(
  path: string,
  isReadOnly: boolean,
  format: DiskFormat | undefined,
): Promise<{ readonly path: string; readonly format: DiskFormat }> {
  const absolute = await checkFile('disk', path, constants.R_OK | (isReadOnly ? 0 : constants.W_OK));
  if (format !== undefined) return { path: absolute, format };
  const file = await open(absolute, 'r');
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(DISK_HEAD_BYTES), 0, DISK_HEAD_BYTES, 0);
    return { path: absolute, format: diskFormat(absolute, buffer.subarray(0, bytesRead)) };
  } finally {
    await file.close();
  }
}

/** The absolute path of a folder that can be read, and written unless it is for reading only. Throws UserError. */
export async function checkFolder(what: string, path: string, isReadOnly: boolean): Promise<string> {
  const fail = failure(isReadOnly ? 'read' : 'use', what, path);
  if (path === '' || path.includes('\0')) throw fail('not a file name');
  const absolute = resolve(path);
  try {
    if (!(await stat(absolute)).isDirectory()) throw fail('it is no folder');
    await access(absolute, constants.R_OK | constants.X_OK | (isReadOnly ? 0 : constants.W_OK));
  } catch (error) {
    throw error instanceof UserError ? error : fail(whyNot(error as NodeJS.ErrnoException));
  }
  return absolute;
}

/** The absolute path of a file (or block device) that can be used as `mode` says. */
async function checkFile(what: string, path: string, mode: number): Promise<string> {
  const fail = failure(mode & constants.W_OK ? 'use' : 'read', what, path);
  if (path === '' || path.includes('\0')) throw fail('not a file name');
  const absolute = resolve(path);
  try {
    const stats = await stat(absolute);
    if (stats.isDirectory()) throw fail('it is a folder');
    if (!stats.isFile() && !stats.isBlockDevice()) throw fail('it is not a file');
    if (stats.isFile() && stats.size === 0) throw fail('it is empty');
    await access(absolute, mode);
  } catch (error) {
    throw error instanceof UserError ? error : fail(whyNot(error as NodeJS.ErrnoException));
  }
  return absolute;
}

const failure = (verb: string, what: string, path: string) => (why: string) =>
  new UserError(`cannot ${verb} the ${what} ${path}: ${why}`);

function whyNot(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EROFS':
      return 'it lies on a read-only file system';
    default:
      return error.code ?? error.message;
  }
}
