import { open } from 'node:fs/promises';
import { messageOf, Problem } from '../../base/errors.js';
import type { QemuImg } from '../../engine/qemu/qemu-img.js';
import { DISK_HEAD_BYTES, type DiskFormat, diskFormat } from '../../machine/disk-format.js';

/** More than any disk that somebody sends around. */
const MAX_VIRTUAL_BYTES = 16 * 2 ** 40;

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
    try {
      if (diskFormat('', head) !== 'qcow2') throw new Problem('bad-request', `${from} is no qcow2 image`);
    } catch (error) {
      throw error instanceof Problem ? error : new Problem('bad-request', messageOf(error));
    }
  }
  const { virtualBytes, hasBacking } = await qemuImg.info(from, format);
  if (hasBacking) throw new Problem('not-supported', `${from} grows from another image: make it one first`);
  if (virtualBytes > MAX_VIRTUAL_BYTES) throw new Problem('not-supported', `${from} is a disk of more than 16 TiB`);
  await qemuImg.convert(from, format, to, 'qcow2');
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(DISK_HEAD_BYTES), 0, DISK_HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
