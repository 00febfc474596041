import { extname } from 'node:path';
import { UserError } from '../base/errors.js';

/** Disk image formats by QEMU's names. */
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vdi' | 'vhdx' | 'vpc';

/** Bytes from the start of an image that `diskFormat` wants to see. */
export const DISK_HEAD_BYTES = 512;

const BY_EXTENSION: ReadonlyMap<string, DiskFormat> = new Map([
  ['.raw', 'raw'],
  ['.qcow2', 'qcow2'],
  ['.vmdk', 'vmdk'],
  ['.vdi', 'vdi'],
  ['.vhdx', 'vhdx'],
  ['.vhd', 'vpc'],
]);

/** Bit 2 of qcow2's incompatible features: the data lie in another file. */
const QCOW2_EXTERNAL_DATA = 4;

/**
 * The format of the image at `path` whose first bytes are `head`. The extension decides; without a telling one the
 * content does, but only where that is safe: a guest writes what it likes into a raw disk, so one that was raw
 * yesterday may begin today with a header that names a file of the host as its backing file. Throws UserError then.
 */
export function diskFormat(path: string, head: Uint8Array): DiskFormat {
  const named = BY_EXTENSION.get(extname(path).toLowerCase());
  if (named !== undefined) return named;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (startsWith(head, 'QFI\xfb')) {
    if (qcow2NamesOtherFiles(view)) throw doubtful(path, 'qcow2', 'names another file to read from');
    return 'qcow2';
  }
  // A VMDK descriptor may name any file, and the binary header may carry a descriptor.
  if (startsWith(head, 'KDMV') || startsWith(head, 'COWD') || startsWith(head, '# Disk DescriptorFile')) {
    throw doubtful(path, 'vmdk', 'may name other files to read from');
  }
  if (head.length >= 68 && view.getUint32(64, true) === 0xbeda107f) return 'vdi';
  if (startsWith(head, 'vhdxfile')) return 'vhdx';
  return 'raw';
}

function qcow2NamesOtherFiles(view: DataView): boolean {
  // A header too short to tell is treated as one that does.
  if (view.byteLength < 80) return true;
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) return true;
  if (view.getBigUint64(8) !== 0n) return true;
  return version === 3 && (view.getUint32(76) & QCOW2_EXTERNAL_DATA) !== 0;
}

function startsWith(head: Uint8Array, magic: string): boolean {
  if (head.length < magic.length) return false;
  for (let i = 0; i < magic.length; i++) if (head[i] !== magic.charCodeAt(i)) return false;
  return true;
}

function doubtful(path: string, format: string, why: string): UserError {
  return new UserError(
    `the disk ${path} holds a ${format} image that ${why}; a guest could have written that, so if you made it rename it to end in .${format}`,
  );
}
