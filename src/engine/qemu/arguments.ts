import { join } from 'node:path';
import type { MachineDefinition } from '../../machine/definition.js';
import type { Acceleration } from './acceleration.js';
import { quote } from './quote.js';

export interface Plumbing {
  /** Folder of the sockets. */
  readonly folder: string;
  /** Display types that this QEMU's build has. */
  readonly displays: readonly string[];
}

export const qmpPath = (folder: string): string => join(folder, 'qmp.sock');
export const vncPath = (folder: string): string => join(folder, 'vnc.sock');

/** QEMU's command line for a machine. Everything is named: neither defaults nor the user's configuration add to it. */
export function qemuArguments(machine: MachineDefinition, accel: Acceleration, plumbing: Plumbing): string[] {
  const period = periodOf(machine);
  return [
    ...['-no-user-config', '-nodefaults'],
    ...['-name', `guest=${quote(machine.name)}`],
    ...['-machine', period.machine, '-accel', accel.accel, '-cpu', accel.cpu],
    ...['-m', `${machine.memoryMiB}M`],
    // Desktop Windows uses two sockets at most, whatever the number of CPUs.
    ...['-smp', `cpus=${machine.cpus},sockets=1`],
    ...['-rtc', 'base=utc'],
    ...['-vga', 'std'],
    ...['-device', period.usb],
    ...(machine.pointer === 'tablet' ? ['-device', 'usb-tablet'] : []),
    ...media(machine),
    ...network(machine, period),
    ...control(plumbing),
    // The last word: QEMU merges or overrides what is given twice.
    ...machine.qemuArgs,
  ];
}

interface Period {
  readonly machine: string;
  readonly usb: string;
  readonly nic: string;
}

/**
 * q35 (PCI Express, AHCI, xHCI, e1000e) is what every system since about 2010 has drivers for on its own ISO: Linux,
 * the BSDs, Windows from 8 on. Who boots from a floppy disk boots something older, which knows IDE, UHCI and rtl8139.
 */
const MODERN: Period = { machine: 'q35', usb: 'qemu-xhci', nic: 'e1000e' };
const OLD: Period = { machine: 'pc', usb: 'piix3-usb-uhci', nic: 'rtl8139' };

function periodOf(machine: MachineDefinition): Period {
  return machine.floppy === undefined ? MODERN : OLD;
}

/** Drives on the board's own controller, and the order of a PC: floppy, CD, hard disk. */
function media(machine: MachineDefinition): string[] {
  const args: string[] = [];
  let order = '';
  const drive = (letter: string, options: string, file: string, format: string): void => {
    if (!order.includes(letter)) order += letter;
    args.push('-drive', `${options},format=${format},file=${quote(file)}`);
  };
  // Formats are always named: QEMU would otherwise guess from content that a guest may have written.
  if (machine.floppy !== undefined) drive('a', 'if=floppy', machine.floppy, 'raw');
  if (machine.cdrom !== undefined) drive('d', 'if=ide,media=cdrom,readonly=on', machine.cdrom, 'raw');
  for (const disk of machine.disks) drive('c', 'if=ide,media=disk', disk.path, disk.format);
  if (order !== '') args.push('-boot', `order=${order}`);
  if (machine.kernel !== undefined) args.push('-kernel', machine.kernel);
  if (machine.initrd !== undefined) args.push('-initrd', machine.initrd);
  if (machine.append !== undefined) args.push('-append', machine.append);
  return args;
}

function network(machine: MachineDefinition, period: Period): string[] {
  if (machine.nic === 'none') return [];
  // No option ROM: it is for booting from the network, which this one does not offer, and not every packager ships it.
  return ['-netdev', 'user,id=nic0', '-device', `${period.nic},netdev=nic0,romfile=`];
}

function control({ folder, displays }: Plumbing): string[] {
  return [
    // QEMU calls us: no waiting for a socket file to appear.
    ...['-chardev', `socket,id=qmp,path=${quote(qmpPath(folder))}`, '-mon', 'chardev=qmp,mode=control'],
    // Only we can enter the folder, so no password; and no later viewer ever throws an earlier one out.
    ...['-vnc', `unix:${quote(vncPath(folder))},share=ignore`],
    // A D-Bus display without a bus: nobody ever connects to it, but it holds QEMU's refresh timer at 30 ms, which the
    // VNC server alone lets slip to 80 ms and more while nothing changes.
    ...['-display', displays.includes('dbus') ? 'dbus,p2p=yes' : 'none'],
    // The guest's first instruction waits until we watch.
    '-S',
  ];
}
