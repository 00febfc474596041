import { join } from 'node:path';
import type { MachineDefinition } from '../../machine/definition.js';
import type { Acceleration } from './acceleration.js';
import { audio, balloon, network, sharedFolders, tpm, usbDevices } from './device-arguments.js';
import { media } from './media-arguments.js';
import { quote } from './quote.js';

export interface Plumbing {
  /** Folder of the sockets. */
  readonly folder: string;
  /** Display types that this QEMU's build has. */
  readonly displays: readonly string[];
  /** Images of UEFI, where the machine has it. */
  readonly uefi?: { readonly code: string; readonly vars: string };
  /** The versioned machine type of the state that QEMU is to wait for, before the guest begins. */
  readonly resume?: string;
}

export const qmpPath = (folder: string): string => join(folder, 'qmp.sock');
export const statePath = (folder: string): string => join(folder, 'ram.sock');
export const vncPath = (folder: string): string => join(folder, 'vnc.sock');

/** The least video memory that std VGA has, in MiB. */
const VGA_MIB = 16;

/** QEMU's command line for a machine. Everything is named: neither defaults nor the user's configuration add to it. */
export function qemuArguments(machine: MachineDefinition, accel: Acceleration, plumbing: Plumbing): string[] {
  return [
    ...['-no-user-config', '-nodefaults'],
    ...['-name', `guest=${quote(machine.name)}`],
    ...board(machine, plumbing),
    ...['-accel', accel.accel, '-cpu', accel.cpu],
    ...memory(machine),
    // Desktop Windows uses two sockets at most, whatever the number of CPUs.
    ...['-smp', `cpus=${machine.cpus},sockets=1`],
    ...['-rtc', 'base=utc'],
    ...screen(machine),
    ...['-device', machine.board === 'pc' ? 'piix3-usb-uhci' : 'qemu-xhci'],
    ...(machine.pointer === 'tablet' ? ['-device', 'usb-tablet'] : []),
    ...media(machine, plumbing.folder),
    ...network(machine),
    ...sharedFolders(machine, plumbing.folder),
    ...usbDevices(machine),
    ...audio(machine),
    ...tpm(machine, plumbing.folder),
    ...balloon(machine),
    ...control(plumbing),
    // The last word: QEMU merges or overrides what is given twice.
    ...machine.qemuArgs,
  ];
}

/** What a state depends on: another device, or one in another place, and it does not fit any more. */
export function hardwareOf(args: readonly string[]): string[] {
  return args.filter((_, i) => ['-device', '-global', '-vga'].includes(args[i - 1] ?? ''));
}

/** Memory that another process, virtiofsd, can map. */
const hasSharedMemory = (machine: MachineDefinition): boolean =>
  machine.sharedFolders.some(({ via }) => via === 'virtiofs');

function board(machine: MachineDefinition, { uefi, resume }: Plumbing): string[] {
  const args = ['-machine', `${resume ?? machine.board}${hasSharedMemory(machine) ? ',memory-backend=ram' : ''}`];
  if (uefi === undefined) return args;
  return [
    ...args,
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${quote(uefi.code)}`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${quote(uefi.vars)}`],
  ];
}

function memory(machine: MachineDefinition): string[] {
  const args = ['-m', `${machine.memoryMiB}M`];
  if (!hasSharedMemory(machine)) return args;
  return [...args, '-object', `memory-backend-memfd,id=ram,size=${machine.memoryMiB}M,share=on`];
}

/** A size is what the monitor's EDID tells the guest, and video memory for a picture of that size. */
function screen({ display }: MachineDefinition): string[] {
  if (display === undefined) return ['-vga', 'std'];
  const { width, height } = display;
  let mib = VGA_MIB;
  while (mib * 2 ** 20 < width * height * 4) mib *= 2;
  const values = Object.entries({ xres: width, yres: height, vgamem_mb: mib });
  return ['-vga', 'std', ...values.flatMap(([name, value]) => ['-global', `VGA.${name}=${value}`])];
}

function control({ folder, displays, resume }: Plumbing): string[] {
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
    ...(resume === undefined ? [] : ['-incoming', 'defer']),
  ];
}
