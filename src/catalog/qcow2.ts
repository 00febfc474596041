import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** What the catalog wants to know of a qcow2 image without asking qemu-img: that takes 10 ms and the image's lock. */
export interface Qcow2Header {
  readonly virtualBytes: number;
  /** The image behind this one, absolute. */
  readonly backing: string | undefined;
  readonly backingFormat: string | undefined;
  /** Nobody has written to it: all that a guest sees is the backing image's. */
  readonly isUntouched: boolean;
}

const MAGIC = 0x514649fb;
/** A header with its extensions and the backing file's name fits the smallest usual cluster. */
const HEAD_BYTES = 4096;
const BACKING_FORMAT = 0xe2792aca;
/** What a name leads to nothing with; images name whatever somebody has written into them. */
const NOWHERE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];
/** A table of 16 PiB's worth of clusters; larger ones are nobody's overlay. */
const MAX_L1_ENTRIES = 1 << 22;

/**
 * Undefined for a file that is no qcow2 image, or not there. Rejects where that cannot be known: an image that cannot be
 * read at the moment must not be taken for one with nothing behind it.
 */
export async function readQcow2(path: string): Promise<Qcow2Header | undefined> {
  if (!(await isReadable(path))) return undefined;
  const file = await open(path, 'r');
  try {
    const { buffer: head, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    if (bytesRead < 104 || head.readUInt32BE(0) !== MAGIC) return undefined;
    const nameAt = Number(head.readBigUInt64BE(8));
    const nameLength = head.readUInt32BE(16);
    const name =
      nameAt > 0 && nameAt + nameLength <= bytesRead ? head.toString('utf8', nameAt, nameAt + nameLength) : '';
    return {
      virtualBytes: Number(head.readBigUInt64BE(24)),
      backing: name === '' ? undefined : resolve(dirname(path), name),
      backingFormat: backingFormat(head.subarray(0, bytesRead)),
      isUntouched: head.readUInt32BE(60) === 0 && (await isEmptyTable(file, head)),
    };
  } finally {
    await file.close();
  }
}

/** Whether it is there and made for reading at any place: some devices do things when they are opened, pipes wait. */
async function isReadable(path: string): Promise<boolean> {
  try {
    const stats = await stat(path);
    return stats.isFile() || stats.isBlockDevice();
  } catch (error) {
    if (NOWHERE.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function backingFormat(head: Buffer): string | undefined {
  let at = head.readUInt32BE(4) === 2 ? 72 : head.readUInt32BE(100);
  while (at + 8 <= head.length) {
    const [type, length] = [head.readUInt32BE(at), head.readUInt32BE(at + 4)];
    if (type === 0) return undefined;
    if (type === BACKING_FORMAT) return head.toString('utf8', at + 8, at + 8 + length);
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return undefined;
}

async function isEmptyTable(file: FileHandle, head: Buffer): Promise<boolean> {
  const entries = head.readUInt32BE(36);
  if (entries > MAX_L1_ENTRIES) return false;
  const table = Buffer.alloc(entries * 8);
  const { bytesRead } = await file.read(table, 0, table.length, Number(head.readBigUInt64BE(40)));
  return bytesRead === table.length && table.every((byte) => byte === 0);
}
