import { Problem } from '../../base/errors.js';
import { parsePortRange } from '../ports.js';
import { type Draft, type Imported, imported, plainText } from './imported.js';
import { importDevices } from './libvirt-devices.js';
import { parseXml, type Xml } from './xml.js';

type Tell = (line: string) => void;

/** A domain of libvirt, as `virsh dumpxml --inactive` writes it. */
export function importLibvirt(text: string): Imported {
  const domain = parseXml(text, 'the libvirt file', 'domain');
  const type = domain.attribute('type') ?? '';
  if (!/^(kvm|qemu|hvf|xen)$/.test(type))
    throw new Problem('not-supported', `the domain is of type ${type}: only virtual machines can be imported`);
  const notCarriedOver: string[] = [];
  const tell: Tell = (line) => notCarriedOver.push(line);
  const draft: Draft = {};
  const description = plainText(domain.child('description')?.text ?? domain.child('title')?.text ?? '');
  if (description !== '') draft.description = description;

  draft.memory = Math.max(4, Math.floor(bytesOf(domain.child('memory')) / 2 ** 20));
  const balloon = Math.floor(bytesOf(domain.child('currentMemory')) / 2 ** 20);
  if (balloon > 0 && balloon < draft.memory)
    tell(`a balloon that leaves ${balloon} MiB: the guest has all of its memory until somebody takes it`);
  const vcpu = domain.child('vcpu');
  const [most, present] = [Number(vcpu?.text) || 1, vcpu?.number('current')];
  draft.cpus = present ?? most;
  if (present !== undefined && present < most)
    tell(`${most - present} processors to plug in later: their number is fixed while it runs`);
  importOs(domain, draft, tell);
  if (domain.child('clock')?.is('offset', 'localtime')) draft.qemuArgs = ['-rtc', 'base=localtime'];
  const onCrash = domain.child('on_crash')?.text;
  if (onCrash === 'restart') draft.restart = 'on-crash';
  else if (onCrash === 'destroy' || onCrash === 'preserve') draft.restart = 'never';

  const devices = domain.child('devices');
  if (devices !== undefined) {
    importDevices(devices, draft, tell);
    importGraphics(devices, draft, tell);
  }
  importArguments(domain, draft, tell);
  for (const name of ['cputune', 'memtune', 'blkiotune', 'numatune', 'resource', 'memoryBacking']) {
    if (domain.child(name) !== undefined) tell(`${name}: limits are the host’s matter (systemd, cgroups)`);
    domain.child(name)?.skip();
  }
  if (/^(host-passthrough|custom|maximum)$/.test(domain.child('cpu')?.attribute('mode') ?? '')) {
    tell(
      `the CPU model (${domain.child('cpu')!.attribute('mode')}): the guest gets what its accelerator has; use qemuArgs (-cpu …)`,
    );
  }
  domain.skip(
    'uuid',
    'name',
    'title',
    'metadata',
    'on_poweroff',
    'on_reboot',
    'on_lockfailure',
    'pm',
    'genid',
    'iothreads',
  );
  domain.skip('maxMemory', 'seclabel', 'sysinfo', 'features', 'cpu', 'clock');
  for (const element of domain.unseen()) tell(`${element.name}: not known here`);
  return imported(domain.child('name')?.text ?? '', draft, notCarriedOver);
}

const BOOT: Readonly<Record<string, 'disk' | 'cdrom' | 'floppy' | 'network'>> = {
  hd: 'disk',
  cdrom: 'cdrom',
  fd: 'floppy',
  network: 'network',
};

function importOs(domain: Xml, draft: Draft, tell: Tell): void {
  const os = domain.child('os');
  const arch = os?.child('type')?.attribute('arch') ?? 'x86_64';
  if (!/^(x86_64|i[3-6]86)$/.test(arch))
    throw new Problem('not-supported', `the machine has an ${arch} processor: x86 only`);
  const loader = os?.child('loader');
  if (os?.is('firmware', 'efi') || loader?.is('type', 'pflash') || /OVMF|edk2/i.test(loader?.text ?? '')) {
    draft.firmware = 'uefi';
    if (os?.child('nvram') !== undefined)
      tell(`the firmware’s settings in ${os.child('nvram')!.text || 'its NVRAM file'}: it begins with fresh ones`);
    if (loader?.is('secure', 'yes')) tell('Secure Boot: the firmware here has it off');
  }
  for (const [element, field] of [
    ['kernel', 'kernel'],
    ['initrd', 'initrd'],
    ['cmdline', 'append'],
  ] as const) {
    const value = os?.child(element)?.text;
    if (value) draft[field] = value;
  }
  const order = os?.children('boot').flatMap((item) => BOOT[item.attribute('dev') ?? ''] ?? []) ?? [];
  if (order.length > 0) draft.boot = [...new Set(order)];
  os?.skip();
}

function importGraphics(devices: Xml, draft: Draft, tell: Tell): void {
  for (const graphics of devices.children('graphics')) {
    const kind = graphics.attribute('type') ?? '';
    const field = kind === 'vnc' ? 'vncPort' : kind === 'rdp' ? 'rdpPort' : undefined;
    const port = graphics.number('port');
    const listen = graphics.attribute('listen') ?? graphics.child('listen')?.attribute('address');
    graphics.skip();
    if (graphics.attribute('passwd') !== undefined)
      tell(`the password of its ${kind} display: users have their own here`);
    if (field === undefined) {
      if (kind === 'spice') tell('its SPICE display: there are RDP, VNC and the browser here');
      else tell(`its ${kind} display: nothing is shown on the host`);
      continue;
    }
    if (port === undefined || port === 0 || graphics.is('autoport', 'yes')) continue;
    const range = listen === undefined ? `${port}` : `${listen.includes(':') ? `[${listen}]` : listen}:${port}`;
    if (parsePortRange(range) !== undefined) draft.console = { ...draft.console, [field]: range };
  }
}

/** `qemu:commandline`, the namespace taken off. */
function importArguments(domain: Xml, draft: Draft, tell: Tell): void {
  const args = domain.children('commandline', 'arg').flatMap((arg) => arg.attribute('value') ?? []);
  if (args.length === 0) return;
  draft.qemuArgs = [...(draft.qemuArgs ?? []), ...args];
  tell(`its arguments for QEMU are taken as they are (${args.join(' ')}): look at them before it starts`);
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1e3,
  k: 2 ** 10,
  kib: 2 ** 10,
  mb: 1e6,
  m: 2 ** 20,
  mib: 2 ** 20,
  gb: 1e9,
  g: 2 ** 30,
  gib: 2 ** 30,
  tb: 1e12,
  t: 2 ** 40,
  tib: 2 ** 40,
};

/** Of KiB where no unit is given. */
function bytesOf(element: Xml | undefined): number {
  const unit = UNITS[element?.attribute('unit')?.toLowerCase() ?? 'kib'] ?? 2 ** 10;
  return /^\d{1,18}$/.test(element?.text ?? '') ? Number(element!.text) * unit : 0;
}
