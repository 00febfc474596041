import { stat } from 'node:fs/promises';
import type { MachineConfig, Role } from '../../src/catalog/config.js';
import type { Snapshot } from '../../src/catalog/entry.js';
import type { MachineDetails, MachineView, SnapshotView } from '../api/views.js';
import type { ManagedMachine } from './managed-machine.js';

/** @param engineOf what would run it while nothing does */
export function machineView(
  machine: ManagedMachine,
  role: Role,
  engineOf: (config: MachineConfig | undefined) => string,
): MachineView {
  const { config, problem, stored } = machine.entry;
  const { status } = machine.process;
  return {
    name: machine.name,
    state: machine.state,
    reason: machine.reason ?? null,
    problem: problem ?? null,
    description: config?.description ?? '',
    engine: status?.engine ?? engineOf(config),
    accel: status?.accel ?? null,
    memoryMiB: machine.memoryMiB,
    cpus: config?.cpus ?? 1,
    width: status?.width ?? null,
    height: status?.height ?? null,
    pid: status?.pid ?? null,
    startedAt: status?.startedAt ?? null,
    restarts: status?.restarts ?? 0,
    residentBytes: status?.meters.rssBytes ?? null,
    cpuMs: status?.meters.cpuMs ?? null,
    sessions: machine.process.sessions.length,
    snapshot: stored.snapshot,
    template: config?.template ?? false,
    pool: config?.template === true ? (config.pool?.type ?? null) : null,
    origin:
      config?.origin === undefined ? null : { template: config.origin.template, user: config.origin.user ?? null },
    role,
  };
}

export async function machineDetails(
  view: MachineView,
  machine: ManagedMachine,
  snapshots: readonly Snapshot[],
  ports: MachineDetails['ports'],
): Promise<MachineDetails> {
  const { config, folder, stored } = machine.entry;
  const files = [...stored.disks, ...snapshots.flatMap(({ disks, stateFile }) => [...disks, stateFile ?? undefined])];
  return {
    ...view,
    config: configFor(config ?? {}, view.role),
    folder,
    ports,
    snapshots: snapshots.map((snapshot) => snapshotView(snapshot, stored.snapshot)),
    diskBytes: await sizeOnDisk(files),
  };
}

/** A definition as somebody may see it: secrets, and what can hold some, are for those who may change it. */
export function configFor(config: MachineConfig, role: Role): MachineConfig {
  if (role === 'admin') return config;
  const { qemuArgs: _, access: __, disks, ...rest } = config;
  const masked = disks?.map((disk) =>
    disk.iscsi === undefined ? disk : { ...disk, iscsi: disk.iscsi.replace(/\/\/[^@/]*@/, '//') },
  );
  return { ...rest, ...(masked === undefined ? {} : { disks: masked }) };
}

export function snapshotView(snapshot: Snapshot, current: string | null): SnapshotView {
  const { id, name, parent, takenAt, description, stateFile } = snapshot;
  return { id, name, parent, takenAt, description, running: stateFile !== null, current: id === current };
}

/** Without holes, each file once. */
async function sizeOnDisk(files: readonly (string | undefined)[]): Promise<number> {
  const sizes = [...new Set(files)].map(async (file) => {
    if (file === undefined) return 0;
    const { blocks } = await stat(file).catch(() => ({ blocks: 0 }));
    return blocks * 512;
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
