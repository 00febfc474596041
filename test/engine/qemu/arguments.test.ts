import { describe, expect, test } from 'vitest';
import { hardwareOf, type Plumbing, qemuArguments } from '../../../src/engine/qemu/arguments.js';
import type { MachineDefinition } from '../../../src/machine/definition.js';
import type { FileDisk, Nic } from '../../../src/machine/hardware.js';
import { parseForward } from '../../../src/machine/nics.js';

const USER_NIC: Nic = { type: 'user', model: undefined, mac: undefined, bridge: undefined, forwards: [] };
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
  board: 'q35',
  nics: [USER_NIC],
  accel: 'tcg',
  pointer: 'tablet',
  firmware: 'bios',
  tpm: false,
  boot: ['floppy', 'cdrom', 'disk'],
  sharedFolders: [],
  usb: [],
  audio: false,
  display: undefined,
  balloon: false,
  folder: undefined,
  qemuArgs: [],
};
const PLUMBING: Plumbing = { folder: '/run/v', displays: ['none', 'dbus'] };

function argumentsOf(changes: Partial<MachineDefinition>, plumbing = PLUMBING): string[] {
  return qemuArguments({ ...MACHINE, ...changes }, { accel: 'tcg', cpu: 'max' }, plumbing);
}

/** The values of every `option`. */
function values(args: string[], option: string): string[] {
  return args.flatMap((arg, i) => (arg === option ? [args[i + 1]!] : []));
}

const disk = (path: string, changes: Partial<FileDisk> = {}): FileDisk => ({
  ...{ path, format: 'raw', bus: undefined, readOnly: false },
  ...changes,
});

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

  test('no name can add options: commas are doubled, and all is one argument', () => {
    const args = argumentsOf({
      name: 'a,b=c',
      cdrom: '/m/a,readonly=off,file=/etc/shadow.iso',
      floppy: '/m/a,b.img',
      disks: [disk('/m/-d,if=x.img')],
      sharedFolders: [
        { name: 't,x=1', path: '/s,readonly=off', readOnly: true, via: '9p' },
        { name: 't,x=1', path: '/s', readOnly: false, via: 'virtiofs' },
      ],
    });
    expect(values(args, '-drive')).toEqual([
      'if=floppy,format=raw,file=/m/a,,b.img',
      'if=none,id=cdrom0,media=cdrom,readonly=on,format=raw,file=/m/a,,readonly=off,,file=/etc/shadow.iso',
      'if=none,id=disk0,format=raw,file=/m/-d,,if=x.img',
    ]);
    expect(values(args, '-name')).toEqual(['guest=a,,b=c']);
    expect(values(args, '-fsdev')).toEqual([
      'local,id=share0,security_model=mapped-xattr,readonly=on,path=/s,,readonly=off',
    ]);
    expect(values(args, '-device').filter((device) => /9p|fs-pci/.test(device))).toEqual([
      'virtio-9p-pci,fsdev=share0,mount_tag=t,,x=1',
      'vhost-user-fs-pci,chardev=share1,tag=t,,x=1',
    ]);
    const folder = '/t,x';
    const uefi = { code: '/u,c', vars: '/u,v' };
    expect(values(argumentsOf({}, { ...PLUMBING, folder, uefi }), '-drive')).toEqual([
      'if=pflash,unit=0,format=raw,readonly=on,file=/u,,c',
      'if=pflash,unit=1,format=raw,file=/u,,v',
    ]);
    expect(values(argumentsOf({ tpm: true }, { ...PLUMBING, folder }), '-chardev')).toEqual([
      ...['socket,id=tpm,path=/t,,x/tpm.sock', 'socket,id=qmp,path=/t,,x/qmp.sock'],
    ]);
    expect(values(argumentsOf({}, { ...PLUMBING, folder }), '-vnc')).toEqual(['unix:/t,,x/vnc.sock,share=ignore']);
  });

  test('disks hang where the definition says, each controller is there once', () => {
    const buses = [undefined, 'sata', 'scsi', 'scsi', 'virtio', 'nvme'] as const;
    const disks = buses.map((bus, i) => disk(`/m/${i}`, { bus, readOnly: bus === 'virtio' }));
    const args = argumentsOf({ disks, cdrom: '/m/a.iso', nics: [] });
    expect(values(args, '-device').slice(2)).toEqual([
      'virtio-scsi-pci,id=scsi',
      'ide-cd,drive=cdrom0,bus=ide.0,bootindex=10',
      'ide-hd,drive=disk0,bus=ide.1,bootindex=19',
      'ide-hd,drive=disk1,bus=ide.2,bootindex=20',
      'scsi-hd,drive=disk2,bus=scsi.0,scsi-id=0,bootindex=21',
      'scsi-hd,drive=disk3,bus=scsi.0,scsi-id=1,bootindex=22',
      'virtio-blk-pci,drive=disk4,bootindex=23',
      'nvme,drive=disk5,serial=disk5,bootindex=24',
    ]);
    expect(values(args, '-drive')[5]).toBe('if=none,id=disk4,readonly=on,format=raw,file=/m/4');
  });

  test('the old board has IDE of its own, and SATA on a card', () => {
    const disks = [disk('/m/0', { bus: 'ide' }), disk('/m/1', { bus: 'ide' }), disk('/m/2', { bus: 'sata' })];
    expect(values(argumentsOf({ board: 'pc', disks, cdrom: '/m/a.iso', nics: [] }), '-device').slice(2)).toEqual([
      'ahci,id=sata',
      'ide-cd,drive=cdrom0,bus=ide.0,unit=0,bootindex=10',
      'ide-hd,drive=disk0,bus=ide.0,unit=1,bootindex=19',
      'ide-hd,drive=disk1,bus=ide.1,unit=0,bootindex=20',
      'ide-hd,drive=disk2,bus=sata.0,bootindex=21',
    ]);
  });

  test("an iSCSI disk's password is in a file", () => {
    const iscsi = { portal: 'nas:3260', target: 'iqn.2026-01.example:a', lun: 1, user: 'u,v', password: 'secret word' };
    const args = argumentsOf({ disks: [{ iscsi, bus: 'virtio', readOnly: false }] });
    expect(values(args, '-object')).toEqual(['secret,id=disk0-key,file=/run/v/disk0.key']);
    expect(JSON.parse(values(args, '-blockdev')[0]!)).toEqual({
      ...{ driver: 'iscsi', 'node-name': 'disk0', 'read-only': false, transport: 'tcp', portal: 'nas:3260' },
      ...{ target: 'iqn.2026-01.example:a', lun: 1, user: 'u,v', 'password-secret': 'disk0-key' },
    });
    expect(args.join(' ')).not.toContain('secret word');
  });

  test('boots in the order of the definition; what it does not name has no place in it', () => {
    const devices = (boot: MachineDefinition['boot']) =>
      values(argumentsOf({ boot, disks: [disk('/m/1')], cdrom: '/m/a.iso' }), '-device').filter((device) =>
        /^(ide|e1000)/.test(device),
      );
    expect(devices(['disk', 'network'])).toEqual([
      'ide-cd,drive=cdrom0,bus=ide.0',
      'ide-hd,drive=disk0,bus=ide.1,bootindex=1',
      'e1000e,netdev=nic0,bootindex=10',
    ]);
    expect(devices(['cdrom'])).toEqual([
      'ide-cd,drive=cdrom0,bus=ide.0,bootindex=1',
      'ide-hd,drive=disk0,bus=ide.1',
      'e1000e,netdev=nic0,romfile=',
    ]);
  });

  test('a kernel is given with its companions, as they are', () => {
    const args = argumentsOf({ kernel: '/m/a,b', initrd: '/m/i', append: '-- a=b,c "d"' });
    expect(values(args, '-kernel')).toEqual(['/m/a,b']);
    expect(values(args, '-initrd')).toEqual(['/m/i']);
    expect(values(args, '-append')).toEqual(['-- a=b,c "d"']);
  });

  test('a guest of the old board gets hardware of its time', () => {
    const args = argumentsOf({ board: 'pc', floppy: '/m/dos.img', audio: true, tpm: true });
    expect(values(args, '-machine')).toEqual(['pc']);
    expect(values(args, '-global')).toEqual(['isa-fdc.bootindexA=1']);
    expect(values(args, '-device')).toEqual([
      ...['piix3-usb-uhci', 'usb-tablet', 'rtl8139,netdev=nic0,romfile='],
      ...['AC97,audiodev=audio0', 'tpm-tis,tpmdev=tpm0'],
    ]);
  });

  test('network cards: model, address, bridge, port forwards', () => {
    const forwards = [parseForward('tcp::2222::22'), parseForward('udp:0.0.0.0:53:10.0.2.15:53')];
    const args = argumentsOf({
      nics: [
        { ...USER_NIC, model: 'virtio', forwards },
        { ...USER_NIC, type: 'bridge', bridge: 'br0', mac: '52:54:00:00:00:01', model: 'pcnet' },
      ],
    });
    expect(values(args, '-netdev')).toEqual([
      'user,id=nic0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp:0.0.0.0:53-10.0.2.15:53',
      'bridge,id=nic1,br=br0',
    ]);
    expect(values(args, '-device').slice(-2)).toEqual([
      'virtio-net-pci,netdev=nic0,romfile=',
      'pcnet,netdev=nic1,mac=52:54:00:00:00:01,romfile=',
    ]);
  });

  test('USB devices, sound, a TPM, a balloon', () => {
    const args = argumentsOf({ usb: [{ vendorId: 0x46d, productId: 0xc077 }], audio: true, tpm: true, balloon: true });
    expect(values(args, '-device').slice(3)).toEqual([
      'usb-host,vendorid=0x46d,productid=0xc077',
      ...['ich9-intel-hda', 'hda-duplex,audiodev=audio0'],
      'tpm-crb,tpmdev=tpm0',
      'virtio-balloon-pci,id=balloon0',
    ]);
    expect(values(args, '-audiodev')).toEqual(['none,id=audio0']);
    expect(values(args, '-tpmdev')).toEqual(['emulator,id=tpm0,chardev=tpm']);
  });

  test('virtiofs shares the memory of the guest', () => {
    const args = argumentsOf({ sharedFolders: [{ name: 'home', path: '/h', readOnly: false, via: 'virtiofs' }] });
    expect(values(args, '-machine')).toEqual(['q35,memory-backend=ram']);
    expect(values(args, '-object')).toEqual(['memory-backend-memfd,id=ram,size=512M,share=on']);
    expect(values(args, '-chardev')[0]).toBe('socket,id=share0,path=/run/v/fs0.sock');
  });

  test('a screen of the size that was asked for, with the memory for it', () => {
    expect(values(argumentsOf({ display: { width: 1920, height: 1080 } }), '-global')).toEqual([
      ...['VGA.xres=1920', 'VGA.yres=1080', 'VGA.vgamem_mb=16'],
    ]);
    expect(values(argumentsOf({ display: { width: 3840, height: 2160 } }), '-global')[2]).toBe('VGA.vgamem_mb=32');
  });

  test('a QEMU that waits for a state is the machine that wrote it', () => {
    const args = argumentsOf({}, { ...PLUMBING, resume: 'pc-q35-7.2' });
    expect(values(args, '-machine')).toEqual(['pc-q35-7.2']);
    expect(values(args, '-incoming')).toEqual(['defer']);
    expect(hardwareOf(args)).toEqual(hardwareOf(argumentsOf({})));
    expect(hardwareOf(args)).not.toEqual(hardwareOf(argumentsOf({ balloon: true })));
  });

  test('leaves out what is not wanted or not there, and lets the user have the last word', () => {
    const args = argumentsOf(
      { nics: [], pointer: 'mouse', qemuArgs: ['-m', '64M'] },
      { ...PLUMBING, displays: ['none'] },
    );
    expect(args.join(' ')).not.toMatch(/netdev|tablet|dbus/);
    expect(values(args, '-display')).toEqual(['none']);
    expect(args.slice(-2)).toEqual(['-m', '64M']);
  });
});
