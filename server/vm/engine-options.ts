import { isAbsolute, resolve } from 'node:path';
import { given } from '../../src/base/given.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import { memoryOf } from '../../src/catalog/engine-choice.js';
import { DEMO_IMAGE } from '../../src/engine/emulator/demo/image.js';
import type { EmulatorOptions } from '../../src/engine/emulator/options.js';
import type { MachineOptions } from '../../src/machine/definition.js';

/** A definition as the emulator takes it, but for its disks. @param folder from which paths count */
export function emulatorOptions(config: MachineConfig, folder: string): EmulatorOptions {
  return { ...media(config, folder), memoryMiB: memoryOf(config, 'emulator') };
}

/**
 * A definition as QEMU takes it.
 * @param folder from which paths count
 * @param heads what the disks are at present, where that is not what the definition names
 */
export function qemuOptions(
  config: MachineConfig,
  folder: string,
  heads: readonly (string | undefined)[] = [],
): MachineOptions {
  const { disks = [], sharedFolders = [], cpus, nics, accel, pointer, firmware, tpm, boot } = config;
  const { usb, audio, display, qemuArgs } = config;
  return {
    ...media(config, folder),
    memoryMiB: memoryOf(config, 'qemu'),
    disks: disks.map(({ size: _, format, ...disk }, i) => {
      const own = inFolder(folder, disk.file);
      const head = heads[i] ?? own;
      // The format is that of the file the definition names; what has grown on it is told by its content.
      return { ...disk, ...(head === own && given({ format })), ...given({ file: head }) };
    }),
    sharedFolders: sharedFolders.map((shared) => ({ ...shared, path: resolve(folder, shared.path) })),
    ...given({ cpus, nics, accel, pointer, firmware, tpm, boot, usb, audio, display, qemuArgs }),
  };
}

function media({ demo, cdrom, floppy, kernel, initrd, append }: MachineConfig, folder: string) {
  return given({
    cdrom: inFolder(folder, cdrom),
    floppy: inFolder(folder, floppy),
    kernel: demo === true ? DEMO_IMAGE : inFolder(folder, kernel),
    initrd: inFolder(folder, initrd),
    append,
  });
}

function inFolder(folder: string, path: string | undefined): string | undefined {
  return path === undefined || isAbsolute(path) ? path : resolve(folder, path);
}
