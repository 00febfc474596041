import { expect, test } from 'vitest';
import { roleOf } from '../../../server/service/roles.js';
import type { Role } from '../../../src/catalog/config.js';

const ACCESS: Readonly<Record<string, Role>> = { Alice: 'use', '@lab': 'view', '@staff': 'operate' };
const person = (user: string, groups: readonly string[] = [], more: object = {}) => ({
  user,
  groups,
  admin: false,
  ...more,
});

test.each([
  ['a user, whatever the case', person('alice'), 'use'],
  ['a stranger', person('eve'), undefined],
  ['a member of a group', person('eve', ['lab']), 'view'],
  ['the strongest counts', person('alice', ['lab', 'Staff']), 'operate'],
  ['an administrator', { ...person('root'), admin: true }, 'admin'],
  ['a ticket for it', person('alice', [], { machine: 'DESK-1' }), 'use'],
  ['a ticket for another', person('alice', [], { machine: 'desk-2' }), undefined],
  ['a ticket to watch', person('alice', [], { machine: 'desk-1', rights: 'view' }), 'view'],
  ['an administrator’s ticket', { ...person('root', [], { machine: 'desk-1' }), admin: true }, 'use'],
  ['a ticket of somebody who may only watch', person('eve', ['lab'], { machine: 'desk-1', rights: 'control' }), 'view'],
])('%s', (_, subject, role) => {
  expect(roleOf(subject, 'desk-1', { access: ACCESS })).toBe(role);
});
