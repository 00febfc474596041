import type { DiskFormat } from '../../machine/disk-format.js';
import type { DiskBus, DiskConfig, NicConfig } from '../config.js';
import { type Draft, isInterfaceName, macAddress } from './imported.js';
import type { Xml } from './xml.js';

type Tell = (line: string) => void;

const FORMATS: readonly DiskFormat[] = ['raw', 'qcow2', 'vmdk', 'vdi', 'vhdx', 'vpc'];
const BUSES: readonly DiskBus[] = ['sata', 'ide', 'scsi', 'virtio'];
const MODELS: readonly NonNullable<NicConfig['model']>[] = ['virtio', 'e1000', 'e1000e', 'rtl8139', 'pcnet'];

const one = <T extends string>(values: readonly T[], value: string | undefined): T | undefined =>
  values.find((each) => each === value);

export function importDevices(devices: Xml, draft: Draft, tell: Tell): void {
  const bootable: { order: number; kind: 'disk' | 'cdrom' | 'floppy' | 'network' }[] = [];
  const order = (device: Xml, kind: (typeof bootable)[number]['kind']): void => {
    const at = device.child('boot')?.number('order');
    if (at !== undefined) bootable.push({ order: at, kind });
  };
  const disks: DiskConfig[] = [];
  for (const device of devices.children('disk')) {
    const kind = device.attribute('device') ?? 'disk';
    order(device, kind === 'cdrom' || kind === 'floppy' ? kind : 'disk');
    const disk = importMedium(device, kind, disks.length, draft, tell);
    if (disk !== undefined) disks.push(disk);
    device.skip();
  }
  draft.disks = disks;
  const nics: NicConfig[] = [];
  for (const device of devices.children('interface')) {
    order(device, 'network');
    nics.push(importInterface(device, nics.length + 1, tell));
    device.skip();
  }
  draft.nics = nics.length === 0 ? [{ type: 'none' }] : nics;
  if (bootable.length > 0)
    draft.boot = [...new Set(bootable.sort((a, b) => a.order - b.order).map(({ kind }) => kind))];
  importFolders(devices, draft, tell);
  importRest(devices, draft, tell);
}

/** A hard disk; undefined for other media, which go into the draft, and for what cannot be had. */
function importMedium(device: Xml, kind: string, at: number, draft: Draft, tell: Tell): DiskConfig | undefined {
  const about = `disk ${device.child('target')?.attribute('dev') ?? at + 1}`;
  const without = (why: string): undefined => void tell(`${about}: ${why}`);
  const source = device.child('source');
  const file = source?.attribute('file') ?? source?.attribute('dev');
  const type = device.attribute('type') ?? 'file';
  const bus = device.child('target')?.attribute('bus');
  if (kind === 'cdrom' || kind === 'floppy') {
    // An empty drive.
    if (source === undefined) return undefined;
    if (file === undefined) return without(`a ${kind} of type ${type}; download the image and name its file`);
    if (draft[kind] !== undefined)
      return without(`${file}; a machine has one ${kind === 'cdrom' ? 'CD' : 'floppy'} drive here`);
    draft[kind] = file;
    return undefined;
  }
  if (kind === 'lun') return without('a SCSI device that is passed on; use qemuArgs');
  if (device.child('encryption') ?? source?.child('encryption')) return without('it is encrypted; decrypt it first');
  if (device.child('iotune') !== undefined) tell(`${about}: its limits; they are the host’s matter`);
  if (device.child('transient') !== undefined) {
    tell(`${about}: that its changes are forgotten; take a snapshot and roll back to it`);
  }
  const known = one(BUSES, bus);
  if (known === undefined) tell(`${about}: its bus ${bus ?? 'without a name'}; it becomes a SATA disk`);
  const rest = { ...(known && { bus: known }), ...(device.child('readonly') && { readOnly: true }) };
  if (source?.is('protocol', 'iscsi')) {
    const host = source.child('host');
    const [server, port] = [host?.attribute('name') ?? '', host?.attribute('port')];
    if (device.child('auth') ?? source.child('auth')) {
      tell(`${about}: the password of the iSCSI server; put it into the URL`);
    }
    // Without a number it is the first one.
    const target = source.attribute('name') ?? '';
    const lun = /\/\d+$/.test(target) ? target : `${target}/0`;
    return { iscsi: `iscsi://${server}${port === undefined ? '' : `:${port}`}/${lun}`, ...rest };
  }
  if (file === undefined) {
    return without(`storage of type ${source?.attribute('protocol') ?? type}; make it a file or a device of the host`);
  }
  const format = device.child('driver')?.attribute('type');
  if (format !== undefined && one(FORMATS, format) === undefined) {
    return without(`${file} is of the format ${format}; convert it (qemu-img convert)`);
  }
  return { file, ...(format && { format: format as DiskFormat }), ...rest };
}

function importInterface(device: Xml, number: number, tell: Tell): NicConfig {
  const about = `network card ${number}`;
  const named = device.child('model')?.attribute('type');
  const model = one(MODELS, named);
  const mac = macAddress(device.child('mac')?.attribute('address'));
  const card = { ...(model && { model }), ...(mac && { mac }) };
  if (named !== undefined && model === undefined) tell(`${about}: its model ${named}; it becomes the usual one`);
  if (device.child('bandwidth') !== undefined) tell(`${about}: its limits; they are the host’s matter`);
  if (device.child('filterref') !== undefined) tell(`${about}: its packet filter; that is the host’s matter`);
  const source = device.child('source');
  const type = device.attribute('type') ?? '';
  switch (type) {
    case 'bridge': {
      const bridge = source?.attribute('bridge') ?? 'br0';
      if (isInterfaceName(bridge)) return { type: 'bridge', ...card, bridge };
      tell(`${about}: the bridge ${bridge}, which is no interface’s name here; until it gets one it has no network`);
      return { type: 'none', ...card };
    }
    case 'user':
      if (device.child('portForward') !== undefined)
        tell(`${about}: its port forwards; put them into nics[${number - 1}].forwards`);
      return { type: 'user', ...card };
    case 'network': {
      const network = source?.attribute('network') ?? '';
      if (network === 'default') {
        tell(
          `${about}: libvirt’s network “default”; its bridge virbr0 is taken, which must be there and open to vitrine`,
        );
        return { type: 'bridge', ...card, bridge: 'virbr0' };
      }
      tell(
        `${about}: libvirt’s network ${network}; give it that network’s bridge, until then it is behind the host’s address`,
      );
      return { type: 'user', ...card };
    }
    default:
      tell(
        `${about}: a connection of type ${type} (${source?.attribute('dev') ?? ''}); give it a bridge, until then it has no network`,
      );
      return { type: 'none', ...card };
  }
}

function importFolders(devices: Xml, draft: Draft, tell: Tell): void {
  draft.sharedFolders = devices.children('filesystem').flatMap((device) => {
    const path = device.child('source')?.attribute('dir') ?? '';
    const name = device.child('target')?.attribute('dir') ?? '';
    const driver = device.child('driver')?.attribute('type');
    const readOnly = device.child('readonly') !== undefined;
    device.skip();
    if (!path.startsWith('/') || !/^[A-Za-z0-9_.-]{1,31}$/.test(name)) {
      tell(`the shared folder ${name} (${path || device.attribute('type')}): its name or path cannot be used here`);
      return [];
    }
    return [{ name, path, ...(readOnly && { readOnly }), ...(driver === 'virtiofs' && { via: 'virtiofs' as const }) }];
  });
}

function importRest(devices: Xml, draft: Draft, tell: Tell): void {
  if (devices.child('sound') !== undefined) draft.audio = true;
  if (devices.children('input').some((input) => input.is('type', 'tablet'))) draft.pointer = 'tablet';
  const tpm = devices.child('tpm', 'backend');
  if (tpm?.is('type', 'emulator') && !tpm.is('version', '1.2')) {
    draft.tpm = true;
    tell('what the TPM holds (BitLocker keys, for one): it begins empty; have the recovery key at hand');
  } else if (tpm !== undefined)
    tell(
      `a TPM of type ${tpm.attribute('type')} ${tpm.attribute('version') ?? ''}: there is an emulated one of version 2.0`,
    );
  const heads = devices.child('video', 'model')?.number('heads') ?? 1;
  if (heads > 1) draft.display = { count: heads };
  if (devices.child('video', 'model', 'acceleration')?.is('accel3d', 'yes'))
    tell('3D acceleration: the guest’s screen is drawn by its processor');

  draft.usb = devices.children('hostdev').flatMap((device) => {
    const [vendor, product] = ['vendor', 'product'].map((name) =>
      device.child('source', name)?.attribute('id')?.replace(/^0x/, '').toLowerCase(),
    );
    device.skip();
    if (device.is('type', 'usb') && /^[0-9a-f]{4}$/.test(vendor ?? '') && /^[0-9a-f]{4}$/.test(product ?? ''))
      return [`${vendor}:${product}`];
    tell(
      device.is('type', 'usb')
        ? 'a USB device by its place: name it by vendor and product'
        : `a ${device.attribute('type') ?? ''} device of the host: use qemuArgs (-device vfio-pci,…)`,
    );
    return [];
  });
  for (const [name, line] of [
    ['serial', 'its serial port: use qemuArgs (-serial …)'],
    ['parallel', 'its parallel port: use qemuArgs (-parallel …)'],
    ['redirdev', 'redirection of USB devices from the viewer: there is none here'],
    ['smartcard', 'its smart card: there is none here'],
    ['watchdog', 'its watchdog: use qemuArgs (-device i6300esb)'],
    ['rng', 'its random number generator: use qemuArgs (-device virtio-rng-pci)'],
    ['vsock', 'its vsock: use qemuArgs (-device vhost-vsock-pci,…)'],
    ['shmem', 'its shared memory: use qemuArgs'],
    ['memory', 'memory to plug in later: its amount is fixed while it runs'],
    ['lease', 'its lock lease: one host runs it here'],
  ] as const) {
    const found = devices.children(name);
    if (found.length > 0) tell(line);
    for (const device of found) device.skip();
  }
  const agents = devices.children('channel').flatMap((device) => device.child('target')?.attribute('name') ?? []);
  if (agents.length > 0) tell(`channels to agents in the guest (${agents.join(', ')}): use qemuArgs`);
  // What every machine has in some form.
  devices.skip('emulator', 'controller', 'console', 'channel', 'input', 'sound', 'audio', 'video', 'tpm', 'memballoon');
  devices.skip('hub', 'panic', 'iommu', 'crypto');
}
