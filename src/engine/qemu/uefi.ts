import { constants } from 'node:fs';
import { access, copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, Problem } from '../../base/errors.js';

/** Firmware and the empty variables that belong to it. */
interface Images {
  readonly code: string;
  readonly vars: string;
}

const inFolder = (folder: string, code: string, vars: string): Images => ({
  code: join(folder, code),
  vars: join(folder, vars),
});

/**
 * OVMF without Secure Boot, which wants System Management Mode: Debian and Ubuntu, Fedora, Arch, openSUSE, QEMU's own
 * builds on Linux and macOS.
 */
const PLACES: readonly Images[] = [
  inFolder('/usr/share/OVMF', 'OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd'),
  inFolder('/usr/share/OVMF', 'OVMF_CODE.fd', 'OVMF_VARS.fd'),
  inFolder('/usr/share/edk2/ovmf', 'OVMF_CODE.fd', 'OVMF_VARS.fd'),
  inFolder('/usr/share/edk2/x64', 'OVMF_CODE.4m.fd', 'OVMF_VARS.4m.fd'),
  inFolder('/usr/share/edk2-ovmf/x64', 'OVMF_CODE.fd', 'OVMF_VARS.fd'),
  inFolder('/usr/share/qemu', 'ovmf-x86_64-4m-code.bin', 'ovmf-x86_64-4m-vars.bin'),
  ...['/usr/share/qemu', '/usr/local/share/qemu', '/opt/homebrew/share/qemu', '/opt/local/share/qemu'].map((folder) =>
    inFolder(folder, 'edk2-x86_64-code.fd', 'edk2-i386-vars.fd'),
  ),
];
const OWN_VARS = 'uefi-vars.fd';

/**
 * UEFI for the machine whose folder this is: boot entries and settings that its guest makes stay in that folder. Rejects
 * with Problem.
 */
export async function prepareUefi(folder: string, places: readonly Images[] = PLACES): Promise<Images> {
  const found = await findUefi(places);
  const vars = join(folder, OWN_VARS);
  if (await isThere(vars)) return { code: found.code, vars };
  const draft = `${vars}.part`;
  try {
    await copyFile(found.vars, draft);
    await rename(draft, vars);
  } catch (error) {
    await rm(draft, { force: true });
    throw new Problem('failed', `cannot keep UEFI's variables in ${folder}: ${messageOf(error)}`);
  }
  return { code: found.code, vars };
}

/** OVMF as this host has it. Rejects with Problem 'unavailable'. */
export async function findUefi(places: readonly Images[] = PLACES): Promise<Images> {
  for (const place of places) if ((await isThere(place.code)) && (await isThere(place.vars))) return place;
  throw new Problem(
    'unavailable',
    'UEFI needs OVMF: apt install ovmf (Debian, Ubuntu), dnf install edk2-ovmf (Fedora), pacman -S edk2-ovmf (Arch)',
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
