import { resolve, win32 } from 'node:path';
import type { DiskFormat } from '../../machine/disk-format.js';
import type { DiskBus, DiskConfig } from '../config.js';
import type { Draft } from './imported.js';
import type { Xml } from './xml.js';

type Tell = (line: string) => void;

interface Medium {
  readonly element: Xml;
  /** Something that VirtualBox alone can put together: a differencing image. */
  readonly isDifference: boolean;
}

/** A drive's letter, or a server's name. */
const WINDOWS = /^([A-Za-z]:[\\/]|\\\\)/;

const BUSES: Readonly<Record<string, DiskBus>> = {
  PIIX3: 'ide',
  PIIX4: 'ide',
  ICH6: 'ide',
  AHCI: 'sata',
  LsiLogic: 'scsi',
  LsiLogicSas: 'scsi',
  BusLogic: 'scsi',
  VirtioSCSI: 'virtio',
  NVMe: 'nvme',
};
const FORMATS: Readonly<Record<string, DiskFormat>> = {
  vdi: 'vdi',
  vmdk: 'vmdk',
  vhd: 'vpc',
  vhdx: 'vhdx',
  raw: 'raw',
  qcow2: 'qcow2',
};

export function importStorage(machine: Xml, hardware: Xml, folder: string, draft: Draft, tell: Tell): void {
  const media = registeredMedia(machine);
  const disks: DiskConfig[] = [];
  // Inside of Hardware since 1.15, beside it before.
  const controllers = [
    ...hardware.children('StorageControllers', 'StorageController'),
    ...(hardware === machine ? [] : machine.children('StorageControllers', 'StorageController')),
  ];
  for (const controller of controllers) {
    const name = controller.attribute('name') ?? '';
    const type = controller.attribute('type') ?? '';
    const bus = BUSES[type];
    let isUsed = false;
    for (const device of controller.children('AttachedDevice')) {
      const about = `${name} port ${device.attribute('port') ?? '?'}${device.is('device', '1') ? ' device 1' : ''}`;
      const uuid = device.child('Image')?.attribute('uuid');
      const hostDrive = device.child('HostDrive')?.attribute('src');
      if (hostDrive !== undefined) tell(`${about}: the host’s drive ${hostDrive}; use its path as cdrom or floppy`);
      if (device.child('BandwidthGroup') ?? device.attribute('bandwidthGroup')) tell(`${about}: its bandwidth limit`);
      if (uuid === undefined) continue;
      const medium = media.get(uuid.toLowerCase());
      if (medium === undefined) {
        tell(`${about}: its image is listed in VirtualBox.xml rather than here; add it by its path`);
        continue;
      }
      const location = medium.element.attribute('location') ?? '';
      const file = resolve(folder, WINDOWS.test(location) ? win32.basename(location) : location);
      if (WINDOWS.test(location)) tell(`${about}: ${location} lay on Windows; ${file} is taken for it`);
      if (device.is('type', 'DVD')) {
        if (draft.cdrom === undefined) draft.cdrom = file;
        else tell(`${about}: ${file}; a machine has one CD drive here`);
      } else if (device.is('type', 'Floppy')) {
        if (draft.floppy === undefined) draft.floppy = file;
        else tell(`${about}: ${file}; a machine has one floppy drive here`);
      } else {
        const disk = importDisk(medium, file, about, bus, tell);
        if (disk !== undefined) disks.push(disk);
        isUsed ||= disk !== undefined;
        if (bus === undefined) tell(`${about}: its controller ${type}; the disk becomes a SATA disk`);
      }
    }
    if (isUsed && bus === 'scsi')
      tell(`${name}: its controller ${type} becomes QEMU’s own; the guest needs a driver for that`);
  }
  draft.disks = disks;
}

function importDisk(
  { element, isDifference }: Medium,
  file: string,
  about: string,
  bus: DiskBus | undefined,
  tell: Tell,
): DiskConfig | undefined {
  const property = (name: string): string | undefined =>
    element
      .children('Property')
      .find((item) => item.attribute('name') === name)
      ?.attribute('value');
  const kind = element.attribute('format')?.toLowerCase() ?? '';
  if (isDifference) {
    tell(
      `${about}: ${file} holds only what changed since a snapshot; delete the snapshots in VirtualBox, or make one image of it (VBoxManage clonemedium)`,
    );
    return undefined;
  }
  if (property('CRYPT/KeyId') !== undefined) {
    tell(`${about}: ${file} is encrypted; decrypt it in VirtualBox (VBoxManage encryptmedium)`);
    return undefined;
  }
  if (kind === 'iscsi') {
    const [address, target] = [property('TargetAddress'), property('TargetName')];
    if (address === undefined || target === undefined) {
      tell(`${about}: an iSCSI disk whose server is not named`);
      return undefined;
    }
    if (property('InitiatorUsername') !== undefined)
      tell(`${about}: the password of the iSCSI server; put it into the URL`);
    const lun = Number(property('LUN') ?? 0);
    return { iscsi: `iscsi://${address}/${target}/${Number.isInteger(lun) ? lun : 0}`, ...(bus && { bus }) };
  }
  const format = FORMATS[kind];
  if (format === undefined) {
    tell(
      `${about}: ${file} is of the format ${kind || 'unknown'}, which QEMU does not write; convert it (VBoxManage clonemedium --format VDI)`,
    );
    return undefined;
  }
  const type = element.attribute('type') ?? 'Normal';
  if (type === 'Immutable' || type === 'MultiAttach')
    tell(`${about}: that its changes are forgotten (${type}); take a snapshot and roll back to it`);
  return { file, format, ...(bus && { bus }), ...(type === 'Readonly' && { readOnly: true }) };
}

/** All images by their UUID. */
function registeredMedia(machine: Xml): Map<string, Medium> {
  const media = new Map<string, Medium>();
  const add = (element: Xml, isDifference: boolean): void => {
    const uuid = element.attribute('uuid');
    if (uuid !== undefined) media.set(uuid.toLowerCase(), { element, isDifference });
    for (const child of element.children('HardDisk')) add(child, true);
  };
  for (const disk of machine.children('MediaRegistry', 'HardDisks', 'HardDisk')) add(disk, false);
  for (const kind of ['DVDImages', 'FloppyImages']) {
    for (const image of machine.children('MediaRegistry', kind, 'Image')) add(image, false);
  }
  return media;
}
