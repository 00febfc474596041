import { Problem } from '../../../src/base/errors.js';
import type { Caller, Operations } from '../../api/operation-types.js';
import type { MachineView } from '../../api/views.js';
import { checkReturn } from '../host-reach.js';
import { machineView, snapshotView } from '../machine-view.js';
import type { ManagedMachine } from '../managed-machine.js';
import { roleOf } from '../roles.js';
import type { Service } from '../service.js';
import { audited, type OperationParts } from './parts.js';

type SnapshotOperations = Pick<
  Operations,
  'snapshot.list' | 'snapshot.take' | 'snapshot.restore' | 'snapshot.delete' | 'machine.rollback'
>;

/** By id, or by name where only one has it. Throws Problem 'no-such-snapshot'. */
export function snapshotId({ catalog }: Service, { name: machine }: ManagedMachine, text: string): string {
  const all = catalog.snapshots(machine);
  const found = all.filter(({ id }) => id === text);
  const named = found.length > 0 ? found : all.filter(({ name }) => name === text);
  if (named.length > 1) {
    throw new Problem('bad-request', `${named.length} snapshots of ${machine} are called ${text}; say which by its id`);
  }
  if (named[0] === undefined) throw new Problem('no-such-snapshot', `${machine} has no snapshot ${text}`);
  return named[0].id;
}

export function snapshotOperations(parts: OperationParts): SnapshotOperations {
  const { service, engineOf } = parts;
  const { catalog } = service;
  const idOf = (machine: ManagedMachine, text: string): string => snapshotId(service, machine, text);

  /** Back to a snapshot, as far as the caller may give the machine what it had then. */
  const goBack = async (
    caller: Caller,
    machine: ManagedMachine,
    id: string,
    andStart: boolean,
  ): Promise<MachineView> => {
    if (!caller.admin) checkReturn(machine.config, catalog.restored(machine.name, id));
    await machine.restore(id, andStart);
    return machineView(machine, roleOf(caller, machine.name, machine.entry.config) ?? 'view', engineOf);
  };

  return {
    async 'snapshot.list'(_caller, { machine: name }) {
      const machine = service.machine(name);
      return catalog.snapshots(machine.name).map((each) => snapshotView(each, machine.entry.stored.snapshot));
    },

    'snapshot.take': (caller, { machine: name, name: snapshot, description = '' }) => {
      const machine = service.machine(name);
      return audited(parts, caller, 'snapshot', machine.name, snapshot, async () =>
        snapshotView(await machine.takeSnapshot(snapshot, description), machine.entry.stored.snapshot),
      );
    },

    'snapshot.restore': (caller, { machine: name, snapshot }) => {
      const machine = service.machine(name);
      return audited(parts, caller, 'restore', machine.name, snapshot, () =>
        goBack(caller, machine, idOf(machine, snapshot), false),
      );
    },

    'snapshot.delete': (caller, { machine: name, snapshot }) => {
      const machine = service.machine(name);
      return audited(parts, caller, 'delete-snapshot', machine.name, snapshot, async () => {
        await machine.removeSnapshot(idOf(machine, snapshot));
        return {};
      });
    },

    'machine.rollback': (caller, { machine: name }) => {
      const machine = service.machine(name);
      return audited(parts, caller, 'rollback', machine.name, '', async () => {
        const { snapshot } = machine.entry.stored;
        if (snapshot === null) throw new Problem('no-such-snapshot', `${machine.name} has no snapshot to go back to`);
        return goBack(caller, machine, snapshot, true);
      });
    },
  };
}
