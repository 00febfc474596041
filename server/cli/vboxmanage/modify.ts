import { UserError } from '../../../src/base/errors.js';
import type { ConsoleConfig, MachineConfig, NicConfig } from '../../../src/catalog/config.js';
import { parsePortRange } from '../../../src/catalog/ports.js';
import { type Arity, isOn, number, oneOf, type Words } from './words.js';

/** What `createvm` leaves behind: a definition must boot something. */
export const EMPTY_BOOT = ['floppy', 'cdrom', 'disk', 'network'] as const satisfies MachineConfig['boot'];

const USUAL_BOOT = ['floppy', 'cdrom', 'disk'] as const satisfies MachineConfig['boot'];

export function hasMedia({ disks = [], cdrom, floppy, kernel, demo }: MachineConfig): boolean {
  return disks.length > 0 || demo === true || [cdrom, floppy, kernel].some((file) => file !== undefined);
}

type Change = (config: MachineConfig, value: string, slot: number) => MachineConfig;

const CHANGES: Readonly<Record<string, Change>> = {
  description: (config, description) => ({ ...config, description }),
  memory: (config, value) => ({ ...config, memory: number('memory', value) }),
  cpus: (config, value) => ({ ...config, cpus: number('cpus', value) }),
  firmware: (config, value) => ({
    ...config,
    firmware: oneOf('firmware', value, { bios: 'bios', efi: 'uefi', efi32: 'uefi', efi64: 'uefi' } as const),
  }),
  tpmtype: (config, value) => ({
    ...config,
    tpm: oneOf('tpm-type', value, { none: false, '2.0': true, swtpm: true }),
  }),
  mouse: (config, value) => ({
    ...config,
    pointer: oneOf('mouse', value, {
      ...({ ps2: 'mouse', usb: 'mouse' } as const),
      ...({ usbtablet: 'tablet', usbmultitouch: 'tablet', usbmtscreenpluspad: 'tablet' } as const),
    }),
  }),
  audioenabled: (config, value) => ({ ...config, audio: isOn('audio-enabled', value) }),
  audiodriver: (config, value) => ({ ...config, audio: value.toLowerCase() !== 'none' }),
  monitorcount: (config, value) => ({
    ...config,
    display: { ...config.display, count: number('monitor-count', value) },
  }),
  autostartenabled: (config, value) => ({ ...config, autostart: isOn('autostart-enabled', value) }),
  nic: (config, value, slot) => nicWith(config, slot, { type: nicType(value) }),
  nictype: (config, value, slot) =>
    nicWith(config, slot, {
      model: oneOf('nic-type', value, {
        ...({ am79c970a: 'pcnet', am79c973: 'pcnet', virtio: 'virtio' } as const),
        ...({ '82540em': 'e1000', '82543gc': 'e1000', '82545em': 'e1000' } as const),
      }),
    }),
  bridgeadapter: (config, value, slot) =>
    nicWith(config, slot, value === 'none' ? { bridge: undefined } : { bridge: value }),
  macaddress: (config, value, slot) => nicWith(config, slot, { mac: value === 'auto' ? undefined : macOf(value) }),
  natpf: (config, value, slot) => {
    const forwards = config.nics?.[slot - 1]?.forwards ?? [];
    return nicWith(config, slot, { forwards: [...forwards, forwardOf(value)] });
  },
  vrde: (config, value) => consoleWith(config, { access: isOn('vrde', value) ? 'on' : 'off' }),
  vrdeport: (config, value) => rdpWith(config, { ports: value === 'default' ? '3389' : value }),
  vrdeaddress: (config, value) => rdpWith(config, { address: value }),
  vrdemulticon: (config, value) =>
    consoleWith(config, { share: isOn('vrde-multi-con', value) ? 'shared' : 'exclusive' }),
  vrdereusecon: (config, value) =>
    isOn('vrde-reuse-con', value) ? consoleWith(config, { share: 'takeover' }) : config,
  clipboardmode: (config, value) =>
    consoleWith(config, {
      clipboard: oneOf('clipboard-mode', value, {
        ...({ disabled: 'off', hosttoguest: 'to-guest' } as const),
        ...({ guesttohost: 'from-guest', bidirectional: 'both' } as const),
      }),
    }),
};
/** Older names. */
const ALIASES: Readonly<Record<string, string>> = {
  audio: 'audiodriver',
  clipboard: 'clipboardmode',
  vrdeports: 'vrdeport',
  vrdpport: 'vrdeport',
};
/** Of the options above, those that are told apart by a number behind them. */
const NUMBERED = ['nic', 'nictype', 'bridgeadapter', 'macaddress', 'natpf'];

/** What changes how a guest is run, not what it is: there is nothing to set here, and no need to. */
const NEEDLESS =
  /^(acpi|(x86)?(pae|longmode|hpet|x2apic|vtxvpid|vtxux)|apic|ioapic|biosapic|chipset|iommu|ostype|groups|iconfile|vram|pagefusion|largepages|nestedpaging|nestedhwvirt|hwvirtex|paravirtprovider|graphicscontroller|accelerate[23]d(video)?|rtcuseutc|keyboard|usb|usb(ehci|ohci|xhci)|audio(controller|codec|in|out)|draganddrop|clipboardfiletransfers|(bios|firmware)(bootmenu|logo\w+|systemtimeoffset)|cpuhotplug|cpuexecutioncap|cpuprofile|cableconnected\d|nic(promisc|speed|trace|bootprio)\d|nat(dns\w+|localhostreachable|bindip|net|settings)\d|uart\d|uartmode\d|uarttype\d|lpt\d|lptmode\d|vrdeauthtype|vrdeauthlibrary|vrdeextpack|vrdeproperty|vrdevideochannel(quality)?|defaultfrontend|vmprocesspriority|hardwareuuid|snapshotfolder|recording|guestmemoryballoon|autostartdelay|usbcardreader|triplefaultreset|(l1d|mds|ibpb)\w+|specctrl)$/;

/** `--uart1 0x3F8 4` and `--natpf1 delete NAME` have two values. */
export const modifyArity: Arity = (name, first) => {
  if (/^(uart|lpt)\d$/.test(name)) return first === 'off' ? 1 : 2;
  if (/^uartmode\d$/.test(name)) return first === 'disconnected' ? 1 : 2;
  return /^natpf\d$/.test(name) && first === 'delete' ? 2 : 1;
};

/** `config` with what `modifyvm` was told; `needless` are the options that mean nothing here. Throws UserError (usage). */
export function modified(
  config: MachineConfig,
  { options }: Words,
): { readonly config: MachineConfig; readonly needless: readonly string[] } {
  const needless: string[] = [];
  const places: [place: number, value: string][] = [];
  let next = config;
  for (const [name, value] of options) {
    const [, stem = '', digit] = /^(\D+?)(\d)?$/.exec(name) ?? [];
    if (stem === 'boot' && digit !== undefined) {
      places.push([Number(digit), value]);
      continue;
    }
    const isNumbered = digit !== undefined && NUMBERED.includes(stem);
    const known = isNumbered ? stem : (ALIASES[name] ?? name);
    const change =
      Object.hasOwn(CHANGES, known) && isNumbered === NUMBERED.includes(known) ? CHANGES[known] : undefined;
    if (change !== undefined) next = change(next, value, Number(digit ?? 0));
    else if (NEEDLESS.test(name)) needless.push(name);
    else throw new UserError(`modifyvm --${name} is not known here; 'vitrine define' changes every field`, 2);
  }
  if (places.length > 0) next = { ...next, boot: bootOrder(next, places) };
  return { config: next, needless };
}

type BootOrder = NonNullable<MachineConfig['boot']>;

/** Places are told apart before the gaps between them go. A definition that boots nothing else boots from the network. */
function bootOrder(config: MachineConfig, places: readonly (readonly [place: number, value: string])[]): BootOrder {
  const order: (BootOrder[number] | undefined)[] = [...(config.boot ?? USUAL_BOOT)];
  for (const [place, value] of places) {
    const device = oneOf(`boot${place}`, value, {
      ...({ none: undefined, floppy: 'floppy', dvd: 'cdrom', disk: 'disk', net: 'network' } as const),
    });
    for (const [i, each] of order.entries()) if (each === device) order[i] = undefined;
    order[place - 1] = device;
  }
  const devices = order.filter((each) => each !== undefined);
  return hasMedia(config) || devices.includes('network') ? devices : [...devices, 'network'];
}

function nicType(value: string): NicConfig['type'] {
  return oneOf('nic', value, {
    none: 'none',
    null: 'none',
    nat: 'user',
    natnetwork: 'user',
    bridged: 'bridge',
  } as const);
}

/** Without a word about cards there is one, as there. */
function nicWith(
  config: MachineConfig,
  slot: number,
  change: { readonly [K in keyof NicConfig]?: NicConfig[K] | undefined },
): MachineConfig {
  const nics: NicConfig[] = [...(config.nics ?? [{ type: 'user' }])];
  while (nics.length < slot) nics.push({ type: 'none' });
  const merged = Object.entries({ ...nics[slot - 1], ...change }).filter(([, value]) => value !== undefined);
  nics[slot - 1] = Object.fromEntries(merged) as unknown as NicConfig;
  return { ...config, nics };
}

function macOf(value: string): string {
  const pairs = /^[0-9A-Fa-f]{12}$/.test(value) ? value.toLowerCase().match(/../g) : null;
  if (pairs === null) throw new UserError(`--mac-address ${value}: twelve hexadecimal digits, or auto`, 2);
  return pairs.join(':');
}

/** `[NAME],tcp|udp,[HOST-IP],HOST-PORT,[GUEST-IP],GUEST-PORT` */
function forwardOf(rule: string): string {
  const [, protocol, host = '', hostPort, guest = '', guestPort] = rule.split(',').map((part) => part.trim());
  if ((protocol === 'tcp' || protocol === 'udp') && hostPort !== undefined && guestPort !== undefined) {
    return `${protocol}:${host}:${hostPort}:${guest}:${guestPort}`;
  }
  if (rule.startsWith('delete')) {
    throw new UserError("forwards have no names here: change them with 'vitrine define'", 2);
  }
  throw new UserError(`--nat-pf ${rule}: expected NAME,tcp|udp,[HOST-IP],HOST-PORT,[GUEST-IP],GUEST-PORT`, 2);
}

function consoleWith(config: MachineConfig, change: ConsoleConfig): MachineConfig {
  return { ...config, console: { ...config.console, ...change } };
}

/** There the address goes for whatever port; ours stands before the ports. */
function rdpWith(config: MachineConfig, change: { ports?: string; address?: string }): MachineConfig {
  const present = config.console?.rdpPort ?? '3389';
  const { address: before } = parsePortRange(present) ?? {};
  const ports = change.ports ?? present.replace(/^.*:/, '');
  const address = change.address ?? before;
  const bracketed = address?.includes(':') ? `[${address}]` : address;
  return consoleWith(config, { rdpPort: bracketed ? `${bracketed}:${ports}` : ports });
}
