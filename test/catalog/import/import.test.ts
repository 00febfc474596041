import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Problem } from '../../../src/base/errors.js';
import { checkConfig } from '../../../src/catalog/check.js';
import { type Imported, machineName } from '../../../src/catalog/import/imported.js';
import { importLibvirt } from '../../../src/catalog/import/libvirt.js';
import { importOvf } from '../../../src/catalog/import/ovf.js';
import { importVbox } from '../../../src/catalog/import/vbox.js';
import { parseXml } from '../../../src/catalog/import/xml.js';

const sample = (name: string): string => readFileSync(new URL(`samples/${name}`, import.meta.url), 'utf8');

/** The definition is one, and each line is one. */
function sound(imported: Imported): Imported {
  expect(checkConfig(imported.config)).toEqual([]);
  for (const line of imported.notCarriedOver) expect(line).toMatch(/^[^\n]{5,250}[^.\n]$/);
  expect(new Set(imported.notCarriedOver).size).toBe(imported.notCarriedOver.length);
  return imported;
}

describe('VirtualBox', () => {
  test('7.1 with its processors in the platform', () => {
    const hardware = '<Hardware><Memory RAMSize="4096"/><Firmware type="EFI"/></Hardware>';
    const machine = (architecture: string) =>
      `<VirtualBox version="1.20-linux"><Machine name="desk">${hardware}<Platform architecture="${architecture}">
        <RTC localOrUTC="local"/><Chipset type="ICH9"/><CPU count="2"><PAE enabled="true"/></CPU><x86><CPU/></x86>
      </Platform></Machine></VirtualBox>`;
    const { config, notCarriedOver } = sound(importVbox(machine('x86'), '/vms'));
    expect(config).toMatchObject({ cpus: 2, memory: 4096, firmware: 'uefi', qemuArgs: ['-rtc', 'base=localtime'] });
    const remoteDisplay = expect.stringContaining('its remote display was off');
    expect(notCarriedOver).toEqual([remoteDisplay]);
    expect(sound(importVbox(machine('ARM'), '/vms')).notCarriedOver).toEqual([
      'its processor’s kind (ARM): guests here are x86, and this one will not boot',
      remoteDisplay,
    ]);
  });

  test('7.0 with everything', () => {
    const { name, config, notCarriedOver } = sound(importVbox(sample('windows-7.0.vbox'), '/vms/Front desk'));
    expect(name).toBe('Front-desk-Buro');
    expect(config).toEqual({
      description: 'The PC at the counter.\nAsk for <Ms Smith>.',
      cpus: 4,
      memory: 8192,
      firmware: 'uefi',
      tpm: true,
      boot: ['cdrom', 'disk', 'network'],
      qemuArgs: ['-rtc', 'base=localtime'],
      disks: [
        { file: '/vms/Front desk/Front desk.vdi', format: 'vdi', bus: 'sata' },
        { file: '/srv/data.vmdk', format: 'vmdk', bus: 'nvme' },
        { iscsi: 'iscsi://10.0.0.9/iqn.2020-01.org.example:disk/2', bus: 'scsi' },
      ],
      cdrom: '/isos/drivers.iso',
      nics: [
        {
          type: 'user',
          model: 'e1000',
          mac: '08:00:27:0a:0b:0c',
          forwards: ['tcp::13389::3389', 'udp:127.0.0.1:53:10.0.2.15:53'],
        },
        { type: 'bridge', model: 'virtio', mac: '08:00:27:0a:0b:0d', bridge: 'enp3s0' },
        { type: 'none', model: 'pcnet', mac: '08:00:27:0a:0b:0e' },
      ],
      audio: true,
      display: { count: 2 },
      console: { clipboard: 'from-guest', rdpPort: '192.168.1.5:3389,5000-5010', share: 'shared' },
      sharedFolders: [{ name: 'scans', path: '/srv/scans', readOnly: true }],
      usb: ['04b8:0202'],
    });
    const lost = [
      'the CPU cap of 80%',
      'the firmware’s settings in Front desk.nvram',
      'what the TPM holds',
      'SATA port 1: /vms/Front desk/secret.vdi is encrypted',
      'SATA port 3: the host’s drive /dev/sr0',
      'NVMe port 0: that its changes are forgotten (Immutable)',
      'LsiLogic port 0: the password of the iSCSI server',
      'LsiLogic: its controller LsiLogic becomes QEMU’s own',
      'network card 2: VirtualBox bridges onto enp3s0 itself',
      'network card 3: an internal network (backstage)',
      '3D acceleration',
      'drag and drop',
      'the shared folder My Documents',
      'the mounting of shared folders',
      'the USB filter Anything by Acme',
      'serial port 1 (HostPipe)',
      'the accounts of its remote display (External)',
      'the remote display’s security method Negotiate',
      '2 extra data items',
      'Sparkles: not known here',
    ];
    expect(notCarriedOver.map((line, i) => line.startsWith(lost[i] ?? '?') || `${line} | ${lost[i]}`)).toEqual(
      lost.map(() => true),
    );
  });

  test('6.1 with snapshots: a disk that is a difference is not taken for its base', () => {
    const { config, notCarriedOver } = sound(importVbox(sample('linux-6.1.vbox'), '/vms/debian'));
    expect(config).toEqual({
      cpus: 1,
      memory: 1024,
      disks: [{ file: '/vms/debian/scratch.vhd', format: 'vpc', bus: 'ide' }],
      floppy: '/vms/debian/boot.img',
      nics: [{ type: 'none' }],
      pointer: 'mouse',
      console: { clipboard: 'off' },
    });
    expect(notCarriedOver).toEqual([
      'the saved state: only VirtualBox can go on from it',
      expect.stringMatching(/^IDE port 0: .*0011}\.vdi holds only what changed since a snapshot/),
      'IDE port 1: its image is listed in VirtualBox.xml rather than here; add it by its path',
      expect.stringContaining('its remote display was off'),
      '2 snapshots: only the present state can be read',
    ]);
  });

  test.each([
    ['false', 'false', 'exclusive'],
    ['false', 'true', 'takeover'],
    ['true', 'false', 'shared'],
  ])('remote display: many %s, reuse %s', (many, reuse, share) => {
    const { config, notCarriedOver } = importVbox(
      `<VirtualBox><Machine name="x"><Hardware><RemoteDisplay enabled="true" allowMultiConnection="${many}" reuseSingleConnection="${reuse}">
         <VRDEProperties><Property name="TCP/Ports" value="3390"/></VRDEProperties></RemoteDisplay></Hardware></Machine></VirtualBox>`,
      '/',
    );
    expect(config.console).toEqual({ rdpPort: '3390', share });
    expect(notCarriedOver).toContain('that anybody could watch without a password: here everybody logs in');
  });
});

describe('libvirt', () => {
  test('a domain with everything', () => {
    const { name, config, notCarriedOver } = sound(importLibvirt(sample('domain.xml')));
    expect(name).toBe('build-host');
    expect(config).toEqual({
      description: 'Builds',
      memory: 4096,
      cpus: 2,
      firmware: 'uefi',
      restart: 'never',
      boot: ['cdrom', 'disk'],
      disks: [
        { file: '/var/lib/libvirt/images/build.qcow2', format: 'qcow2', bus: 'virtio' },
        { file: '/dev/vg0/scratch', format: 'raw', bus: 'scsi', readOnly: true },
        { iscsi: 'iscsi://example.com:3260/iqn.2013-07.com.example:iscsi/2', bus: 'virtio' },
      ],
      cdrom: '/isos/debian.iso',
      nics: [
        { type: 'bridge', model: 'virtio', mac: '52:54:00:6b:3c:58', bridge: 'virbr0' },
        { type: 'bridge', model: 'e1000e', mac: '52:54:00:6b:3c:59', bridge: 'br0' },
        { type: 'none', mac: '52:54:00:6b:3c:60' },
      ],
      sharedFolders: [{ name: 'src', path: '/srv/src', via: 'virtiofs' }],
      usb: ['046d:c52b'],
      audio: true,
      tpm: true,
      display: { count: 2 },
      pointer: 'tablet',
      console: { vncPort: '0.0.0.0:5905' },
      qemuArgs: ['-global', 'ICH9-LPC.disable_s3=1'],
    });
    for (const start of [
      'a balloon that leaves 2048 MiB',
      '2 processors to plug in later',
      'the firmware’s settings in /var/lib/libvirt/qemu/nvram/build_VARS.fd',
      'Secure Boot',
      'disk vdb: the password of the iSCSI server',
      'disk vdc: storage of type rbd',
      'network card 1: libvirt’s network “default”',
      'network card 2: its limits',
      'network card 3: its model vmxnet3',
      'network card 3: a connection of type direct (eth0)',
      'what the TPM holds',
      '3D acceleration',
      'a pci device of the host',
      'its serial port',
      'its watchdog',
      'its arguments for QEMU are taken as they are (-global ICH9-LPC.disable_s3=1)',
      'its random number generator',
      'channels to agents in the guest (org.qemu.guest_agent.0)',
      'the password of its vnc display',
      'its SPICE display',
      'teapot: not known here',
      'cputune',
      'the CPU model (host-passthrough)',
    ]) {
      expect(
        notCarriedOver.filter((line) => line.startsWith(start)),
        start,
      ).toHaveLength(1);
    }
    expect(notCarriedOver).toHaveLength(23);
  });

  test.each([
    ['<memory>1048576</memory>', 1024],
    ["<memory unit='MB'>2000</memory>", 1907],
    ["<memory unit='bytes'>1073741824</memory>", 1024],
    ["<memory unit='TiB'>1</memory>", 1 << 20],
  ])('%s', (memory, mib) => {
    expect(
      importLibvirt(`<domain type='qemu'><name>x</name>${memory}<os><boot dev='network'/></os></domain>`).config.memory,
    ).toBe(mib);
  });

  test('says what cannot be a machine here', () => {
    expect(() => importLibvirt("<domain type='lxc'><name>x</name></domain>")).toThrow('type lxc');
    expect(() => importLibvirt("<domain type='qemu'><os><type arch='aarch64'>hvm</type></os></domain>")).toThrow(
      'aarch64',
    );
  });
});

describe('OVF', () => {
  test('an appliance of VMware', () => {
    const imported = importOvf(sample('appliance.ovf'));
    const { name, config, notCarriedOver, disks } = imported;
    sound(imported);
    expect(name).toBe('appliance-2');
    expect(config).toEqual({
      description: 'Log in as root.',
      cpus: 2,
      memory: 512,
      firmware: 'uefi',
      disks: [
        { file: 'disk.qcow2', bus: 'scsi' },
        { size: '2G', bus: 'sata' },
      ],
      nics: [{ type: 'user', model: 'e1000' }],
      audio: true,
    });
    expect(disks).toEqual([{ href: 'appliance-disk001.vmdk', format: 'vmdk', file: 'disk.qcow2' }]);
    expect(notCarriedOver).toEqual([
      expect.stringContaining('its SCSI controller lsilogic'),
      expect.stringContaining('the network “VM Network”'),
      'VMCI device (type 1): not known here',
      'its licence: it was not shown to anybody',
      expect.stringContaining('vApp'),
    ]);
  });

  test('says what it cannot take', () => {
    const change = (from: string, to: string) => () => importOvf(sample('appliance.ovf').replace(from, to));
    expect(change('ovf:size="65536"', 'ovf:size="65536" ovf:compression="gzip"')).toThrow('is compressed (gzip)');
    expect(change('ovf:size="65536"', 'ovf:size="65536" ovf:chunkSize="1000"')).toThrow('is cut into pieces');
    expect(change('ovf:id="file1"', 'ovf:id="file9"')).toThrow('refers to a file file1');
    expect(() => importOvf('<Envelope/>')).toThrow('holds no machine');
    const two =
      '<Envelope><VirtualSystemCollection><VirtualSystem/><VirtualSystem/></VirtualSystemCollection></Envelope>';
    expect(() => importOvf(two)).toThrow('holds 2 machines');
  });
});

describe('XML', () => {
  test.each([
    ['', 'is not well-formed'],
    ['<a><b></a>', 'is not well-formed: line 1'],
    ['<b/>', 'has no element a: it is something else'],
    ['<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', 'has a document type'],
    ['<!doctype a><a/>', 'has a document type'],
    [`<a>${'x'.repeat(9 << 20)}</a>`, 'is larger than 8 MiB'],
    [`${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`, 'cannot be read'],
  ])('%#', (text, message) => {
    let thrown: unknown;
    try {
      parseXml(text, 'the file', 'a');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Problem);
    expect((thrown as Problem).message).toContain(`the file ${message}`);
    expect((thrown as Problem).message).not.toContain('\n');
  });

  test('the five entities and numbers are characters, others stay', () => {
    const root = parseXml('<a b="&quot;&#65;&#x42;&amp;lt;">&lt;&x;&gt;</a>', 'the file', 'a');
    expect([root.attribute('b'), root.text]).toEqual(['"AB&lt;', '<&x;>']);
    expect(root.attribute('__proto__')).toBeUndefined();
  });

  test('names become names', () => {
    expect(['Büro 1', '--x', '日本', 'a/../b', 'x'.repeat(80)].map(machineName)).toEqual([
      'Buro-1',
      'x',
      'imported',
      'a-..-b',
      'x'.repeat(63),
    ]);
  });
});

describe('files of others', () => {
  const vbox = (inside: string, version = '1.19-linux') =>
    importVbox(`<VirtualBox version="${version}"><Machine name="a">${inside}</Machine></VirtualBox>`, '/vms');
  const disk = (location: string, more = '') =>
    `<MediaRegistry><HardDisks><HardDisk uuid="{1}" location="${location}" format="VDI"/></HardDisks></MediaRegistry>
     <Hardware>${more}<StorageControllers><StorageController name="SATA" type="AHCI">
     <AttachedDevice type="HardDisk" port="0"><Image uuid="{1}"/></AttachedDevice>
     </StorageController></StorageControllers></Hardware>`;
  const ovf = (items: string) =>
    importOvf(`<Envelope><VirtualSystem id="a"><VirtualHardwareSection>${items}</VirtualHardwareSection>
      </VirtualSystem></Envelope>`);

  test.each([
    ['MegaBytes', 512],
    ['byte * 2^20', 512],
    ['byte*2^30', 512 << 10],
    ['GigaBytes', 512 << 10],
    ['GiB', 512 << 10],
    ['MB', 512],
    ['KiB', 4],
    ['', 512],
    ['apples', 512],
    [`byte${' '.repeat(1e6)}x`, 512],
  ])('have memory in %.20j', (unit, mib) => {
    const { config } = ovf(`<Item><ResourceType>4</ResourceType><AllocationUnits>${unit}</AllocationUnits>
      <VirtualQuantity>512</VirtualQuantity></Item>`);
    expect(config.memory).toBe(mib);
  });

  test('are told of in no more lines than somebody reads, and lines that are lines', () => {
    const strange = Array.from({ length: 5000 }, (_, i) => `<x${i}/>`).join('');
    const { notCarriedOver } = sound(vbox(disk('a.vdi') + strange));
    expect([notCarriedOver.length, notCarriedOver.at(-1)]).toEqual([201, expect.stringMatching(/^\d+ more things$/)]);
    const port = `<UART><Port slot="0" enabled="true" hostMode="&#27;[2J&#10;x${'y'.repeat(9999)}"/></UART>`;
    const lines = vbox(disk('a.vdi', port)).notCarriedOver;
    expect(lines.filter((line) => /^serial port 1 \( \[2J xy{200,300}…$/.test(line))).toHaveLength(1);
    expect(() => ovf('<Item/>'.repeat(501))).toThrow('lists 501 devices');
    const flood = () => importVbox('<'.repeat(1e6), '/vms');
    expect(flood).toThrow(/^the VirtualBox file is not well-formed: .{1,150}$/);
  });

  test.each(['C:/Users/Me/VMs/a.vdi', 'C:\\Users\\Me\\a.vdi', '\\\\server\\share\\a.vdi'])(
    'that lay on Windows have their disks beside them: %s',
    (location) => {
      const { config, notCarriedOver } = sound(vbox(disk(location)));
      expect(config.disks).toEqual([{ file: '/vms/a.vdi', format: 'vdi', bus: 'sata' }]);
      expect(notCarriedOver[0]).toBe(`SATA port 0: ${location} lay on Windows; /vms/a.vdi is taken for it`);
    },
  );

  test('show their screen as their version means it', () => {
    const properties = '<VRDEProperties><Property name="TCP/Ports" value="5947"/></VRDEProperties>';
    const port = (version: string, enabled: string) => {
      const display = `<Hardware><RemoteDisplay${enabled}>${properties}</RemoteDisplay></Hardware>`;
      return vbox(display, version).config.console?.rdpPort;
    };
    expect(port('1.15-linux', '')).toBe('5947');
    expect(port('1.15-linux', ' enabled="false"')).toBe(undefined);
    expect(port('1.16-linux', '')).toBe(undefined);
    expect(port('1.16-linux', ' enabled="true"')).toBe('5947');
  });

  test('that cannot be read say why', () => {
    const root = (inside: string) => () => importVbox(`<VirtualBox>${inside}</VirtualBox>`, '/vms');
    expect(root('<MachineEncrypted/>')).toThrow('the VirtualBox file is encrypted: decrypt it in VirtualBox first');
    expect(root('<Global/>')).toThrow('the VirtualBox file holds no machine');
  });

  test('keep a network as near as it can be', () => {
    const { config, notCarriedOver } = vbox(
      `<Hardware><Network><Adapter slot="0" enabled="true" type="virtio"><NATNetwork name="lab"/></Adapter></Network></Hardware>`,
    );
    expect(config.nics).toEqual([{ type: 'user', model: 'virtio' }]);
    expect(notCarriedOver[0]).toContain('network card 1: the NAT network lab; it is alone');
    const domain = importLibvirt(`<domain type="kvm"><devices><interface type="bridge"><source bridge="VM Network"/>
      </interface></devices></domain>`);
    expect(domain.config.nics).toEqual([{ type: 'none' }]);
    expect(domain.notCarriedOver[0]).toContain('the bridge VM Network');
  });

  test('do not hold up whoever imports them', () => {
    const ports = `<VRDEProperties><Property name="TCP/Ports" value="1${' '.repeat(1e6)}1"/></VRDEProperties>`;
    const { config } = vbox(`<Hardware><RemoteDisplay enabled="true">${ports}</RemoteDisplay></Hardware>`);
    expect(config.console?.rdpPort).toBe(undefined);
  });
});
