import { expect, test, vi } from 'vitest';
import type { Caller } from '../../../server/api/operation-types.js';
import { consoleOperations } from '../../../server/service/operations/consoles.js';
import type { OperationParts } from '../../../server/service/operations/parts.js';
import { peopleOperations } from '../../../server/service/operations/people.js';
import { Thumbnails } from '../../../server/service/thumbnails.js';

const ADMIN: Caller = { user: 'admin', admin: true, groups: [], remote: '127.0.0.1' };
const png = (text: string) => ({ png: Buffer.from(text).toString('base64') });

test('who follows the events gets the picture that all of them get; anybody else one of their own', async () => {
  const request = vi.fn(async (_op: string, { maxWidth = 0 }: { maxWidth?: number }) => png(`${maxWidth} wide`));
  const machine = { process: { isAlive: true, request }, screens: 1 };
  const thumbnails = new Thumbnails();
  const parts = { service: { machine: () => machine }, thumbnails } as unknown as OperationParts;
  const screenshot = consoleOperations(parts)['console.screenshot'];
  const ask = async (params: object) => String(await screenshot(ADMIN, { machine: 'desk', ...params }));

  expect(await Promise.all([ask({ version: 1, maxWidth: 320 }), ask({ version: 1 })])).toEqual([
    '320 wide',
    '320 wide',
  ]);
  expect(request).toHaveBeenCalledTimes(1);
  expect(await ask({ maxWidth: 900 })).toBe('900 wide');
  expect(await ask({})).toBe('0 wide');
  expect(request).toHaveBeenCalledTimes(3);

  machine.screens = 2;
  await ask({ version: 2 });
  expect(request).toHaveBeenCalledTimes(4);
});

test('whoever is in by a ticket learns for which machine, and administrates nothing', async () => {
  const view = { name: 'admin', groups: [], admin: true, disabled: false, createdAt: '2026-01-01T00:00:00.000Z' };
  const parts = { users: { find: () => view }, service: {} } as unknown as OperationParts;
  const whoAmI = peopleOperations(parts)['auth.whoami'];
  expect(await whoAmI(ADMIN, {})).toEqual({ ...view, machine: null });
  expect(await whoAmI({ ...ADMIN, machine: 'desk' }, {})).toEqual({ ...view, admin: false, machine: 'desk' });
});
