import { Problem } from '../../../src/base/errors.js';
import { importMachine } from '../../../src/catalog/import/import.js';
import { formatConfig } from '../../../src/catalog/yaml.js';
import type { PowerAction } from '../../../src/engine/engine.js';
import type { Caller, Operations } from '../../api/operation-types.js';
import type { MachineView } from '../../api/views.js';
import { checkReach } from '../host-reach.js';
import { lastLines } from '../machine-log.js';
import { configFor, machineDetails, machineView } from '../machine-view.js';
import type { ManagedMachine } from '../managed-machine.js';
import { roleOf } from '../roles.js';
import { audited, type OperationParts, requireAdmin, requireKnown } from './parts.js';
import { snapshotId } from './snapshots.js';

const LOG_LINES = 200;

type MachineOperations = Pick<
  Operations,
  | 'machine.list'
  | 'machine.show'
  | 'machine.create'
  | 'machine.import'
  | 'machine.export'
  | 'machine.update'
  | 'machine.clone'
  | 'machine.delete'
  | 'machine.start'
  | 'machine.pause'
  | 'machine.resume'
  | 'machine.reset'
  | 'machine.shutdown'
  | 'machine.stop'
  | 'machine.save'
  | 'machine.discard'
  | 'machine.balloon'
  | 'machine.log'
>;

export function machineOperations(parts: OperationParts): MachineOperations {
  const { service, engineOf, ownPorts } = parts;
  const { catalog } = service;
  const view = (caller: Caller, machine: ManagedMachine): MachineView =>
    machineView(machine, roleOf(caller, machine.name, machine.entry.config) ?? 'view', engineOf);

  /** An operation on a machine that is written down and answered with what has become of it. */
  const acts =
    <P extends { readonly machine: string }>(
      action: string,
      work: (machine: ManagedMachine, params: P) => Promise<unknown>,
    ) =>
    (caller: Caller, params: P): Promise<MachineView> => {
      const machine = service.machine(params.machine);
      return audited(parts, caller, action, machine.name, '', async () => {
        await work(machine, params);
        return view(caller, machine);
      });
    };
  const power = (action: Exclude<PowerAction, 'off'>) => acts(action, (machine) => machine.power(action));

  return {
    async 'machine.list'(caller) {
      const seen = service.machines.filter(({ name, entry }) => roleOf(caller, name, entry.config) !== undefined);
      await Promise.all(seen.map((machine) => machine.process.refresh()));
      return seen.map((machine) => view(caller, machine)).sort((a, b) => (a.name < b.name ? -1 : 1));
    },

    async 'machine.show'(caller, { machine: name }) {
      const machine = service.machine(name);
      await machine.process.refresh();
      return machineDetails(view(caller, machine), machine, catalog.snapshots(machine.name), ownPorts(machine.name));
    },

    'machine.create': (caller, { name, config, owner }) =>
      audited(parts, caller, 'create', name, '', async () => {
        if (owner !== undefined) requireKnown(parts, owner);
        const given =
          owner === undefined ? config : { ...config, access: { ...config.access, [owner]: 'admin' as const } };
        const entry = await catalog.create(name, given);
        return view(caller, service.machine(entry.name));
      }),

    async 'machine.import'(caller, { file, name, dryRun = false }) {
      const { name: found, config, notCarriedOver, fill } = await importMachine(file);
      const wanted = name ?? found;
      if (dryRun) return { machine: null, name: wanted, config, notCarriedOver };
      return audited(parts, caller, 'import', wanted, file, async () => {
        const entry = await catalog.create(wanted, config, fill && { fill }).catch((error: unknown) => {
          if (!(error instanceof Problem) || error.code !== 'invalid-definition') throw error;
          throw new Problem(error.code, `${error.message}; a dry run says what could not be carried over`);
        });
        return { machine: view(caller, service.machine(entry.name)), name: wanted, config, notCarriedOver };
      });
    },

    async 'machine.export'(caller, { machine: name }) {
      const machine = service.machine(name);
      return formatConfig(configFor(machine.config, view(caller, machine).role));
    },

    'machine.update': (caller, { machine: name, config }) => {
      const machine = service.machine(name);
      return audited(parts, caller, 'define', machine.name, '', async () => {
        await machine.exclusively(async () => {
          if (!caller.admin) checkReach(machine.config, config);
          await catalog.replace(machine.name, config);
        });
        return view(caller, machine);
      });
    },

    async 'machine.clone'(caller, { machine: from, name, linked = false, snapshot }) {
      requireAdmin(caller, 'make machines');
      const source = service.machine(from);
      return audited(parts, caller, 'clone', source.name, `to ${name}`, async () => {
        const { name: made } = await source.exclusively(async () => {
          if (source.isUp && snapshot === undefined) {
            throw new Problem('wrong-state', `${source.name} is running; stop it, or clone one of its snapshots`);
          }
          const then = snapshot === undefined ? {} : { snapshot: snapshotId(service, source, snapshot) };
          return catalog.clone(source.name, name, { linked, ...then });
        });
        return view(caller, service.machine(made));
      });
    },

    'machine.delete': (caller, { machine: name }) =>
      audited(parts, caller, 'delete', name, '', async () => {
        await service.remove(name);
        return {};
      }),

    'machine.start': acts('start', (machine) => machine.start()),
    'machine.pause': power('pause'),
    'machine.resume': power('resume'),
    'machine.reset': power('reset'),
    'machine.shutdown': power('shutdown'),
    'machine.stop': acts('stop', (machine) => machine.stop()),
    'machine.save': acts('save', (machine) => machine.save()),
    'machine.discard': acts('discard', (machine) => machine.discard()),
    'machine.balloon': acts<{ machine: string; memoryMiB: number }>('balloon', (machine, { memoryMiB }) =>
      machine.balloon(memoryMiB),
    ),

    async 'machine.log'(_caller, { machine, lines = LOG_LINES }) {
      return lastLines(service.machine(machine).logFile, lines)
        .map((line) => `${line}\n`)
        .join('');
    },
  };
}
