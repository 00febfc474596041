import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { OPERATIONS } from '../../../server/api/operations.js';
import type { MachineDetails, SnapshotView } from '../../../server/api/views.js';
import { fromVBoxManage } from '../../../server/cli/vboxmanage/commands.js';
import { mediumOf } from '../../../server/cli/vboxmanage/medium.js';
import { factsAsVBoxManage, namesAsVBoxManage } from '../../../server/cli/vboxmanage/show.js';
import { parseWords } from '../../../server/cli/vboxmanage/words.js';
import { UserError } from '../../../src/base/errors.js';
import { checkConfig } from '../../../src/catalog/check.js';
import type { MachineConfig } from '../../../src/catalog/config.js';
import { QemuImg } from '../../../src/engine/qemu/qemu-img.js';
import { machineView } from '../api/fake-operations.js';

const QEMU_IMG = await QemuImg.find();
const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Words of a shell: `'a b'` is one. */
const split = (line: string): string[] => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b!);
const TAKEN_AT = '2026-11-21T12:00:00.000Z';
const SNAPSHOT: SnapshotView = {
  ...{ id: 's1', name: 'clean', parent: null, takenAt: TAKEN_AT, description: '', running: false, current: false },
};

/** A service with one machine of this definition, and what it was asked. */
async function ask(
  line: string,
  config: MachineConfig = {},
  pid: number | null = null,
): Promise<{ calls: unknown[]; text: string }> {
  const deed = fromVBoxManage(split(line));
  if (deed === undefined || !('ask' in deed)) throw new Error(`${line} asks nothing`);
  const calls: unknown[] = [];
  const answers: Record<string, unknown> = {
    'machine.show': {
      ...machineView('desk'),
      config,
      memoryMiB: 1024,
      folder: '/machines/desk',
      ports: {},
      snapshots: [],
    },
    'machine.update': { pid },
    'snapshot.list': [SNAPSHOT, { ...SNAPSHOT, id: 's2', name: 'later', parent: 's1', current: true }],
  };
  const call = async (name: keyof typeof OPERATIONS, params: object): Promise<unknown> => {
    if (OPERATIONS[name].method !== 'GET') calls.push([name, params]);
    return answers[name];
  };
  const text = await deed.ask({ call } as never);
  return { calls, text };
}

/** The definition that comes of it, which the catalog takes. */
async function defined(line: string, config: MachineConfig = {}): Promise<MachineConfig> {
  const { calls, text } = await ask(line, config);
  const [[name, params]] = calls as [[string, { machine: string; config: MachineConfig }]];
  expect([name, params.machine, text]).toEqual(['machine.update', 'desk', '']);
  expect(checkConfig(params.config)).toEqual([]);
  return params.config;
}

test.each([
  ['startvm desk-1 --type headless', 'start desk-1'],
  ['startvm desk-1 desk-2 --type=gui -E X=1', 'start desk-1 desk-2'],
  ['-q startvm desk-1', 'start desk-1'],
  ['controlvm desk-1 poweroff', 'stop desk-1'],
  ['controlvm desk-1 acpipowerbutton', 'shutdown desk-1'],
  ['controlvm desk-1 pause', 'pause desk-1'],
  ['controlvm desk-1 resume', 'resume desk-1'],
  ['controlvm desk-1 reset', 'reset desk-1'],
  ['controlvm desk-1 savestate', 'save desk-1'],
  ['controlvm desk-1 screenshotpng a.png', 'screenshot desk-1 a.png'],
  ['controlvm desk-1 setvideomodehint 1280 800 32', 'resize desk-1 1280x800'],
  ['controlvm desk-1 keyboardputscancode 1d 9d', "key desk-1 --scancodes '1d 9d'"],
  ["controlvm desk-1 keyboardputstring --x 'a b' c", "type desk-1 -- '--xa bc'"],
  ['showvminfo desk-1 --machinereadable', 'show desk-1 --machinereadable'],
  ['list vms', 'list vms'],
  ['list --long runningvms', 'list runningvms'],
  ['list --json', 'list --json'],
  ['unregistervm desk-1 --delete', 'delete desk-1'],
  ['unregistervm desk-1 --delete-all', 'delete desk-1'],
  ['clonevm base --name desk-2 --options=Link,KeepAllMACs --mode machine --register', 'clone base desk-2 --linked'],
  ['clonevm base --snapshot s1 --name=desk-2', 'clone base desk-2 --snapshot s1'],
  ['clonevm base --register', 'clone base base-Clone'],
  ['registervm /vms/a.vbox', 'import /vms/a.vbox'],
  ['import a.ova --vsys 0 --vmname desk --eula accept', 'import a.ova --name desk'],
  ['import a.ova -n', 'import a.ova --dry-run'],
  ['import a.ova --dry-run --name b', 'import a.ova --name b --dry-run'],
  ['export desk', 'export desk'],
  ['discardstate desk-1', 'discard desk-1'],
  [
    "snapshot desk-1 take before --live --description 'as it was'",
    "snapshot take desk-1 before --description 'as it was'",
  ],
  ['snapshot desk-1 restore before', 'snapshot restore desk-1 before'],
  ['snapshot desk-1 delete before', 'snapshot delete desk-1 before'],
  ['snapshot take desk-1 before', 'snapshot take desk-1 before'],
])('%s is %s', (theirs, ours) => {
  expect(fromVBoxManage(split(theirs))).toEqual({ ours: split(ours) });
});

test.each(['run --demo', 'create a', 'constructor x', 'modifyvm --help'])('%s is ours alone', (line) => {
  expect(fromVBoxManage(split(line))).toBeUndefined();
});

const NAT = { type: 'user' } as const;
test.each<[line: string, config: MachineConfig, before?: MachineConfig]>([
  ['--memory 2048 --cpus=4 --description x', { memory: 2048, cpus: 4, description: 'x' }],
  ['--firmware efi64 --tpm-type 2.0', { firmware: 'uefi', tpm: true }],
  ['--boot1 dvd --boot2 disk --boot3 none --boot4 none', { boot: ['cdrom', 'disk'] }],
  ['--boot1 net', { boot: ['network', 'cdrom', 'disk'] }],
  ['--boot1 disk --boot2 none', { boot: ['disk'] }, { boot: ['cdrom', 'disk'] }],
  ['--boot1 disk --boot2 dvd --boot3 none', { boot: ['disk', 'cdrom'] }],
  ['--mouse usbtablet --audio-enabled on --monitorcount 2', { pointer: 'tablet', audio: true, display: { count: 2 } }],
  ['--nic1 nat --nictype1 82540EM', { nics: [{ ...NAT, model: 'e1000' }] }],
  ['--nic-type1=virtio', { nics: [{ ...NAT, model: 'virtio' }] }],
  [
    '--nic2 bridged --bridgeadapter2 br0 --macaddress2 080027A1B2C3',
    { nics: [NAT, { type: 'bridge', bridge: 'br0', mac: '08:00:27:a1:b2:c3' }] },
  ],
  ['--nic1 none', { nics: [{ type: 'none' }] }],
  [
    '--nat-pf1 ssh,tcp,,2222,,22 --natpf1 web,tcp,127.0.0.1,8080,10.0.2.15,80',
    { nics: [{ ...NAT, forwards: ['tcp::2222::22', 'tcp:127.0.0.1:8080:10.0.2.15:80'] }] },
  ],
  ['--vrde on --vrdeport 5001-5010', { console: { access: 'on', rdpPort: '5001-5010' } }],
  ['--vrde-port default --vrde-address 0.0.0.0', { console: { rdpPort: '0.0.0.0:3389' } }],
  ['--vrdeaddress ::1 --vrdeport 3390', { console: { rdpPort: '[::1]:3390' } }],
  ['-vrde off', { console: { access: 'off', share: 'view-only' } }, { console: { share: 'view-only' } }],
  ['--vrdemulticon on', { console: { share: 'shared' } }],
  ['--vrde-multi-con off --vrde-reuse-con on', { console: { share: 'takeover' } }],
  ['--clipboard-mode bidirectional --autostart-enabled on', { console: { clipboard: 'both' }, autostart: true }],
  [
    '--ostype Ubuntu_64 --vram 16 --ioapic on --uart1 0x3F8 4 --uartmode1 server /tmp/x --rtcuseutc on --x86-pae off --memory 512',
    { memory: 512 },
  ],
])('modifyvm desk %s', async (line, expected, before = {}) => {
  const found = await defined(`modifyvm desk ${line}`, { demo: true, ...before });
  expect(found).toEqual({ ...before, demo: true, ...expected });
});

describe('disks and drives', () => {
  const HDD = 'storageattach desk --storagectl SATA --port 0 --device 0 --type hdd --medium';
  const DVD = "storageattach desk --storagectl 'IDE Controller' --port=1 --device=0 --type=dvddrive --medium";
  const EMPTY = { boot: ['floppy', 'cdrom', 'disk', 'network'] } as const satisfies MachineConfig;

  test.each<[line: string, before: MachineConfig, after: MachineConfig]>([
    [`${HDD} /d/a.vdi`, EMPTY, { disks: [{ file: '/d/a.vdi' }] }],
    [`${HDD} /d/b.vdi`, { disks: [{ file: '/d/a.vdi' }] }, { disks: [{ file: '/d/b.vdi' }] }],
    [`${HDD} none`, { disks: [{ file: '/d/a.vdi' }] }, EMPTY],
    [
      `${HDD.replace('port 0', 'port 1')} /d/b.vdi`,
      { disks: [{ file: '/d/a.vdi' }] },
      { disks: [{ file: '/d/a.vdi' }, { file: '/d/b.vdi' }] },
    ],
    [`${DVD} /i/x.iso`, EMPTY, { cdrom: '/i/x.iso' }],
    [`${DVD} emptydrive`, { cdrom: '/i/x.iso', demo: true }, { demo: true }],
    ['storageattach desk --storagectl IDE --port 1 --device 0 --medium /i/x.iso', EMPTY, { cdrom: '/i/x.iso' }],
    [
      'storageattach desk --storagectl IDE --port 0 --device 1 --medium /d/b.img',
      { disks: [{ file: '/d/a.img', bus: 'ide' }] },
      {
        disks: [
          { file: '/d/a.img', bus: 'ide' },
          { file: '/d/b.img', bus: 'ide' },
        ],
      },
    ],
    [
      "storageattach desk --storagectl 'VirtIO SCSI' --medium /d/a.qcow2",
      EMPTY,
      { disks: [{ file: '/d/a.qcow2', bus: 'virtio' }] },
    ],
    [
      'storageattach desk --storagectl LsiLogic --type hdd --medium /d/a.vmdk --mtype readonly',
      EMPTY,
      { disks: [{ file: '/d/a.vmdk', bus: 'scsi', readOnly: true }] },
    ],
    ['storageattach desk --storagectl Floppy --medium /f/dos.img', EMPTY, { floppy: '/f/dos.img' }],
    [
      'storageattach desk --storagectl SATA --port 0 --medium none',
      { disks: [{ file: '/d/a.vdi' }], cdrom: '/i/x.iso', boot: ['cdrom'] },
      { cdrom: '/i/x.iso', boot: ['cdrom'] },
    ],
    [
      'storageattach desk --storagectl SATA --port 0 --type hdd --medium iscsi --server nas --target iqn.2004-04.x:a --lun 2 --username u --password p',
      EMPTY,
      { disks: [{ iscsi: 'iscsi://u%p@nas/iqn.2004-04.x:a/2' }] },
    ],
    [
      'sharedfolder add desk --name work --hostpath /srv/work --readonly --automount',
      { demo: true },
      { demo: true, sharedFolders: [{ name: 'work', path: '/srv/work', readOnly: true }] },
    ],
    [
      'sharedfolder remove desk --name work',
      { demo: true, sharedFolders: [{ name: 'work', path: '/srv/work' }] },
      { demo: true, sharedFolders: [] },
    ],
    ['controlvm desk vrde off', { demo: true }, { demo: true, console: { access: 'off' } }],
    ['controlvm desk vrdeport 3390', { demo: true }, { demo: true, console: { rdpPort: '3390' } }],
    ['controlvm desk clipboard mode hosttoguest', { demo: true }, { demo: true, console: { clipboard: 'to-guest' } }],
  ])('%s', async (line, before, after) => {
    expect(await defined(line, before)).toEqual(after);
  });

  test('a controller is what it is called', async () => {
    for (const line of [
      "--name 'SATA Controller' --add sata --portcount 4 --bootable on",
      '--name IDE --remove',
      '--name disks',
    ]) {
      expect((await ask(`storagectl desk ${line}`)).calls).toEqual([]);
    }
    expect(() => fromVBoxManage(split('storagectl desk --name disks --add ide'))).toThrow(/^storagectl: call it ide/);
  });

  test('a medium is a file of its format and size', () => {
    const medium = (line: string) => mediumOf(parseWords(split(line)));
    expect(medium('disk --filename /d/a --size 1024')).toEqual({ path: '/d/a.vdi', format: 'qcow2', bytes: 2 ** 30 });
    expect(medium('--filename a.vmdk --sizebyte 512 --variant Standard')).toEqual({
      path: resolve('a.vmdk'),
      format: 'vmdk',
      bytes: 512,
    });
    expect(medium('--filename /d/a.img --format VHD --size 1').format).toBe('vpc');
    expect(() => medium('floppy --filename a --size 1')).toThrow('only disks');
    expect(() => medium('--filename a --sizebyte 1G')).toThrow(/^--sizebyte is a whole number/);
    expect(() => medium('--filename a --size 1 --variant Fixed')).toThrow(/^createmedium --variant Fixed/);
  });

  test.skipIf(QEMU_IMG === undefined)('and is made once', async () => {
    const make = async () => {
      const deed = fromVBoxManage(['createmedium', 'disk', '--filename', join(folder, 'a.vdi'), '--size', '8']);
      return (deed as { here: () => Promise<string> }).here();
    };
    expect(await make()).toMatch(/^Medium created\. UUID: .*a\.vdi\n$/);
    const config = await defined(
      `storageattach desk --storagectl SATA --type hdd --medium ${join(folder, 'a.vdi')}`,
      EMPTY,
    );
    expect(config).toEqual({ disks: [{ file: join(folder, 'a.vdi'), format: 'qcow2' }] });
    await expect(make()).rejects.toThrow('there is a file');
  });
});

test('a machine is created with nothing in it, and gets its parts later', async () => {
  const { calls, text } = await ask('createvm --name desk --ostype Debian_64 --register --basefolder /vms');
  const [[name, params]] = calls as [[string, { config: MachineConfig }]];
  expect([name, params]).toEqual([
    'machine.create',
    { name: 'desk', config: { boot: ['floppy', 'cdrom', 'disk', 'network'] } },
  ]);
  expect(checkConfig(params.config)).toEqual([]);
  expect(text).toBe(
    "Virtual machine 'desk' is created and registered.\nUUID: desk\nSettings file: '/machines/desk/machine.yaml'\n",
  );
});

test('what has nothing to boot yet keeps the network in its order', async () => {
  const { config } = ((await ask('createvm --name desk')).calls as [[string, { config: MachineConfig }]])[0][1];
  const ordered = await defined('modifyvm desk --boot1 disk --boot2 none --boot3 none --boot4 none', config);
  expect(ordered).toEqual({ boot: ['disk', 'network'] });
});

test('some ask for something else than a definition', async () => {
  expect((await ask('controlvm desk guestmemoryballoon 256')).calls).toEqual([
    ['machine.balloon', { machine: 'desk', memoryMiB: 768 }],
  ]);
  expect(await ask('snapshot desk restorecurrent')).toEqual({
    calls: [['snapshot.restore', { machine: 'desk', snapshot: 's2' }]],
    text: "Restoring snapshot 'later' (s2)\n",
  });
  expect((await ask('snapshot desk list --machinereadable')).text).toBe(
    'SnapshotName="clean"\nSnapshotUUID="s1"\nSnapshotName-1="later"\nSnapshotUUID-1="s2"\nCurrentSnapshotName="later"\nCurrentSnapshotUUID="s2"\nCurrentSnapshotNode="SnapshotName-1"\n',
  );
});

test('what people read has what scripts look for', async () => {
  const { text } = await ask('showvminfo desk --details');
  expect(text).toMatch(/^Name: {24}desk\n/);
  expect(text).toContain('State:                       running (since 2026-11-21T12:00:00.000000000)\n');
  expect((await ask('snapshot desk list')).text).toBe('   Name: clean (UUID: s1)\n      Name: later (UUID: s2) *\n');
});

test('what is imported is not changed on the way, and that is said', () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  fromVBoxManage(split('import a.ova --vsys 0 --vmname desk --eula accept --memory 2048 --cpus 2'));
  expect(written.mock.calls).toEqual([['vitrine: of what is imported nothing is changed; left out: memory, cpus\n']]);
});

test('who changes a machine that runs is told when it takes effect', async () => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  onTestFinished(() => written.mockRestore());
  await ask('modifyvm desk --memory 512', {}, null);
  await ask('controlvm desk vrde off', {}, 4711);
  expect(written).not.toHaveBeenCalled();
  await ask('storageattach desk --storagectl IDE --type dvddrive --medium emptydrive', {}, 4711);
  expect(written.mock.calls).toEqual([['vitrine: desk runs: it takes effect at its next start\n']]);
});

test.each([
  'controlvm a teleport',
  'controlvm a constructor',
  'controlvm a',
  'controlvm a screenshotpng x 1',
  'unregistervm a',
  'createvm --register',
  'modifyvm a --memory',
  'modifyvm a --memory much',
  'modifyvm a --nic1 intnet',
  'modifyvm a --boot1 usb',
  'modifyvm a --natpf1 delete ssh',
  'modifyvm a --macaddress1 12',
  'modifyvm a --pci-attach 1:0.0',
  'modifyvm a --name b',
  'modifyvm a --constructor x',
  'storageattach a --port 0',
  'storageattach a --storagectl SATA --medium additions',
  'storageattach a --storagectl SATA --medium host:/dev/sr0',
  'storagectl a --name x --add usb',
  'sharedfolder share a --name x',
  'snapshot a edit x',
  'list hdds',
  'export a -o a.ova',
  'guestproperty get a x',
])('%s is refused in one line that helps', async (line) => {
  const refused = (async () => {
    const deed = fromVBoxManage(split(line));
    if (deed !== undefined && 'ask' in deed) await deed.ask({ call: async () => ({ config: {} }) } as never);
  })();
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(/^[^\n]{15,}[^.\n]$/);
});

test('what programs read is as VBoxManage writes it', () => {
  const machine: MachineDetails = {
    ...machineView('desk'),
    config: {
      ...{ firmware: 'uefi', boot: ['cdrom', 'disk'], cdrom: '/i/x.iso', disks: [{ file: '/d/a.vdi' }] },
      nics: [NAT, { type: 'bridge', bridge: 'br0', mac: '08:00:27:a1:b2:c3' }],
      console: { rdpPort: '0.0.0.0:3390-3391' },
    },
    folder: '/machines/desk',
    ports: { rdp: '192.0.2.1:3391', vnc: null },
    snapshots: [{ ...SNAPSHOT, current: true }],
    diskBytes: 0,
  };
  expect(factsAsVBoxManage(machine).split('\n')).toEqual([
    ...['name="desk"', 'UUID="desk"', 'CfgFile="/machines/desk/machine.yaml"', 'description="a desk"'],
    ...['memory=1024', 'firmware="EFI"', 'cpus=2'],
    ...['boot1="dvd"', 'boot2="disk"', 'boot3="none"', 'boot4="none"'],
    ...['VMState="running"', 'VMStateChangeTime="2026-11-21T12:00:00.000000000"'],
    ...['"SATA-0-0"="/d/a.vdi"', '"DVD-0-0"="/i/x.iso"'],
    ...['nic1="nat"', 'nic2="bridged"', 'macaddress2="080027A1B2C3"', 'bridgeadapter2="br0"'],
    ...['vrde="on"', 'vrdeport=3391', 'vrdeports="3390,3391"', 'vrdeaddress="0.0.0.0"'],
    'VideoMode="1024,768,32"@0,0 1',
    ...['SnapshotName="clean"', 'SnapshotUUID="s1"'],
    ...['CurrentSnapshotName="clean"', 'CurrentSnapshotUUID="s1"', 'CurrentSnapshotNode="SnapshotName"', ''],
  ]);
  expect(namesAsVBoxManage([machine])).toBe('"desk" {desk}\n');
});
