import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { messageOf, UserError } from '../../../src/base/errors.js';
import type { ApiClient } from '../../api/client.js';
import type { MachineDetails, MachineView } from '../../api/views.js';
import { factsAsVBoxManage, namesAsVBoxManage } from '../vboxmanage/show.js';
import { type ConfigArgs, configFrom, configOptions } from './config-options.js';
import { SET } from './set.js';
import { bytes, facts, since, table } from './table.js';
import {
  type Answer,
  done,
  forEach,
  type OnMachine,
  type OnMachines,
  oneOrAll,
  onMachine,
  onMachines,
  verb,
} from './verb.js';

export function machineTable(machines: readonly MachineView[]): string {
  if (machines.length === 0) return 'There are no machines yet: vitrine create NAME --demo makes one.\n';
  return table(
    ['NAME', 'STATE', 'ENGINE', 'MEMORY', 'SCREEN', 'PEOPLE', 'UP', 'REMARKS'],
    machines.map((each) => [
      each.name,
      each.state,
      each.accel === null ? each.engine : `${each.engine} (${each.accel})`,
      `${each.memoryMiB} MiB`,
      each.width === null ? '-' : `${each.width}x${each.height}`,
      String(each.sessions),
      since(each.startedAt),
      each.problem ?? each.reason ?? each.description,
    ]),
  );
}

function detailText(machine: MachineDetails): string {
  return facts([
    ['name', machine.name],
    ['state', machine.state],
    ['reason', machine.reason],
    ['problem', machine.problem],
    ['description', machine.description || null],
    ['engine', machine.accel === null ? machine.engine : `${machine.engine} (${machine.accel})`],
    ['memory', `${machine.memoryMiB} MiB`],
    ['cpus', String(machine.cpus)],
    ['screen', machine.width === null ? null : `${machine.width}x${machine.height}`],
    ['people', String(machine.sessions)],
    ['own RDP port', machine.ports.rdp],
    ['own VNC port', machine.ports.vnc],
    ['process', machine.pid === null ? null : String(machine.pid)],
    ['up', machine.startedAt === null ? null : since(machine.startedAt)],
    ['restarts', machine.restarts === 0 ? null : String(machine.restarts)],
    ['on disk', bytes(machine.diskBytes)],
    [
      'snapshots',
      machine.snapshots.map(({ name, current }) => (current ? `${name} (current)` : name)).join(', ') || null,
    ],
    ['made from', machine.origin === null ? null : machine.origin.template],
    ['folder', machine.folder],
  ]);
}

/** What becomes of machines by one word. */
function power(name: string, describe: string, past: string): CommandModule {
  return verb<OnMachines>(`${name} <machine..>`, describe, onMachines, async (api, { machine: names }) =>
    apply(api, name, names, past),
  );
}

/** The same, for all that run where `--all` says so: for what a host does before it goes down. */
function powerAll(name: string, describe: string, past: string): CommandModule {
  return verb<{ machine: readonly string[]; all: boolean }>(
    `${name} [machine..]`,
    describe,
    (argv) =>
      argv
        .positional('machine', {
          type: 'string',
          array: true,
          default: [],
          describe: 'Name of the machine, or of several',
        })
        .option('all', { type: 'boolean', default: false, describe: 'All that run' }) as never,
    async (api, { machine: named, all }) => {
      if (all === named.length > 0) throw new UserError('name machines, or say --all', 2);
      const running = all ? (await api.call('machine.list', {})).filter(({ pid }) => pid !== null) : [];
      return apply(api, name, all ? running.map((each) => each.name) : named, past);
    },
  );
}

async function apply(api: ApiClient, name: string, names: readonly string[], past: string): Promise<Answer> {
  const { results, failed } = await forEach(names, (machine) =>
    api.call(`machine.${name}` as 'machine.start', { machine }),
  );
  const text = results.map((view) => `${view.name} ${past}\n`).join('');
  return { data: oneOrAll(names, results), text, failed };
}

export const MACHINE_VERBS: readonly CommandModule[] = [
  verb<{ kind?: 'vms' | 'runningvms' }>(
    ['list [kind]', 'ls'],
    'Machines and their states',
    (argv) =>
      argv.positional('kind', { choices: ['vms', 'runningvms'], describe: 'As VBoxManage lists them' }) as never,
    async (api, { kind }) => {
      const all = await api.call('machine.list', {});
      const machines = kind === 'runningvms' ? all.filter(({ pid }) => pid !== null) : all;
      return { data: machines, text: kind === undefined ? machineTable(machines) : namesAsVBoxManage(machines) };
    },
  ),
  verb<OnMachine & { machinereadable: boolean }>(
    'show <machine>',
    'One machine in detail',
    (argv) => onMachine(argv).option('machinereadable', { type: 'boolean', default: false, hidden: true }) as never,
    async (api, { machine, machinereadable }) => {
      const details = await api.call('machine.show', { machine });
      return { data: details, text: machinereadable ? factsAsVBoxManage(details) : detailText(details) };
    },
  ),
  verb<{ name: string; owner?: string } & ConfigArgs>(
    'create <name>',
    'Define a machine',
    (argv) =>
      configOptions(argv)
        .positional('name', { type: 'string', demandOption: true, describe: 'Its name' })
        .option('owner', {
          type: 'string',
          requiresArg: true,
          describe: 'User who may do everything with it',
        }) as never,
    async (api, { name, owner, ...args }) => {
      const machine = await api.call('machine.create', {
        name,
        config: configFrom(args),
        ...(owner === undefined ? {} : { owner }),
      });
      return done(
        machine,
        machine.template ? `template ${name} is defined` : `${name} is defined; vitrine start ${name} boots it`,
      );
    },
  ),
  verb<{ file: string; name?: string; dryRun: boolean }>(
    'import <file>',
    'Define a machine from VirtualBox (.vbox, .ova, .ovf) or libvirt (.xml)',
    (argv) =>
      argv
        .positional('file', { type: 'string', demandOption: true, describe: 'The file' })
        .option('name', { type: 'string', requiresArg: true, describe: 'Name of the new machine' })
        .option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would come of it' }) as never,
    async (api, { file, name, dryRun }) => {
      const result = await api.call('machine.import', {
        file: resolve(file),
        dryRun,
        ...(name === undefined ? {} : { name }),
      });
      const left = result.notCarriedOver.map((line) => `  not carried over: ${line}\n`).join('');
      return { data: result, text: `${result.name} ${dryRun ? 'would be' : 'is'} defined\n${left}` };
    },
  ),
  verb('export <machine>', 'The definition as YAML', onMachine, async (api, { machine }): Promise<Answer> => {
    const yaml = await api.call('machine.export', { machine });
    return { data: { yaml }, text: yaml };
  }),
  verb<OnMachine & { file: string }>(
    'define <machine> <file>',
    'Replace the definition by a YAML file',
    (argv) =>
      onMachine(argv).positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'YAML, or - for the input',
      }) as never,
    async (api, { machine, file }) => {
      const { parseConfig, problemLine } = await import('../../../src/catalog/yaml.js');
      const parsed = parseConfig(readText(file));
      if (parsed.config === undefined)
        throw new UserError(parsed.problems.map((each) => problemLine(file, each)).join('\n'));
      const view = await api.call('machine.update', { machine, config: parsed.config });
      return done(view, `${machine} is defined anew${view.pid === null ? '' : '; it takes effect at its next start'}`);
    },
  ),
  SET,
  verb<OnMachine & { name: string; linked: boolean; snapshot?: string }>(
    'clone <machine> <name>',
    'Copy a machine',
    (argv) =>
      onMachine(argv)
        .positional('name', { type: 'string', demandOption: true, describe: 'Name of the copy' })
        .option('linked', {
          type: 'boolean',
          default: false,
          describe: 'Share what the disks hold now: at once, and small',
        })
        .option('snapshot', {
          type: 'string',
          requiresArg: true,
          describe: 'Copy the machine as it was then',
        }) as never,
    async (api, { machine, name, linked, snapshot }) => {
      const view = await api.call('machine.clone', {
        machine,
        name,
        linked,
        ...(snapshot === undefined ? {} : { snapshot }),
      });
      return done(view, `${name} is a copy of ${machine}`);
    },
  ),
  verb<OnMachines>(
    ['delete <machine..>', 'rm <machine..>'],
    'Delete machines with their disks and snapshots',
    onMachines,
    async (api, { machine: names }) => {
      const { results, failed } = await forEach(names, async (machine) => {
        await api.call('machine.delete', { machine });
        return machine;
      });
      return { data: results, text: results.map((name) => `${name} is deleted\n`).join(''), failed };
    },
  ),
  power('start', 'Start a machine, or let it go on from its saved state', 'is running'),
  power('pause', 'Stop its processors', 'is paused'),
  power('resume', 'Let its processors go on', 'goes on'),
  power('reset', 'Press reset', 'was reset'),
  powerAll('shutdown', 'Press its power button (ACPI)', 'was asked to shut down'),
  powerAll('stop', 'Pull the plug', 'is off'),
  powerAll('save', 'Save its state and stop it', 'is saved; start goes on from there'),
  power('discard', 'Forget its saved state', 'has no saved state any more'),
  power('rollback', 'Go back to the last snapshot', 'is back at its last snapshot'),
  verb<OnMachine & { mib: number }>(
    'balloon <machine> <mib>',
    'Give or take memory of the running guest',
    (argv) =>
      onMachine(argv).positional('mib', {
        type: 'number',
        demandOption: true,
        describe: 'MiB left to the guest',
      }) as never,
    async (api, { machine, mib }) =>
      done(
        await api.call('machine.balloon', { machine, memoryMiB: mib }),
        `${machine} is asked to make do with ${mib} MiB`,
      ),
  ),
];

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${messageOf(error)}`);
  }
}
