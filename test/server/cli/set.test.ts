import { expect, test } from 'vitest';
import { configFrom } from '../../../server/cli/verbs/config-options.js';
import { changed } from '../../../server/cli/verbs/set.js';

const CONFIG = {
  memory: 1024,
  cdrom: '/iso/a.iso',
  disks: [{ file: 'disk.qcow2' }],
  console: { share: 'exclusive', clipboard: 'off' },
} as const;

test('what is not named stays', () => {
  expect(changed(CONFIG, configFrom({ memory: 2048, idle: 'save:30' }), [])).toEqual({
    ...CONFIG,
    memory: 2048,
    idle: { action: 'save', afterMinutes: 30 },
  });
});

test('disks are added, and a part of the console leaves the other', () => {
  const { disks, console } = changed(CONFIG, configFrom({ newDisk: '20G', share: 'takeover' }), []);
  expect(disks).toEqual([{ file: 'disk.qcow2' }, { size: '20G' }]);
  expect(console).toEqual({ share: 'takeover', clipboard: 'off' });
});

test('fields are left out', () => {
  expect(changed(CONFIG, {}, ['cdrom'])).not.toHaveProperty('cdrom');
  expect(() => changed(CONFIG, {}, ['cdrm'])).toThrow('no such field');
});

test.each(['save', 'save:', 'sleep:5', 'save:5m'])('--idle %s is refused', (idle) => {
  expect(() => configFrom({ idle })).toThrow('expected pause:MINUTES');
});
