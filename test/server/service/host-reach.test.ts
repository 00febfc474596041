import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../../server/api/operation-types.js';
import { checkReturn } from '../../../server/service/host-reach.js';
import type { OperationParts } from '../../../server/service/operations/parts.js';
import { snapshotOperations } from '../../../server/service/operations/snapshots.js';
import type { MachineConfig } from '../../../src/catalog/config.js';
import { Host } from './fixture.js';

const ADMIN: Caller = { user: 'admin', admin: true, groups: [], remote: 'local' };
const ALICE: Caller = { user: 'alice', admin: false, groups: [], remote: '127.0.0.1' };

let host: Host;
beforeEach(async () => {
  host = await Host.open();
});
afterEach(() => host.close());

test('a snapshot does not bring back what the host has taken away', async () => {
  const parts = { service: host.service, engineOf: () => 'qemu', audit: () => {} };
  const operations = snapshotOperations(parts as unknown as OperationParts);
  const sharedFolders = [{ name: 'www', path: '/srv/www' }];
  const desk = await host.machine('desk', { sharedFolders, access: { alice: 'operate' } });
  await desk.takeSnapshot('shared', '');
  const { sharedFolders: _, ...without } = desk.config;
  await host.catalog.replace('desk', { ...without, cdrom: '/dev/../etc/hostname' });

  const going = { machine: 'desk', snapshot: 'shared' };
  const forbidden = { code: 'forbidden', message: expect.stringContaining('sharedFolders') };
  await expect(operations['snapshot.restore'](ALICE, going)).rejects.toMatchObject(forbidden);
  await expect(operations['machine.rollback'](ALICE, going)).rejects.toMatchObject(forbidden);
  expect(desk.config.sharedFolders).toBe(undefined);
  await operations['snapshot.restore'](ADMIN, going);
  expect(desk.config.sharedFolders).toEqual(sharedFolders);
  await operations['machine.rollback'](ALICE, going);
});

test.each<[then: MachineConfig, present: MachineConfig, mayReturn: boolean]>([
  [{}, { cdrom: '/a.iso', usb: ['1234:5678'] }, true],
  [{ cdrom: '/a.iso' }, {}, false],
  [{ disks: [{ file: 'a.qcow2' }] }, { disks: [{ file: 'b.qcow2' }, { file: 'a.qcow2' }] }, true],
  [{ disks: [{ file: '/srv/a.qcow2' }] }, { disks: [{ file: 'a.qcow2' }] }, false],
  [{}, { nics: [{ type: 'none' }] }, false],
  [{}, { nics: [{ type: 'user' }, { type: 'bridge', bridge: 'br0' }] }, true],
  [{ memory: 512, qemuArgs: [] }, { memory: 64 }, true],
])('from %j one goes back to %j: %s', (then, present, mayReturn) => {
  const going = () => checkReturn(present, then);
  if (mayReturn) going();
  else expect(going).toThrow('only administrators of the host');
});
