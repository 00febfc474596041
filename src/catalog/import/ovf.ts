import { Problem } from '../../base/errors.js';
import type { DiskFormat } from '../../machine/disk-format.js';
import type { DiskBus, DiskConfig, NicConfig } from '../config.js';
import { formatSize } from '../sizes.js';
import { type Draft, type Imported, imported, plainText } from './imported.js';
import { parseXml, type Xml } from './xml.js';

type Tell = (line: string) => void;

/** A disk that comes with the OVF file and becomes a file of the machine. */
export interface OvfDisk {
  /** As the OVF file names it: a file beside it, or in the same archive. */
  readonly href: string;
  readonly format: DiskFormat;
  /** In the machine's folder. */
  readonly file: string;
}

export interface ImportedOvf extends Imported {
  readonly disks: readonly OvfDisk[];
}

/** CIM's numbers for what a hardware item is. */
const TYPE = {
  cpu: 3,
  memory: 4,
  ide: 5,
  scsi: 6,
  network: 10,
  floppy: 14,
  cd: 15,
  dvd: 16,
  disk: 17,
  sata: 20,
} as const;
const SILENT = [23, 24];
const SOUND = 35;
/** A machine has some dozens. */
const MAX_ITEMS = 500;

/** What an OVF 1.x or 2.0 file says of its one machine. */
export function importOvf(text: string): ImportedOvf {
  const envelope = parseXml(text, 'the OVF file', 'Envelope');
  const systems = [
    ...envelope.children('VirtualSystem'),
    ...envelope.children('VirtualSystemCollection', 'VirtualSystem'),
  ];
  const [system] = systems;
  if (system === undefined) throw new Problem('bad-request', 'the OVF file holds no machine');
  if (systems.length > 1)
    throw new Problem('not-supported', `the OVF file holds ${systems.length} machines: export them one by one`);
  const notCarriedOver: string[] = [];
  const tell: Tell = (line) => notCarriedOver.push(line);
  const draft: Draft = {};
  const description = plainText(system.child('AnnotationSection', 'Annotation')?.text ?? '');
  if (description !== '') draft.description = description;
  const disks: OvfDisk[] = [];
  const items = [
    ...system.children('VirtualHardwareSection', 'Item'),
    ...system.children('VirtualHardwareSection', 'StorageItem'),
    ...system.children('VirtualHardwareSection', 'EthernetPortItem'),
  ].filter((item) => !item.attribute('configuration'));
  if (items.length > MAX_ITEMS) throw new Problem('bad-request', `the OVF file lists ${items.length} devices`);
  importItems(envelope, items, draft, disks, tell);
  importFirmware(system, draft, tell);
  sectionsLeftOut(envelope, system, tell);
  const name = system.child('Name')?.text || system.attribute('id') || '';
  return { ...imported(name, draft, notCarriedOver), disks };
}

function importItems(envelope: Xml, items: readonly Xml[], draft: Draft, disks: OvfDisk[], tell: Tell): void {
  const value = (item: Xml, name: string): string => item.child(name)?.text ?? '';
  const typeOf = (item: Xml): number => Number(value(item, 'ResourceType'));
  const byId = new Map(items.map((item) => [value(item, 'InstanceID') || value(item, 'InstanceId'), item]));
  const nics: NicConfig[] = [];
  const made: { at: number; disk: DiskConfig }[] = [];
  for (const item of items) {
    const about = value(item, 'ElementName') || value(item, 'Caption') || value(item, 'Description');
    const quantity = Number(value(item, 'VirtualQuantity'));
    switch (typeOf(item)) {
      case TYPE.cpu:
        draft.cpus = quantity || 1;
        break;
      case TYPE.memory:
        draft.memory = Math.max(4, Math.floor((quantity * unitOf(value(item, 'AllocationUnits'), 2 ** 20)) / 2 ** 20));
        break;
      case TYPE.network:
        nics.push(importCard(item, value, tell));
        break;
      case TYPE.disk: {
        const disk = importDisk(envelope, item, busOf(byId.get(value(item, 'Parent')), value, tell), disks, tell);
        if (disk !== undefined) made.push({ at: Number(value(item, 'AddressOnParent')) || 0, disk });
        break;
      }
      case TYPE.cd:
      case TYPE.dvd:
      case TYPE.floppy:
        if (value(item, 'HostResource') !== '')
          tell(`${about || 'a drive'}: what is in it; name its image as cdrom or floppy`);
        break;
      case SOUND:
        draft.audio = true;
        break;
      case TYPE.ide:
      case TYPE.scsi:
      case TYPE.sata:
        break;
      default:
        if (!SILENT.includes(typeOf(item)))
          tell(`${about || 'a device'} (type ${value(item, 'ResourceType')}): not known here`);
    }
  }
  draft.disks = made.sort((a, b) => a.at - b.at).map(({ disk }) => disk);
  draft.nics = nics.length === 0 ? [{ type: 'none' }] : nics;
}

type Value = (item: Xml, name: string) => string;

function busOf(controller: Xml | undefined, value: Value, tell: Tell): DiskBus {
  if (controller === undefined) return 'sata';
  const [type, subtype] = [Number(value(controller, 'ResourceType')), value(controller, 'ResourceSubType')];
  if (type === TYPE.ide) return 'ide';
  if (type !== TYPE.scsi) return /nvme/i.test(subtype) ? 'nvme' : 'sata';
  if (/virtio/i.test(subtype)) return 'virtio';
  tell(`its SCSI controller ${subtype || 'without a name'}: it becomes QEMU’s own; the guest needs a driver for that`);
  return 'scsi';
}

const MODELS: readonly (readonly [RegExp, NonNullable<NicConfig['model']>])[] = [
  [/^e1000e$/i, 'e1000e'],
  [/^e1000$|82540|82545|82543/i, 'e1000'],
  [/pcnet|am79c/i, 'pcnet'],
  [/virtio/i, 'virtio'],
];

function importCard(item: Xml, value: Value, tell: Tell): NicConfig {
  const network = value(item, 'Connection');
  const subtype = value(item, 'ResourceSubType');
  const model = MODELS.find(([pattern]) => pattern.test(subtype))?.[1];
  if (model === undefined && subtype !== '') tell(`a network card of type ${subtype}: it becomes the usual one`);
  // NAT is what VirtualBox calls it; others name a network of the host that it came from.
  if (network !== '' && network !== 'NAT')
    tell(`the network “${network}”: its card is behind the host’s address until it gets a bridge`);
  return { type: 'user', ...(model && { model }) };
}

function importDisk(envelope: Xml, item: Xml, bus: DiskBus, disks: OvfDisk[], tell: Tell): DiskConfig | undefined {
  const resource = item.child('HostResource')?.text ?? '';
  const id = /^(?:ovf:)?\/disk\/(.+)$/.exec(resource)?.[1];
  const fileId = /^(?:ovf:)?\/file\/(.+)$/.exec(resource)?.[1];
  const disk = envelope.children('DiskSection', 'Disk').find((each) => each.attribute('diskId') === id);
  const reference = fileId ?? disk?.attribute('fileRef');
  if (disk === undefined && fileId === undefined) {
    tell(`a disk (${resource || 'without a name'}) that the file does not describe`);
    return undefined;
  }
  const file = `disk${disks.length === 0 ? '' : disks.length + 1}.qcow2`;
  if (reference === undefined) {
    const bytes = Number(disk!.attribute('capacity')) * unitOf(disk!.attribute('capacityAllocationUnits') ?? '', 1);
    if (Number.isSafeInteger(bytes) && bytes > 0) return { size: formatSize(bytes), bus };
    tell(`a disk whose capacity (${disk!.attribute('capacity')}) cannot be read`);
    return undefined;
  }
  if (disk?.attribute('parentRef') !== undefined)
    throw new Problem('not-supported', 'the OVF file holds a disk in layers: export it as one');
  const source = envelope.children('References', 'File').find((each) => each.attribute('id') === reference);
  const href = source?.attribute('href');
  if (source === undefined || href === undefined)
    throw new Problem('bad-request', `the OVF file refers to a file ${reference} that it does not list`);
  if (source.attribute('compression') && !source.is('compression', 'identity')) {
    throw new Problem('not-supported', `${href} is compressed (${source.attribute('compression')}): unpack it first`);
  }
  if (source.attribute('chunkSize') !== undefined)
    throw new Problem('not-supported', `${href} is cut into pieces: put them together first`);
  disks.push({ href, format: formatOf(disk?.attribute('format') ?? '', href), file });
  return { file, bus };
}

function formatOf(uri: string, href: string): DiskFormat {
  const said = /vmdk|vhdx|vhd|vdi|qcow2?|raw/i.exec(uri)?.[0] ?? /\.([a-z0-9]+)$/i.exec(href)?.[1] ?? '';
  switch (said.toLowerCase()) {
    case 'vmdk':
      return 'vmdk';
    case 'vhd':
      return 'vpc';
    case 'vhdx':
      return 'vhdx';
    case 'vdi':
      return 'vdi';
    case 'qcow':
    case 'qcow2':
      return 'qcow2';
    case 'raw':
    case 'img':
      return 'raw';
    default:
      throw new Problem(
        'not-supported',
        `${href} is of a format that is not known here (${uri || said || 'none named'})`,
      );
  }
}

/** What VMware and VirtualBox add in words of their own. */
function importFirmware(system: Xml, draft: Draft, tell: Tell): void {
  const configs = system.children('VirtualHardwareSection', 'Config');
  const efi = configs.some((config) => config.is('key', 'firmware') && config.is('value', 'efi'));
  const own = system.child('Machine', 'Hardware') ?? system.child('Machine');
  if (efi || /^EFI/i.test(own?.child('Firmware')?.attribute('type') ?? '')) draft.firmware = 'uefi';
  if (
    own?.child('TrustedPlatformModule')?.is('type', 'v2_0') ||
    configs.some((config) => /vtpm/i.test(config.attribute('key') ?? ''))
  ) {
    draft.tpm = true;
    tell('what the TPM holds: it begins empty');
  }
  const platform = system.child('Machine', 'Platform');
  if ((own?.child('RTC') ?? platform?.child('RTC'))?.is('localOrUTC', 'local'))
    draft.qemuArgs = ['-rtc', 'base=localtime'];
}

function sectionsLeftOut(envelope: Xml, system: Xml, tell: Tell): void {
  if (envelope.child('DeploymentOptionSection') !== undefined) tell('its deployment options: the default one is taken');
  if (system.child('EulaSection') !== undefined) tell('its licence: it was not shown to anybody');
  if (system.child('ProductSection', 'Property') !== undefined)
    tell('properties for the guest’s first start (vApp): there is nothing that hands them over');
}

/** `byte * 2^20` of the standard, `MegaBytes` of VirtualBox, `KB`, `GiB`: bytes; `otherwise` where it is none of these. */
function unitOf(text: string, otherwise: number): number {
  const unit = text.length > 40 ? '' : text.replace(/\s/g, '').toLowerCase();
  const [, base, exponent] = /^byte\*(2|10)\^(\d{1,2})$/.exec(unit) ?? [];
  if (base !== undefined) return Number(base) ** Number(exponent);
  const [isUnit, prefix = ' '] =
    /^(?:(k)ilo|(m)ega|(g)iga|(t)era|([kmgt])i?)?(?:b|bytes?)$/.exec(unit)?.filter(Boolean) ?? [];
  return isUnit === undefined ? otherwise : 2 ** (10 * ' kmgt'.indexOf(prefix));
}
