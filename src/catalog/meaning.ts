import { normalize } from 'node:path';
import type { DiskConfig, MachineConfig, NicConfig } from './config.js';
import { emulatorLacks } from './emulator-lacks.js';
import type { Finding } from './finding.js';
import { parsePortRange } from './ports.js';

/** What a schema cannot say: fields that need each other, exclude each other, or have a grammar of their own. */
export function checkMeaning(config: MachineConfig): Finding[] {
  const findings: Finding[] = [];
  const say = (path: Finding['path'], message: string | undefined): void => {
    if (message !== undefined) findings.push({ path, message });
  };
  bootable(config, say);
  config.disks?.forEach((disk, i) => {
    diskMeaning(disk, (field, message) => say(['disks', i, ...field], message));
  });
  disksTwice(config, say);
  config.nics?.forEach((nic, i) => {
    nicMeaning(nic, (field, message) => say(['nics', i, ...field], message));
  });
  repeated(
    config.nics?.map((nic) => nic.mac?.toLowerCase()),
    (i, first) => say(['nics', i, 'mac'], `is the MAC address of nics[${first}] too`),
  );
  repeated(config.nics?.flatMap((nic) => nic.forwards ?? []).map(hostEnd), (i) =>
    say(['nics'], `two forwards listen on ${config.nics?.flatMap((nic) => nic.forwards ?? [])[i]}`),
  );
  sharedFolders(config, say);
  repeated(config.boot, (i) => say(['boot', i], 'is there twice'));
  repeated(
    config.usb?.map((id) => id.toLowerCase()),
    (i) => say(['usb', i], 'is there twice'),
  );
  for (const field of ['rdpPort', 'vncPort'] as const) {
    const text = config.console?.[field];
    if (text !== undefined && parsePortRange(text) === undefined) {
      say(
        ['console', field],
        'must be ports and ranges, with an address in front where it is not 127.0.0.1: 3390,5000-5010 or 0.0.0.0:3390',
      );
    }
  }
  roles(config, say);
  return findings;
}

type Say = (path: Finding['path'], message: string | undefined) => void;

function bootable(config: MachineConfig, say: Say): void {
  const media = (['disks', 'cdrom', 'floppy', 'kernel'] as const).filter((field) => {
    const value = config[field];
    return typeof value === 'string' || (value?.length ?? 0) > 0;
  });
  const network = config.boot?.includes('network') ?? false;
  if (config.demo) {
    if (config.kernel !== undefined) say(['kernel'], 'cannot go together with demo, which boots its own guest');
  } else if (media.length === 0 && !network && !config.qemuArgs?.length) {
    say([], 'nothing to boot: give disks, cdrom, floppy, kernel, demo, or network in boot');
  }
  for (const field of ['initrd', 'append'] as const) {
    if (config[field] !== undefined && config.kernel === undefined) say([field], 'needs kernel');
  }
  const lacks = config.engine === 'emulator' ? emulatorLacks(config) : undefined;
  if (lacks !== undefined) say(['engine'], `the embedded emulator has no ${lacks}`);
}

function diskMeaning(disk: DiskConfig, say: Say): void {
  if (disk.iscsi !== undefined) {
    for (const field of ['file', 'size', 'format'] as const) {
      if (disk[field] !== undefined) say([field], 'cannot go together with iscsi');
    }
    const iscsi =
      /^iscsi:\/\/([^\s%@/]+(%[^\s%@/]+)?@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?\/[^\s/]+\/\d{1,5}$/;
    if (!iscsi.test(disk.iscsi)) say(['iscsi'], 'must be iscsi://[USER%PASSWORD@]HOST[:PORT]/TARGET/LUN');
    return;
  }
  if (disk.file === undefined && disk.size === undefined) {
    say([], 'needs file, iscsi, or size for a disk that is to be created');
  }
  if (disk.size !== undefined) {
    if (disk.readOnly) say(['readOnly'], 'a disk that is created with a size is empty: nobody could ever write to it');
    if (disk.file !== undefined && leavesFolder(disk.file)) {
      say(
        ['file'],
        'a disk with a size is created in the machine’s folder: give a name without a path, or make it yourself and drop size',
      );
    }
  }
}

/** Whether a path in a definition leads out of the machine's folder. */
export const leavesFolder = (file: string): boolean => file.startsWith('/') || normalize(file).startsWith('..');

function disksTwice(config: MachineConfig, say: Say): void {
  repeated(
    config.disks?.map((disk) => (disk.file === undefined ? disk.iscsi : normalize(disk.file))),
    (i, first) => say(['disks', i], `is the same image as disks[${first}]`),
  );
}

function nicMeaning(nic: NicConfig, say: Say): void {
  if (nic.type === 'bridge' && nic.bridge === undefined) say(['bridge'], 'must be given for type bridge: br0');
  if (nic.type !== 'bridge' && nic.bridge !== undefined) say(['bridge'], 'needs type: bridge');
  if (nic.type !== 'user' && nic.forwards?.length) say(['forwards'], 'need type: user');
  if (nic.mac !== undefined && Number.parseInt(nic.mac.slice(0, 2), 16) & 1) {
    say(['mac'], 'is a group address: the first byte must be even');
  }
  nic.forwards?.forEach((forward, i) => {
    if (hostEnd(forward) === undefined) {
      say(['forwards', i], 'must be tcp|udp:[HOST-ADDRESS]:HOST-PORT:[GUEST-ADDRESS]:GUEST-PORT: tcp::2222::22');
    }
  });
}

const FORWARD = /^(tcp|udp):(\d{1,3}(?:\.\d{1,3}){3})?:(\d{1,5}):(\d{1,3}(?:\.\d{1,3}){3})?:(\d{1,5})$/;

/** What a forward occupies on the host; undefined where it is none. */
function hostEnd(forward: string): string | undefined {
  const [, protocol, host = '', hostPort, guest = '', guestPort] = FORWARD.exec(forward) ?? [];
  const good = [hostPort, guestPort].every((port) => Number(port) >= 1 && Number(port) <= 65_535);
  const bytes = `${host}.${guest}`.split('.').every((byte) => Number(byte) <= 255);
  return protocol !== undefined && good && bytes ? `${protocol} ${host} ${Number(hostPort)}` : undefined;
}

function sharedFolders(config: MachineConfig, say: Say): void {
  config.sharedFolders?.forEach(({ path }, i) => {
    if (!path.startsWith('/')) say(['sharedFolders', i, 'path'], 'must be absolute');
  });
  repeated(
    config.sharedFolders?.map(({ name }) => name),
    (i) => say(['sharedFolders', i, 'name'], 'is there twice'),
  );
}

/** What templates, pools and clones exclude. */
function roles(config: MachineConfig, say: Say): void {
  if (config.template && config.autostart) say(['autostart'], 'a template is never started');
  if (config.pool && !config.template) say(['pool'], 'needs template: true');
  if (config.template && config.origin?.user !== undefined) say(['origin'], 'a person’s clone is no template');
  if (config.display && (config.display.width === undefined) !== (config.display.height === undefined)) {
    say(['display'], 'needs width and height together');
  }
}

/** Tells of each value that was there before. */
function repeated(
  values: readonly (string | undefined)[] | undefined,
  tell: (at: number, first: number) => void,
): void {
  values?.forEach((value, i) => {
    const first = values.indexOf(value);
    if (value !== undefined && first < i) tell(i, first);
  });
}
