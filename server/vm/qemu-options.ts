import { isAbsolute, resolve } from 'node:path';
import { given } from '../../src/base/given.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import type { MachineEntry } from '../../src/catalog/entry.js';
import type { MachineOptions } from '../../src/machine/definition.js';

/** A definition of the catalog as QEMU's takes it: each disk at its present head, paths from the machine's folder. */
export function qemuOptions({ name, folder, stored }: MachineEntry, config: MachineConfig): MachineOptions {
  const file = (path: string | undefined): string | undefined =>
    path === undefined || isAbsolute(path) ? path : resolve(folder, path);
  const { disks = [], sharedFolders = [], cpus, append, nics, accel, pointer, firmware, tpm, boot } = config;
  const { usb, audio, display, qemuArgs } = config;
  return {
    name,
    folder,
    // A machine among others may be asked to give memory back.
    balloon: true,
    disks: disks.map(({ size: _, format, ...disk }, i) => {
      const head = stored.disks[i];
      // The format is that of the file the definition names; what has grown on it is told by its content.
      const kept = head === undefined || head === file(disk.file) ? given({ format }) : {};
      return { ...disk, ...kept, ...given({ file: head }) };
    }),
    sharedFolders: sharedFolders.map((shared) => ({ ...shared, path: resolve(folder, shared.path) })),
    ...given({
      memoryMiB: config.memory,
      cdrom: file(config.cdrom),
      floppy: file(config.floppy),
      kernel: file(config.kernel),
      initrd: file(config.initrd),
    }),
    ...given({ cpus, append, nics, accel, pointer, firmware, tpm, boot, usb, audio, display, qemuArgs }),
  };
}
