import { expect, test } from 'vitest';
import { fromVBoxManage } from '../../../server/cli/verbs/vboxmanage.js';
import { UserError } from '../../../src/base/errors.js';

test.each([
  ['startvm desk-1 --type headless', 'start desk-1'],
  ['controlvm desk-1 poweroff', 'stop desk-1'],
  ['controlvm desk-1 acpipowerbutton', 'shutdown desk-1'],
  ['controlvm desk-1 savestate', 'save desk-1'],
  ['controlvm desk-1 screenshotpng a.png', 'screenshot desk-1 a.png'],
  ['controlvm desk-1 setvideomodehint 1280 800 32', 'resize desk-1 1280x800'],
  ['showvminfo desk-1 --machinereadable', 'show desk-1 --machinereadable'],
  ['unregistervm desk-1 --delete', 'delete desk-1'],
  ['clonevm base --name desk-2 --options link --register', 'clone base desk-2 --linked'],
  ['clonevm base --snapshot s1 --name desk-2', 'clone base desk-2 --snapshot s1'],
  ['modifyvm desk-1 --memory 2048 --cpus 2', 'set desk-1 --memory 2048 --cpus 2'],
  ['discardstate desk-1', 'discard desk-1'],
  ['snapshot desk-1 take before --live', 'snapshot take desk-1 before'],
  ['snapshot desk-1 restore before', 'snapshot restore desk-1 before'],
  ['snapshot desk-1 restorecurrent', 'rollback desk-1'],
  ['snapshot take desk-1 before', 'snapshot take desk-1 before'],
  ['list vms', 'list vms'],
  ['constructor x', 'constructor x'],
])('%s is %s', (theirs, ours) => {
  expect(fromVBoxManage(theirs.split(' '))).toEqual(ours.split(' '));
});

test('scan codes and strings go on as one', () => {
  expect(fromVBoxManage(['controlvm', 'a', 'keyboardputscancode', '1d', '9d'])).toEqual([
    'key',
    'a',
    '--scancodes',
    '1d 9d',
  ]);
  expect(fromVBoxManage(['controlvm', 'a', 'keyboardputstring', '--x', 'y'])).toEqual(['type', 'a', '--', '--x', 'y']);
});

test.each(['controlvm a teleport', 'controlvm a constructor', 'unregistervm a'])(
  '%s says what to do instead',
  (line) => {
    expect(() => fromVBoxManage(line.split(' '))).toThrow(UserError);
  },
);
