import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller } from '../../../server/api/operation-types.js';
import { machineOperations } from '../../../server/service/operations/machines.js';
import type { OperationParts } from '../../../server/service/operations/parts.js';
import { QemuImg } from '../../../src/engine/qemu/qemu-img.js';
import { Host } from './fixture.js';

const ADMIN: Caller = { user: 'admin', admin: true, groups: [], remote: 'local' };
const OVF = `<Envelope><References><File href="a.vmdk" id="f"/></References>
  <DiskSection><Disk diskId="d" fileRef="f" format="vmdk"/></DiskSection>
  <VirtualSystem id="a"><VirtualHardwareSection>
    <Item><InstanceID>1</InstanceID><ResourceType>17</ResourceType><HostResource>/disk/d</HostResource></Item>
  </VirtualHardwareSection></VirtualSystem></Envelope>`;

let host: Host;
beforeEach(async () => {
  host = await Host.open();
});
afterEach(() => host.close());

test.skipIf((await QemuImg.find()) === undefined)('an appliance is imported with what is on its disks', async () => {
  const { service } = host;
  const parts = { service, engineOf: () => 'qemu', ownPorts: () => ({ rdp: null, vnc: null }), audit: () => {} };
  const operations = machineOperations(parts as unknown as OperationParts);
  const file = join(host.folder, 'a.ovf');
  writeFileSync(file, OVF);
  execFileSync('qemu-img', ['create', '-q', '-f', 'vmdk', join(host.folder, 'a.vmdk'), '1M']);

  expect(await operations['machine.import'](ADMIN, { file, dryRun: true })).toMatchObject({ machine: null });
  expect(host.catalog.entries()).toEqual([]);
  const { machine } = await operations['machine.import'](ADMIN, { file, name: 'desk' });
  expect(machine?.name).toBe('desk');
  expect(existsSync(host.catalog.entry('desk').stored.disks[0]!)).toBe(true);
});
