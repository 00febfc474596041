import { expect, test } from 'vitest';
import { configFor } from '../../../server/service/machine-view.js';

const CONFIG = {
  memory: 64,
  qemuArgs: ['-object', 'secret,id=s,data=hidden'],
  access: { alice: 'use' },
  disks: [{ file: 'a.qcow2' }, { iscsi: 'iscsi://bob%hidden@store.example:3260/iqn.2026-11.example:disk/1' }],
} as const;

test('whoever may change a definition sees all of it', () => {
  expect(configFor(CONFIG, 'admin')).toEqual(CONFIG);
});

test.each(['view', 'use', 'operate'] as const)('the role %s sees no secret', (role) => {
  expect(JSON.stringify(configFor(CONFIG, role))).not.toContain('hidden');
  expect(configFor(CONFIG, role)).toEqual({
    memory: 64,
    disks: [{ file: 'a.qcow2' }, { iscsi: 'iscsi://store.example:3260/iqn.2026-11.example:disk/1' }],
  });
});
