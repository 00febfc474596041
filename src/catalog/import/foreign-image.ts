import { open, stat } from 'node:fs/promises';
import { Problem } from '../../base/errors.js';
import type { QemuImg } from '../../engine/qemu/qemu-img.js';
import { DISK_HEAD_BYTES, type DiskFormat, diskFormat } from '../../machine/disk-format.js';
import { readQcow2 } from '../qcow2.js';

/** More than any disk that somebody sends around. */
const MAX_VIRTUAL_BYTES = 16 * 2 ** 40;
/** A VMDK's descriptor, by itself or behind the header of a sparse one. */
const DESCRIPTOR_BYTES = 64 << 10;

/**
 * Makes a disk that somebody else has made the machine's own. Images can name other files to read from; one that comes
 * from elsewhere could have any file of the host put into a guest that way, so such an image is refused.
 */
export async function adoptImage(qemuImg: QemuImg, from: string, format: DiskFormat, to: string): Promise<void> {
  const head = await readHead(from);
  if (format === 'vmdk') {
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    // A descriptor names its extents, and a sparse image of capacity 0 carries a descriptor.
    const isSparse = head.length >= 20 && Buffer.from(head.subarray(0, 4)).toString('latin1') === 'KDMV';
    if (!isSparse || view.getBigUint64(12, true) === 0n) {
      throw new Problem('not-supported', `${from} is not a VMDK image in one file: convert it first`);
    }
  } else if (format === 'qcow2') {
    if (!isWholeQcow2(head))
      throw new Problem(
        'bad-request',
        `${from} is no qcow2 image, or names another file to read from: convert it first`,
      );
  }
  const { virtualBytes, hasBacking } = await qemuImg.info(from, format);
  if (hasBacking) throw new Problem('not-supported', `${from} grows from another image: make it one first`);
  if (virtualBytes > MAX_VIRTUAL_BYTES) throw new Problem('not-supported', `${from} is a disk of more than 16 TiB`);
  await qemuImg.convert(from, format, to, 'qcow2');
}

/** Files beyond its own folder that a disk reads from, which stays where it is: its guest will see what is in them. */
export async function readsFrom(path: string, format: DiskFormat): Promise<string[]> {
  try {
    return format === 'vmdk' ? await namedInVmdk(path) : format === 'qcow2' ? await behind(path) : [];
  } catch {
    // Whoever starts it is told why it cannot be read.
    return [];
  }
}

async function behind(path: string): Promise<string[]> {
  const found: string[] = [];
  for (let at = (await readQcow2(path))?.backing; at !== undefined && !found.includes(at); ) {
    found.push(at);
    at = (await readQcow2(at))?.backing;
  }
  return found.length > 0 || isWholeQcow2(await readHead(path)) ? found : ['a data file of its own'];
}

async function namedInVmdk(path: string): Promise<string[]> {
  const text = Buffer.from(await readHead(path, DESCRIPTOR_BYTES)).toString('latin1');
  const named = text.matchAll(/^(?:(?:RW|RDONLY)\s+\d+\s+\w+\s+|parentFileNameHint\s*=\s*)"?([^"\r\n]+)/gm);
  return [...named].map(([, name]) => name!).filter((name) => /[\\/:]/.test(name));
}

function isWholeQcow2(head: Uint8Array): boolean {
  try {
    return diskFormat('', head) === 'qcow2';
  } catch {
    return false;
  }
}

async function readHead(path: string, bytes = DISK_HEAD_BYTES): Promise<Uint8Array> {
  // A pipe would be waited for.
  if (!(await stat(path)).isFile()) throw new Problem('bad-request', `${path} is no file`);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
