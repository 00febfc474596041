import { join } from 'node:path';
import { scratch } from './processes.js';
import { Qmp } from './qmp.js';
import { Vitrine } from './vitrine.js';

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/gtk/debian-installer/amd64';
export const INSTALLER_KERNEL = `${INSTALLER}/linux`;
/** For 32 bit machines, as the emulator is. */
const INSTALLER_386 = '/usr/lib/debian-installer/images/12/i386/gtk/debian-installer/i386';
export const INSTALLER_386_KERNEL = `${INSTALLER_386}/linux`;
export const GRUB_ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

export const SEABIOS = '/usr/share/seabios/bios.bin';

/** A guest under vitrine, with a view of it past vitrine. */
export interface Guest {
  readonly vitrine: Vitrine;
  readonly qmp: Qmp;
}

/** The language is asked, the country and the keyboard are given, so that a page with a text field is not far. */
const INSTALLER_APPEND = 'vga=788 country=US keymap=us hw-detect/load_firmware=false ---';

/** Debian's graphical installer: text, then 1280x800 with widgets and a tablet pointer. */
export function bootInstaller(): Promise<Guest> {
  const boot = [`--kernel=${INSTALLER_KERNEL}`, `--initrd=${INSTALLER}/initrd.gz`, `--append=${INSTALLER_APPEND}`];
  return start(['--memory=1536', '--nic=user', ...boot]);
}

/** GRUB's rescue shell: there in a second or two, a command line with a cursor that does not blink. */
export function bootGrub(): Promise<Guest> {
  return start(['--memory=128', '--nic=none', `--cdrom=${GRUB_ISO}`]);
}

/** The installer on the emulator: 1024x768, and a pointer that takes positions. */
export function emulateInstaller(): Promise<Vitrine> {
  const boot = [`--kernel=${INSTALLER_386_KERNEL}`, `--initrd=${INSTALLER_386}/initrd.gz`];
  return Vitrine.start(['--engine=emulator', '--memory=1024', ...boot, `--append=${INSTALLER_APPEND}`]);
}

/** GRUB where no QEMU can be found: the emulator steps in. */
export function emulateGrub(): Promise<Vitrine> {
  return Vitrine.start(['--memory=128', `--cdrom=${GRUB_ISO}`], { env: { PATH: scratch() } });
}

async function start(options: readonly string[]): Promise<Guest> {
  const socket = join(scratch(), 'qmp');
  // KVM may be there and yet not run Linux; emulation is slow everywhere alike.
  const vitrine = await Vitrine.start(['--engine=qemu', '--accel=tcg', ...options, ...Qmp.options(socket)]);
  return { vitrine, qmp: await Qmp.connect(socket) };
}
