import { join } from 'node:path';
import type { MachineDefinition } from '../../machine/definition.js';
import type { BootDevice, Disk, DiskBus } from '../../machine/hardware.js';
import { quote } from './quote.js';

export const diskId = (index: number): string => `disk${index}`;
/** Where an iSCSI disk's password lies: a command line is everybody's to read. */
export const secretPath = (folder: string, index: number): string => join(folder, `${diskId(index)}.key`);

/** SCSI controllers that guests of the board's time have drivers for. */
const SCSI = { q35: 'virtio-scsi-pci', pc: 'lsi53c895a' } as const;

/** Drives, their controllers, and what is booted first. Formats are always named: QEMU would guess from content. */
export function media(machine: MachineDefinition, folder: string): string[] {
  const { board, boot } = machine;
  const ownBus = board === 'pc' ? 'ide' : 'sata';
  const order = bootOrder(machine);
  const taken = new Map<DiskBus, number>();
  const place = (bus: DiskBus): number => {
    const index = taken.get(bus) ?? 0;
    taken.set(bus, index + 1);
    return index;
  };
  const drives: string[] = [];
  if (machine.floppy !== undefined) {
    drives.push('-drive', `if=floppy,format=raw,file=${quote(machine.floppy)}`);
    if (boot.includes('floppy')) drives.push('-global', `isa-fdc.bootindexA=${order('floppy')}`);
  }
  if (machine.cdrom !== undefined) {
    drives.push('-drive', `if=none,id=cdrom0,media=cdrom,readonly=on,format=raw,file=${quote(machine.cdrom)}`);
    drives.push('-device', `ide-cd,drive=cdrom0,${slot(ownBus, board, place(ownBus))}${bootIndex(order('cdrom'))}`);
  }
  machine.disks.forEach((disk, i) => {
    const bus = disk.bus ?? ownBus;
    drives.push(...image(disk, i, folder));
    drives.push('-device', `${device(bus, board, i, place(bus))}${bootIndex(order('disk', i))}`);
  });
  const controllers: string[] = [];
  if (taken.has('scsi')) controllers.push('-device', `${SCSI[board]},id=scsi`);
  if (taken.has('sata') && board === 'pc') controllers.push('-device', 'ahci,id=sata');
  return [...controllers, ...drives, ...kernel(machine)];
}

/** The number by which firmware sorts a device of this kind; undefined for one that is not booted from. */
export function bootOrder({
  boot,
  disks,
}: MachineDefinition): (kind: BootDevice, index?: number) => number | undefined {
  return (kind, index = 0) => {
    const place = boot.indexOf(kind);
    // A kind's devices follow each other; 0 is left to a kernel that QEMU loads itself.
    return place < 0 ? undefined : 1 + place * (Math.max(disks.length, 8) + 1) + index;
  };
}

export const bootIndex = (number: number | undefined): string => (number === undefined ? '' : `,bootindex=${number}`);

function image(disk: Disk, index: number, folder: string): string[] {
  const id = diskId(index);
  if ('path' in disk) {
    const readOnly = disk.readOnly ? ',readonly=on' : '';
    return ['-drive', `if=none,id=${id}${readOnly},format=${disk.format},file=${quote(disk.path)}`];
  }
  const { portal, target, lun, user, password } = disk.iscsi;
  const secret = `${id}-key`;
  const options = {
    ...{ driver: 'iscsi', 'node-name': id, 'read-only': disk.readOnly, transport: 'tcp', portal, target, lun },
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { 'password-secret': secret }),
  };
  return [
    ...(password === undefined ? [] : ['-object', `secret,id=${secret},file=${quote(secretPath(folder, index))}`]),
    ...['-blockdev', JSON.stringify(options)],
  ];
}

function device(bus: DiskBus, board: 'q35' | 'pc', index: number, place: number): string {
  const drive = `drive=${diskId(index)}`;
  switch (bus) {
    case 'sata':
    case 'ide':
      return `ide-hd,${drive},${slot(bus, board, place)}`;
    case 'scsi':
      return `scsi-hd,${drive},bus=scsi.0,scsi-id=${place}`;
    case 'virtio':
      return `virtio-blk-pci,${drive}`;
    case 'nvme':
      // The guest knows its NVMe disks by their serial number.
      return `nvme,${drive},serial=${diskId(index)}`;
  }
}

/** SATA has a bus for each port, IDE two of two; q35's own SATA buses are called ide, too. */
function slot(bus: 'sata' | 'ide', board: 'q35' | 'pc', place: number): string {
  if (bus === 'ide') return `bus=ide.${place >> 1},unit=${place & 1}`;
  return `bus=${board === 'q35' ? 'ide' : 'sata'}.${place}`;
}

function kernel({ kernel, initrd, append }: MachineDefinition): string[] {
  const args: string[] = [];
  if (kernel !== undefined) args.push('-kernel', kernel);
  if (initrd !== undefined) args.push('-initrd', initrd);
  if (append !== undefined) args.push('-append', append);
  return args;
}
