import { join } from 'node:path';
import { scratch } from './processes.js';
import { Qmp } from './qmp.js';
import { Vitrine } from './vitrine.js';

const INSTALLER = '/usr/lib/debian-installer/images/12/amd64/gtk/debian-installer/amd64';
export const INSTALLER_KERNEL = `${INSTALLER}/linux`;
export const GRUB_ISO = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

/** A guest under vitrine, with a view of it past vitrine. */
export interface Guest {
  readonly vitrine: Vitrine;
  readonly qmp: Qmp;
}

/** Debian's graphical installer: text, then 1280x800 with GTK widgets and a tablet pointer. */
export function bootInstaller(): Promise<Guest> {
  return boot(
    ['--memory=1536', `--kernel=${INSTALLER_KERNEL}`, `--initrd=${INSTALLER}/initrd.gz`, '--append=vga=788 ---'],
    60_000,
  );
}

/** GRUB's rescue shell: there in a second or two, a command line with a cursor that does not blink. */
export function bootGrub(): Promise<Guest> {
  return boot([`--cdrom=${GRUB_ISO}`, '--memory=128'], 30_000);
}

async function boot(options: readonly string[], readyMs: number): Promise<Guest> {
  const socket = join(scratch(), 'qmp');
  // KVM may be there and yet not run Linux; emulation is slow everywhere alike.
  const engine = ['--engine=qemu', '--accel=tcg', '--nic=none'];
  const vitrine = await Vitrine.start([...engine, ...options, ...Qmp.options(socket)], { readyMs });
  return { vitrine, qmp: await Qmp.connect(socket) };
}
