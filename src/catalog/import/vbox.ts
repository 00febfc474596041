import { Problem } from '../../base/errors.js';
import { parsePortRange } from '../ports.js';
import { type Draft, type Imported, imported, plainText } from './imported.js';
import { importNetwork } from './vbox-network.js';
import { importStorage } from './vbox-storage.js';
import { parseXml, type Xml } from './xml.js';

export type Tell = (line: string) => void;

/**
 * A machine of VirtualBox 5.2 to 7.1, settings versions 1.16 to 1.20; older and newer ones differ in what is told
 * rather than in what is found. Since 1.20 processors, clock and chipset may stand in `Platform`, beside `Hardware`.
 * @param folder of the file, absolute: locations count from there
 */
export function importVbox(text: string, folder: string): Imported {
  const root = parseXml(text, 'the VirtualBox file', 'VirtualBox');
  const machine = root.child('Machine');
  if (machine === undefined) {
    const why = root.child('MachineEncrypted') ? 'is encrypted: decrypt it in VirtualBox first' : 'holds no machine';
    throw new Problem('bad-request', `the VirtualBox file ${why}`);
  }
  const notCarriedOver: string[] = [];
  const tell: Tell = (line) => notCarriedOver.push(line);
  const draft: Draft = {};
  const description = plainText(machine.child('Description')?.text ?? '');
  if (description !== '') draft.description = description;
  if (machine.attribute('stateFile') !== undefined) tell('the saved state: only VirtualBox can go on from it');
  const hardware = machine.child('Hardware') ?? machine;
  const platform = machine.child('Platform') ?? hardware.child('Platform');
  importBoard(hardware, platform, draft, tell);
  importStorage(machine, hardware, folder, draft, tell);
  importNetwork(hardware, draft, tell);
  importDevices(hardware, draft, tell);
  importRemoteDisplay(hardware, isBefore116(root), draft, tell);
  const autostart = machine.child('Autostart') ?? hardware.child('Autostart');
  if (autostart?.is('enabled', 'true')) draft.autostart = true;

  const snapshots = countSnapshots(machine);
  if (snapshots > 0) tell(`${snapshots} snapshot${snapshots === 1 ? '' : 's'}: only the present state can be read`);
  const extra = machine.children('ExtraData', 'ExtraDataItem').length;
  if (extra > 0) tell(`${extra} extra data item${extra === 1 ? '' : 's'}: settings of VirtualBox’s own`);
  machine.skip('Groups', 'TeleporterState', 'FaultTolerance', 'SourceVM', 'ExtraData', 'MediaRegistry');
  hardware.skip('Paravirt', 'GuestProperties', 'IO', 'Chipset', 'PlatformType');
  for (const element of machine.unseen()) tell(`${element.name}: not known here`);
  return imported(machine.attribute('name') ?? '', draft, notCarriedOver);
}

function countSnapshots(parent: Xml): number {
  const found = [...parent.children('Snapshot'), ...parent.children('Snapshots', 'Snapshot')];
  for (const snapshot of found) snapshot.skip('Hardware', 'StorageControllers', 'Description');
  return found.reduce((sum, snapshot) => sum + 1 + countSnapshots(snapshot), 0);
}

const BOOT: Readonly<Record<string, 'disk' | 'cdrom' | 'floppy' | 'network'>> = {
  HardDisk: 'disk',
  DVD: 'cdrom',
  Floppy: 'floppy',
  Network: 'network',
};

function importBoard(hardware: Xml, platform: Xml | undefined, draft: Draft, tell: Tell): void {
  const architecture = platform?.attribute('architecture') ?? 'x86';
  if (architecture !== 'x86')
    tell(`its processor’s kind (${architecture}): guests here are x86, and this one will not boot`);
  const rtc = hardware.child('RTC') ?? platform?.child('RTC');
  const cpu = hardware.child('CPU') ?? platform?.child('CPU');
  // The rest is what VirtualBox does with the host's processor.
  platform?.skip();
  draft.cpus = cpu?.number('count') ?? 1;
  if (cpu?.is('hotplug', 'true')) tell('CPU hot-plugging: the number of processors is fixed while it runs');
  const cap = cpu?.number('executionCap') ?? 100;
  if (cap < 100) tell(`the CPU cap of ${cap}%: a limit is the host’s matter (systemd, cgroups)`);
  cpu?.skip();
  draft.memory = hardware.child('Memory')?.number('RAMSize') ?? 128;

  const firmware = hardware.child('Firmware');
  if (/^EFI/i.test(firmware?.attribute('type') ?? '')) draft.firmware = 'uefi';
  if (firmware?.is('type', 'EFI32')) tell('32 bit UEFI: the firmware here is 64 bit');
  const bios = hardware.child('BIOS');
  const nvram = bios?.child('NVRAM')?.attribute('path') ?? firmware?.child('NVRAM')?.attribute('path');
  if (draft.firmware === 'uefi' && nvram) tell(`the firmware’s settings in ${nvram}: it begins with fresh ones`);
  const offset = bios?.child('TimeOffset')?.attribute('value') ?? '0';
  if (offset !== '0') tell(`the clock’s offset of ${offset} ms: the guest gets the host’s time`);
  for (const part of [bios, firmware]) part?.skip();

  const tpm = hardware.child('TrustedPlatformModule')?.attribute('type') ?? 'None';
  if (tpm === 'v2_0') {
    draft.tpm = true;
    tell('what the TPM holds (BitLocker keys, for one): it begins empty; have the recovery key at hand');
  } else if (tpm !== 'None') tell(`a TPM of type ${tpm}: there is version 2.0 only`);

  const order = hardware
    .children('Boot', 'Order')
    .sort((a, b) => (a.number('position') ?? 0) - (b.number('position') ?? 0))
    .flatMap((item) => BOOT[item.attribute('device') ?? ''] ?? []);
  if (order.length > 0) draft.boot = [...new Set(order)];
  // The guest expects its clock so, Windows above all.
  if (rtc?.is('localOrUTC', 'local')) draft.qemuArgs = ['-rtc', 'base=localtime'];
}

function importDevices(hardware: Xml, draft: Draft, tell: Tell): void {
  const pointing = hardware.child('HID')?.attribute('Pointing') ?? '';
  if (/^(PS2Mouse|USBMouse|ComboMouse)$/.test(pointing)) draft.pointer = 'mouse';
  if (hardware.child('AudioAdapter')?.is('enabled', 'true')) draft.audio = true;

  const display = hardware.child('Display') ?? hardware.child('GraphicsAdapter');
  const count = display?.number('monitorCount') ?? 1;
  if (count > 1) draft.display = { count };
  if (display?.is('accelerate3D', 'true')) tell('3D acceleration: the guest’s screen is drawn by its processor');
  for (const name of ['VideoCapture', 'Recording']) {
    if (hardware.child(name)?.is('enabled', 'true')) tell('recording of the screen: there is none here');
    hardware.child(name)?.skip();
  }
  const clipboard = hardware.child('Clipboard')?.attribute('mode');
  const modes = { Bidirectional: 'both', HostToGuest: 'to-guest', GuestToHost: 'from-guest', Disabled: 'off' } as const;
  if (clipboard !== undefined && clipboard in modes) {
    draft.console = { ...draft.console, clipboard: modes[clipboard as keyof typeof modes] };
  }
  const dragging = hardware.child('DragAndDrop')?.attribute('mode') ?? 'Disabled';
  if (dragging !== 'Disabled') tell('drag and drop: there is none here');

  draft.sharedFolders = hardware.children('SharedFolders', 'SharedFolder').flatMap((folder) => {
    const [name = '', path = ''] = [folder.attribute('name'), folder.attribute('hostPath')];
    if (!/^[A-Za-z0-9_.-]{1,31}$/.test(name) || !path.startsWith('/')) {
      tell(`the shared folder ${name} (${path}): its name or path cannot be used here`);
      return [];
    }
    return [{ name, path, ...(folder.is('writable', 'true') ? {} : { readOnly: true }) }];
  });
  if (draft.sharedFolders.length > 0)
    tell('the mounting of shared folders: in the guest, mount -t 9p NAME /mnt instead of vboxsf');
  importUsb(hardware, draft, tell);

  for (const port of hardware.children('UART', 'Port')) {
    if (port.is('enabled', 'true'))
      tell(`serial port ${(port.number('slot') ?? 0) + 1} (${port.attribute('hostMode')}): use qemuArgs`);
  }
  for (const port of hardware.children('LPT', 'Port')) {
    if (port.is('enabled', 'true')) tell(`parallel port ${(port.number('slot') ?? 0) + 1}: use qemuArgs`);
  }
  const pci = hardware.children('HostPci', 'Devices', 'Device').length;
  if (pci > 0) tell(`${pci} PCI device${pci === 1 ? '' : 's'} of the host: use qemuArgs (-device vfio-pci,…)`);
  if (hardware.child('EmulatedUSB', 'CardReader')?.is('enabled', 'true'))
    tell('the emulated card reader: use qemuArgs');
  const balloon = hardware.child('Guest')?.number('memoryBalloonSize') ?? 0;
  if (balloon > 0) tell(`a balloon of ${balloon} MiB: the guest has all of its memory until somebody takes it`);
}

function importUsb(hardware: Xml, draft: Draft, tell: Tell): void {
  hardware.children('USB', 'Controllers', 'Controller');
  const filters = [
    ...hardware.children('USB', 'DeviceFilters', 'DeviceFilter'),
    ...hardware.children('USBController', 'DeviceFilter'),
  ];
  draft.usb = filters.flatMap((filter) => {
    if (!filter.is('active', 'true')) return [];
    const id = `${filter.attribute('vendorId') ?? ''}:${filter.attribute('productId') ?? ''}`.toLowerCase();
    if (/^[0-9a-f]{4}:[0-9a-f]{4}$/.test(id)) return [id];
    tell(`the USB filter ${filter.attribute('name') ?? ''}: a device is named by vendor and product here`);
    return [];
  });
}

/** What is left out in a file means something else in each version. */
function isBefore116(root: Xml): boolean {
  const [, minor] = /^1\.(\d{1,3})/.exec(root.attribute('version') ?? '') ?? [];
  return minor !== undefined && Number(minor) < 16;
}

/** @param isUsuallyOn where it is not said, as it was before 1.16 */
function importRemoteDisplay(hardware: Xml, isUsuallyOn: boolean, draft: Draft, tell: Tell): void {
  const display = hardware.child('RemoteDisplay');
  const properties = new Map(
    display
      ?.children('VRDEProperties', 'Property')
      .map((item) => [item.attribute('name'), item.attribute('value') ?? '']),
  );
  display?.skip();
  const isOn = display?.attribute('enabled') === undefined ? isUsuallyOn : display.is('enabled', 'true');
  if (display === undefined || !isOn) {
    tell(
      'that its remote display was off: here the screen is for whoever is granted access (console.access: off turns it off)',
    );
    return;
  }
  // Before 1.9 these were attributes.
  const ports = properties.get('TCP/Ports') ?? display.attribute('port') ?? '';
  const address = properties.get('TCP/Address') ?? display.attribute('netAddress') ?? '';
  const listen = address === '' ? ports : `${address.includes(':') ? `[${address}]` : address}:${ports}`;
  if (parsePortRange(listen) !== undefined) draft.console = { ...draft.console, rdpPort: listen };
  else if (ports !== '' && ports !== '0') tell(`the remote display’s port ${ports}: not a list of ports`);
  if (address === '') tell('that the remote display listened on all addresses: here the service’s address counts');
  const isShared = display.is('allowMultiConnection', 'true');
  const share = isShared ? 'shared' : display.is('reuseSingleConnection', 'true') ? 'takeover' : 'exclusive';
  draft.console = { ...draft.console, share };
  const auth = display.attribute('authType') ?? 'Null';
  tell(
    auth === 'Null'
      ? 'that anybody could watch without a password: here everybody logs in'
      : `the accounts of its remote display (${auth}): grant access to users here`,
  );
  const method = properties.get('Security/Method');
  if (method !== undefined) tell(`the remote display’s security method ${method}: the service decides that`);
  if (properties.has('VNCPassword')) tell('the remote display’s VNC password: users have their own here');
}
