import type { Caller, ImportView, Operations } from '../../../server/api/operation-types.js';
import type { MachineDetails, MachineView, SessionView, SnapshotView, UserView } from '../../../server/api/views.js';
import type { MachineConfig } from '../../../src/catalog/config.js';

export const NOW = '2026-11-21T12:00:00.000Z';
export const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

export const machineView = (name: string): MachineView => ({
  name,
  state: 'running',
  reason: null,
  problem: null,
  description: 'a desk',
  engine: 'qemu',
  accel: 'tcg',
  memoryMiB: 1024,
  cpus: 2,
  width: 1024,
  height: 768,
  pid: 4711,
  startedAt: NOW,
  restarts: 0,
  residentBytes: 1 << 30,
  cpuMs: 1234,
  sessions: 1,
  snapshot: null,
  template: false,
  pool: null,
  origin: { template: 'golden', user: null },
  role: 'admin',
});
const config: MachineConfig = { memory: 1024, disks: [{ file: 'disk.qcow2' }], access: { alice: 'use' } };
const snapshot: SnapshotView = {
  id: 's1',
  name: 'clean',
  parent: null,
  takenAt: NOW,
  description: '',
  running: true,
  current: true,
};
const details: MachineDetails = {
  ...machineView('desk'),
  origin: null,
  config,
  ports: { rdp: null, vnc: '127.0.0.1:5901' },
  folder: '/machines/desk',
  snapshots: [snapshot],
  diskBytes: 1 << 30,
};
const session: SessionView = {
  id: 'v1',
  machine: null,
  user: 'alice',
  remote: '10.0.0.1',
  via: 'websocket',
  rights: 'view',
  since: NOW,
  sentBytes: 10,
  updates: 2,
  rttMs: 1.5,
};
const user: UserView = { name: 'alice', groups: ['staff'], admin: false, disabled: false, createdAt: NOW };
const ticket = { id: 't1', machine: 'desk', user: 'alice', rights: 'view', expiresAt: NOW, usesLeft: 1 } as const;
const imported: ImportView = { machine: null, name: 'desk', config, notCarriedOver: ['a floppy drive'] };
const links = { browser: 'http://localhost:8080/#ticket=x', vnc: null };

export interface Call {
  readonly name: string;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Every operation says yes, with what a real one might answer. What was called is in `calls`. */
export function fakeOperations(): { readonly operations: Operations; readonly calls: Call[] } {
  const calls: Call[] = [];
  const answers: { readonly [N in keyof Operations]: Awaited<ReturnType<Operations[N]>> } = {
    'machine.list': [machineView('desk'), { ...machineView('lab'), width: null, height: null, pid: null }],
    'machine.show': details,
    'machine.create': machineView('desk'),
    'machine.import': imported,
    'machine.export': 'memory: 1024\n',
    'machine.update': machineView('desk'),
    'machine.clone': machineView('desk-2'),
    'machine.delete': {},
    'machine.start': machineView('desk'),
    'machine.pause': machineView('desk'),
    'machine.resume': machineView('desk'),
    'machine.reset': machineView('desk'),
    'machine.shutdown': machineView('desk'),
    'machine.stop': machineView('desk'),
    'machine.save': machineView('desk'),
    'machine.discard': machineView('desk'),
    'machine.balloon': machineView('desk'),
    'machine.log': 'a line\n',
    'machine.rollback': machineView('desk'),
    'snapshot.list': [snapshot],
    'snapshot.take': snapshot,
    'snapshot.restore': machineView('desk'),
    'snapshot.delete': {},
    'console.open': {
      machine: 'desk',
      user: 'alice',
      ticket: 'secret',
      expiresAt: NOW,
      ...links,
      rdp: { address: '127.0.0.1:3389', user: 'alice#desk', file: 'full address:s:127.0.0.1:3389\r\n' },
    },
    'console.screenshot': PNG,
    'console.type': { untyped: 0 },
    'console.keys': {},
    'console.pointer': {},
    'console.clipboard': {},
    'console.resize': { asked: true },
    'session.list': [session, { ...session, machine: 'desk', rttMs: null }],
    'session.kick': {},
    'session.rights': session,
    'access.list': { alice: 'use', '@staff': 'view' },
    'access.grant': { alice: 'admin' },
    'access.revoke': {},
    'user.list': [user],
    'user.create': { ...user, password: 'made-for-you' },
    'user.update': user,
    'user.password': {},
    'user.delete': {},
    'ticket.create': { ...ticket, secret: 'secret', ...links },
    'ticket.list': [ticket],
    'ticket.delete': {},
    'auth.whoami': { ...user, machine: null },
    'host.show': {
      version: '1.0.0',
      pid: 1,
      startedAt: NOW,
      rdp: '127.0.0.1:3389',
      vnc: null,
      http: '127.0.0.1:8080',
      memory: { totalMiB: 8192, availableMiB: 4096.5, promisedMiB: 0, allowedMiB: 6000 },
      cpus: 2,
      load: 0.25,
      ksm: null,
      machines: 2,
      running: 1,
      sessions: 1,
    },
    'host.audit': [
      { at: NOW, action: 'login', user: null, remote: '10.0.0.1', machine: null, ok: false, detail: 'password' },
    ],
  };
  const operations = Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      async (caller: Caller, params: Call['params']) => {
        calls.push({ name, caller, params });
        return answer;
      },
    ]),
  ) as unknown as Operations;
  return { operations, calls };
}
