import type { NicConfig } from '../../../src/catalog/config.js';
import { parsePortRange } from '../../../src/catalog/ports.js';
import type { MachineDetails, MachineState, MachineView, SnapshotView } from '../../api/views.js';

/** `"name" {name}`: scripts take what stands in either. */
export function namesAsVBoxManage(machines: readonly MachineView[]): string {
  return machines.map(({ name }) => `"${name}" {${name}}\n`).join('');
}

const STATES: Readonly<Record<MachineState, string>> = {
  off: 'poweroff',
  template: 'poweroff',
  invalid: 'inaccessible',
  saved: 'saved',
  starting: 'starting',
  running: 'running',
  paused: 'paused',
  saving: 'saving',
  stopping: 'stopping',
  crashed: 'aborted',
};
const BOOT = { floppy: 'floppy', cdrom: 'dvd', disk: 'disk', network: 'net' } as const;
const NICS: Readonly<Record<NicConfig['type'], string>> = { user: 'nat', bridge: 'bridged', none: 'none' };
const BOOT_PLACES = [1, 2, 3, 4] as const;

/** `showvminfo --machinereadable`, as far as we have it. */
export function factsAsVBoxManage(machine: MachineDetails): string {
  const { config, snapshots } = machine;
  const { boot = ['floppy', 'cdrom', 'disk'], nics = [{ type: 'user' as const }], disks = [], console } = config;
  const range = parsePortRange(console?.rdpPort ?? '');
  const lines: [string, string | number | undefined][] = [
    ['name', quoted(machine.name)],
    ['UUID', quoted(machine.name)],
    ['CfgFile', quoted(`${machine.folder}/machine.yaml`)],
    ['description', machine.description === '' ? undefined : quoted(machine.description)],
    ['memory', machine.memoryMiB],
    ['firmware', quoted(config.firmware === 'uefi' ? 'EFI' : 'BIOS')],
    ['cpus', machine.cpus],
    ...BOOT_PLACES.map((place): [string, string] => {
      const device = boot[place - 1];
      return [`boot${place}`, quoted(device === undefined ? 'none' : BOOT[device])];
    }),
    ['VMState', quoted(STATES[machine.state])],
    ['VMStateChangeTime', machine.startedAt === null ? undefined : quoted(machine.startedAt.replace('Z', '000000'))],
    ...disks.map((disk, i): [string, string] => [
      quoted(`${(disk.bus ?? 'sata').toUpperCase()}-${i}-0`),
      quoted(disk.file ?? disk.iscsi ?? ''),
    ]),
    [quoted('DVD-0-0'), config.cdrom === undefined ? undefined : quoted(config.cdrom)],
    [quoted('FLOPPY-0-0'), config.floppy === undefined ? undefined : quoted(config.floppy)],
    ...nics.flatMap((nic, i): [string, string | undefined][] => [
      [`nic${i + 1}`, quoted(NICS[nic.type])],
      [`macaddress${i + 1}`, nic.mac === undefined ? undefined : quoted(nic.mac.replaceAll(':', '').toUpperCase())],
      [`bridgeadapter${i + 1}`, nic.bridge === undefined ? undefined : quoted(nic.bridge)],
    ]),
    ['vrde', quoted(console?.access === 'off' ? 'off' : 'on')],
    ['vrdeport', machine.ports.rdp === null ? undefined : Number(machine.ports.rdp.replace(/^.*:/, ''))],
    ['vrdeports', range === undefined ? undefined : quoted(range.ports.join(','))],
    ['vrdeaddress', range?.address === undefined ? undefined : quoted(range.address)],
    ['VideoMode', machine.width === null ? undefined : `"${machine.width},${machine.height},32"@0,0 1`],
  ];
  return text(lines) + (snapshots.length === 0 ? '' : snapshotFacts(snapshots));
}

const STATES_FOR_PEOPLE: Partial<Record<MachineState, string>> = { off: 'powered off', template: 'powered off' };

/** `showvminfo`, as far as scripts look for something in it: `State:` and the like. */
export function infoAsVBoxManage(machine: MachineDetails): string {
  const { config, snapshots, startedAt } = machine;
  const state = STATES_FOR_PEOPLE[machine.state] ?? STATES[machine.state];
  const lines: [string, string | number | undefined][] = [
    ['Name', machine.name],
    ['UUID', machine.name],
    ['Config file', `${machine.folder}/machine.yaml`],
    ['Memory size', `${machine.memoryMiB}MB`],
    ['Number of CPUs', machine.cpus],
    ['Firmware', config.firmware === 'uefi' ? 'EFI' : 'BIOS'],
    ['State', startedAt === null ? state : `${state} (since ${startedAt.replace('Z', '000000')})`],
    ['VRDE', config.console?.access === 'off' ? 'disabled' : 'enabled'],
    ['VRDE port', machine.ports.rdp?.replace(/^.*:/, '')],
    ['Video mode', machine.width === null ? undefined : `${machine.width}x${machine.height}x32`],
    ['Description', machine.description === '' ? undefined : machine.description],
  ];
  const shown = lines.flatMap(([name, value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(29)}${value}\n`]));
  return shown.join('') + (snapshots.length === 0 ? '' : `Snapshots:\n\n${snapshotsAsVBoxManage(snapshots)}`);
}

/** `snapshot VM list`: children under their parents, with a star where the disks are now. */
export function snapshotsAsVBoxManage(
  snapshots: readonly SnapshotView[],
  parent: string | null = null,
  indent = 1,
): string {
  return snapshots
    .filter((each) => each.parent === parent)
    .map(({ id, name, current, description }) => {
      const before = '   '.repeat(indent);
      const about = description === '' ? '' : `${before}Description:\n${before}${description}\n`;
      const children = snapshotsAsVBoxManage(snapshots, id, indent + 1);
      return `${before}Name: ${name} (UUID: ${id})${current ? ' *' : ''}\n${about}${children}`;
    })
    .join('');
}

/** `snapshot VM list --machinereadable`: a child's place is told by its name's end. */
export function snapshotFacts(snapshots: readonly SnapshotView[]): string {
  const lines: [string, string | undefined][] = [];
  const walk = (parent: string | null, node: string): void => {
    for (const [i, each] of snapshots.filter((one) => one.parent === parent).entries()) {
      const place = parent === null && i === 0 ? node : `${node}-${i + 1}`;
      lines.push([`SnapshotName${place}`, quoted(each.name)], [`SnapshotUUID${place}`, quoted(each.id)]);
      if (each.description !== '') lines.push([`SnapshotDescription${place}`, quoted(each.description)]);
      if (each.current) {
        lines.push(['CurrentSnapshotName', quoted(each.name)], ['CurrentSnapshotUUID', quoted(each.id)]);
        lines.push(['CurrentSnapshotNode', quoted(`SnapshotName${place}`)]);
      }
      walk(each.id, place);
    }
  };
  walk(null, '');
  return text(lines);
}

function text(lines: readonly (readonly [string, string | number | undefined])[]): string {
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`])).join('');
}

function quoted(value: string): string {
  return `"${value.replaceAll('"', '\\"')}"`;
}
