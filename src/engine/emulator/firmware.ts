import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../base/errors.js';

/** Where SeaBIOS lies: Debian and Ubuntu, Fedora and Arch, QEMU's own installs on Linux, macOS and Windows. */
const FOLDERS = [
  '/usr/share/seabios',
  '/usr/share/seavgabios',
  '/usr/share/qemu',
  '/usr/local/share/qemu',
  '/opt/homebrew/share/qemu',
  '/opt/local/share/qemu',
  'C:\\Program Files\\qemu\\share',
  'C:\\Program Files\\qemu',
] as const;
const BIOS = 'bios.bin';
const VGA_BIOS = 'vgabios-stdvga.bin';
/** Both are small; a path to anything else is a mistake. */
const MAX_BYTES = 1 << 20;

export interface Firmware {
  readonly bios: Uint8Array;
  readonly vgaBios: Uint8Array;
}

/** SeaBIOS, as named or as found in one of `folders`. Throws UserError when there is none. */
export async function loadFirmware(
  biosPath: string | undefined,
  vgaBiosPath: string | undefined,
  folders: readonly string[] = FOLDERS,
): Promise<Firmware> {
  return {
    bios: await (biosPath === undefined ? findFile(BIOS, folders) : readNamed(biosPath)),
    vgaBios: await (vgaBiosPath === undefined ? findFile(VGA_BIOS, folders) : readNamed(vgaBiosPath)),
  };
}

async function findFile(name: string, folders: readonly string[]): Promise<Uint8Array> {
  for (const folder of folders) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes !== undefined && isFirmware(bytes)) return bytes;
  }
  throw new UserError(`the emulator needs SeaBIOS (${name}) to boot this: install the package seabios, or QEMU`);
}

async function readNamed(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`cannot read the firmware ${path}: ${error.code ?? error.message}`);
  });
  if (!isFirmware(bytes)) throw new UserError(`${path} is no firmware image`);
  return bytes;
}

function isFirmware(bytes: Uint8Array): boolean {
  return bytes.length >= 1024 && bytes.length <= MAX_BYTES && bytes.length % 512 === 0;
}
