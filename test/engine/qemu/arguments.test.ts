import { describe, expect, test } from 'vitest';
import { qemuArguments } from '../../../src/engine/qemu/arguments.js';
import type { MachineDefinition } from '../../../src/machine/definition.js';

const MACHINE: MachineDefinition = {
  name: 'desk',
  memoryMiB: 512,
  cpus: 3,
  cdrom: undefined,
  disks: [],
  floppy: undefined,
  kernel: undefined,
  initrd: undefined,
  append: undefined,
  nic: 'user',
  accel: 'tcg',
  pointer: 'tablet',
  qemuArgs: [],
};
const PLUMBING = { folder: '/run/v', displays: ['none', 'dbus'] };

function argumentsOf(changes: Partial<MachineDefinition>, plumbing = PLUMBING): string[] {
  return qemuArguments({ ...MACHINE, ...changes }, { accel: 'tcg', cpu: 'max' }, plumbing);
}

/** The values of every `option`. */
function values(args: string[], option: string): string[] {
  return args.flatMap((arg, i) => (arg === option ? [args[i + 1]!] : []));
}

describe("QEMU's command line", () => {
  test('names everything, and the sockets only in our folder', () => {
    expect(argumentsOf({}).join(' ')).toBe(
      '-no-user-config -nodefaults -name guest=desk -machine q35 -accel tcg -cpu max -m 512M -smp cpus=3,sockets=1 ' +
        '-rtc base=utc -vga std -device qemu-xhci -device usb-tablet ' +
        '-netdev user,id=nic0 -device e1000e,netdev=nic0,romfile= ' +
        '-chardev socket,id=qmp,path=/run/v/qmp.sock -mon chardev=qmp,mode=control ' +
        '-vnc unix:/run/v/vnc.sock,share=ignore -display dbus,p2p=yes -S',
    );
  });

  test('a file name cannot add options: commas are doubled, and all is one argument', () => {
    const evil = '/m/a,readonly=off,file=/etc/shadow.iso';
    const args = argumentsOf({ cdrom: evil, disks: [{ path: '/m/-d,if=x.img', format: 'raw' }], name: 'a,b=c' });
    expect(values(args, '-drive')).toEqual([
      'if=ide,media=cdrom,readonly=on,format=raw,file=/m/a,,readonly=off,,file=/etc/shadow.iso',
      'if=ide,media=disk,format=raw,file=/m/-d,,if=x.img',
    ]);
    expect(values(args, '-name')).toEqual(['guest=a,,b=c']);
    expect(values(argumentsOf({}, { ...PLUMBING, folder: '/t,x' }), '-vnc')).toEqual([
      'unix:/t,,x/vnc.sock,share=ignore',
    ]);
  });

  test('boots floppy, CD, disk in that order, whatever of them is there', () => {
    const disks = [
      { path: '/m/1.qcow2', format: 'qcow2' as const },
      { path: '/m/2.img', format: 'raw' as const },
    ];
    expect(values(argumentsOf({ disks }), '-boot')).toEqual(['order=c']);
    expect(values(argumentsOf({ disks, cdrom: '/m/a.iso' }), '-boot')).toEqual(['order=dc']);
    expect(values(argumentsOf({ disks, cdrom: '/m/a.iso', floppy: '/m/a.img' }), '-boot')).toEqual(['order=adc']);
    expect(values(argumentsOf({ kernel: '/m/linux' }), '-boot')).toEqual([]);
  });

  test('a kernel is given with its companions, as they are', () => {
    const args = argumentsOf({ kernel: '/m/a,b', initrd: '/m/i', append: '-- a=b,c "d"' });
    expect(values(args, '-kernel')).toEqual(['/m/a,b']);
    expect(values(args, '-initrd')).toEqual(['/m/i']);
    expect(values(args, '-append')).toEqual(['-- a=b,c "d"']);
  });

  test('a guest from a floppy gets hardware of its time', () => {
    const args = argumentsOf({ floppy: '/m/dos.img' });
    expect(values(args, '-machine')).toEqual(['pc']);
    expect(values(args, '-device')).toEqual(['piix3-usb-uhci', 'usb-tablet', 'rtl8139,netdev=nic0,romfile=']);
  });

  test('leaves out what is not wanted or not there, and lets the user have the last word', () => {
    const args = argumentsOf(
      { nic: 'none', pointer: 'mouse', qemuArgs: ['-m', '64M'] },
      { ...PLUMBING, displays: ['none'] },
    );
    expect(args.join(' ')).not.toMatch(/netdev|tablet|dbus/);
    expect(values(args, '-display')).toEqual(['none']);
    expect(args.slice(-2)).toEqual(['-m', '64M']);
  });
});
