import { describe, expect, test } from 'vitest';
import type { MachineConfig } from '../../src/catalog/config.js';
import { formatConfig, parseConfig, problemLine } from '../../src/catalog/yaml.js';

/** The lines that somebody reads who has made a mistake. */
function complaints(text: string): string[] {
  return (parseConfig(text).problems ?? []).map((problem) => problemLine('machine.yaml', problem));
}

const EVERYTHING: MachineConfig = {
  description: 'the one in the corner\nsecond line',
  engine: 'qemu',
  accel: 'tcg',
  memory: 2048,
  cpus: 2,
  firmware: 'uefi',
  tpm: true,
  boot: ['cdrom', 'disk', 'network'],
  disks: [
    { file: 'disk.qcow2', size: '20G', bus: 'virtio' },
    { file: '/srv/data.img', format: 'raw', readOnly: true },
    { iscsi: 'iscsi://me%secret@storage:3261/iqn.2020-01.org.example:disk/1' },
  ],
  cdrom: 'install.iso',
  nics: [
    {
      type: 'user',
      model: 'e1000',
      mac: '52:54:00:01:02:03',
      forwards: ['tcp::2222::22', 'udp:127.0.0.1:53:10.0.2.15:53'],
    },
    { type: 'bridge', bridge: 'br0' },
  ],
  sharedFolders: [{ name: 'data', path: '/srv/data', readOnly: true, via: 'virtiofs' }],
  usb: ['046d:c52b'],
  audio: true,
  display: { count: 1, width: 1280, height: 800 },
  pointer: 'tablet',
  qemuArgs: ['-global', 'x=y'],
  console: { share: 'takeover', clipboard: 'both', access: 'on', rdpPort: '3389,5000-5010', vncPort: '[::]:5901' },
  restart: 'always',
  autostart: true,
  idle: { action: 'save', afterMinutes: 30 },
  access: { alice: 'admin', '@staff': 'use' },
};

describe('machine.yaml', () => {
  test('what is written is read again, every field of it', () => {
    expect(parseConfig(formatConfig(EVERYTHING))).toEqual({ config: EVERYTHING });
  });

  test('fields come in one order, whatever order they had', () => {
    const reversed = Object.fromEntries(Object.entries(EVERYTHING).reverse()) as MachineConfig;
    expect(formatConfig(reversed)).toBe(formatConfig(EVERYTHING));
    expect(formatConfig({ disks: [{ size: '1G', file: 'a.qcow2' }], memory: 64, description: 'x' })).toBe(
      'description: x\nmemory: 64\ndisks:\n  - file: a.qcow2\n    size: 1G\n',
    );
  });

  test.each([
    ['demo: true\n\nmemory: lots', ['machine.yaml line 3: memory: must be a whole number of MiB, 4 or more']],
    ['demo: true\nmemory: 2', ['machine.yaml line 2: memory: must be a whole number of MiB, 4 or more']],
    ['demo: true\nmemry: 64', ['machine.yaml line 2: memry: there is no such field, did you mean memory?']],
    ['demo: true\nxyzzy: 64', ['machine.yaml line 2: xyzzy: there is no such field']],
    [
      'disks:\n  - file: a.qcow2\n  - fiel: b.qcow2\ncpus: 0',
      [
        'machine.yaml line 3: disks[1].fiel: there is no such field, did you mean file?',
        'machine.yaml line 4: cpus: must be a whole number from 1 to 255',
      ],
    ],
    ['demo: yes', ['machine.yaml line 1: demo: must be true or false']],
    ['demo: true\nengine: kvm', ['machine.yaml line 2: engine: must be one of auto, emulator, qemu']],
    ['demo: true\nnics:\n  - mac: "52:54:00:00:00:01"', ['machine.yaml line 3: nics[0].type: must be given']],
    [
      'demo: true\naccess:\n  bob: owner',
      ['machine.yaml line 3: access.bob: must be one of view, use, operate, admin'],
    ],
    ['demo: true\naccess:\n  "@": use', ['machine.yaml line 3: access.@: must be a user name or @GROUP']],
    ['cdrom: ""', ['machine.yaml line 1: cdrom: must be one line of 1 to 4095 characters']],
    ['', ['machine.yaml line 1: empty']],
    ['- a', [expect.stringContaining('machine.yaml line 1: must be fields with values')]],
    ['demo: true\ndemo: true', ['machine.yaml line 2: map keys must be unique']],
    ['disks:\n  - file: a\n    "file": b', ['machine.yaml line 3: map keys must be unique']],
    ['demo: [true', [expect.stringMatching(/^machine\.yaml line 1: flow sequence in block collection/)]],
    ['demo: !!js/function x', [expect.stringMatching(/^machine\.yaml line 1: unresolved tag/)]],
  ])('names line and field: %j', (text, lines) => {
    expect(complaints(text)).toEqual(lines);
  });

  test.each([
    ['memory: 64', '', 'nothing to boot: give disks, cdrom, floppy, kernel, demo, or network in boot'],
    ['demo: true\nappend: quiet', 'append', 'needs kernel'],
    ['demo: true\ntemplate: true\nautostart: true', 'autostart', 'a template is never started'],
    ['demo: true\npool: {type: per-user}', 'pool', 'needs template: true'],
    ['disks: [{}]', 'disks[0]', 'needs file, iscsi, or size for a disk that is to be created'],
    ['disks: [{file: a.img}, {file: ./a.img}]', 'disks[1]', 'is the same image as disks[0]'],
    ['disks: [{file: /srv/a.qcow2, size: 1G}]', 'disks[0].file', expect.stringContaining('in the machine’s folder')],
    ['disks: [{file: ../a.qcow2, size: 1G}]', 'disks[0].file', expect.stringContaining('in the machine’s folder')],
    ['disks: [{size: 1.5G}]', 'disks[0].size', 'must be bytes, with K, M, G or T for powers of 1024: 20G'],
    ['disks: [{iscsi: "iscsi://host/target"}]', 'disks[0].iscsi', expect.stringContaining('/TARGET/LUN')],
    ['disks: [{iscsi: "iscsi://h/t/1", size: 1G}]', 'disks[0].size', 'cannot go together with iscsi'],
    [
      'demo: true\nnics: [{type: user, forwards: ["tcp:22:22"]}]',
      'nics[0].forwards[0]',
      expect.stringContaining('tcp::2222::22'),
    ],
    ['demo: true\nnics: [{type: user, forwards: ["tcp::70000::22"]}]', 'nics[0].forwards[0]', expect.anything()],
    ['demo: true\nnics: [{type: user, forwards: ["tcp:1.2.3.999:1::1"]}]', 'nics[0].forwards[0]', expect.anything()],
    [
      'demo: true\nnics: [{type: user, forwards: ["tcp::80::80", "tcp::80::81"]}]',
      'nics',
      'two forwards listen on tcp::80::81',
    ],
    ['demo: true\nnics: [{type: bridge}]', 'nics[0].bridge', 'must be given for type bridge: br0'],
    ['demo: true\nnics: [{type: user, bridge: br0}]', 'nics[0].bridge', 'needs type: bridge'],
    [
      'demo: true\nnics: [{type: user, mac: "53:54:00:00:00:01"}]',
      'nics[0].mac',
      expect.stringContaining('group address'),
    ],
    ['demo: true\nnics: [{type: user, mac: "5254.0000.0001"}]', 'nics[0].mac', expect.stringContaining('six bytes')],
    [
      'demo: true\nnics: [{type: user, mac: "52:54:00:0a:00:01"}, {type: user, mac: "52:54:00:0A:00:01"}]',
      'nics[1].mac',
      'is the MAC address of nics[0] too',
    ],
    ['demo: true\nconsole: {rdpPort: "0"}', 'console.rdpPort', expect.stringContaining('3390,5000-5010')],
    ['demo: true\nconsole: {vncPort: "5010-5000"}', 'console.vncPort', expect.anything()],
    ['demo: true\ndisplay: {width: 1024}', 'display', 'needs width and height together'],
    ['demo: true\nsharedFolders: [{name: a, path: srv}]', 'sharedFolders[0].path', 'must be absolute'],
    ['demo: true\nboot: [disk, disk]', 'boot[1]', 'is there twice'],
    ['demo: true\nengine: emulator\nfirmware: uefi', 'engine', 'the embedded emulator has no UEFI'],
  ])('says what does not fit together: %s', (text, field, message) => {
    expect(parseConfig(text).problems).toEqual([{ line: expect.any(Number), field, message }]);
  });

  test('accepts what looks odd but is right', () => {
    for (const text of [
      'demo: true',
      'boot: [network]',
      'qemuArgs: [-hda, x]',
      'disks: [{size: "4096"}]',
      'disks: [{iscsi: "iscsi://[::1]:3260/iqn.x:y/0"}]',
      'demo: true\nboot: &order [network]\nqemuArgs: *order',
    ]) {
      expect(parseConfig(text).problems, text).toBeUndefined();
    }
  });

  test('aliases are bounded, nesting and size too', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg', 'ih']) {
      bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`);
    }
    expect(complaints(bomb.join('\n'))).toEqual([expect.stringContaining('alias')]);
    expect(complaints('['.repeat(100_000))).toHaveLength(1);
    expect(complaints(`description: ${'x'.repeat(300_000)}`)).toEqual([expect.stringContaining('longer than 256 KiB')]);
    expect(complaints(`demo: true\n${Array.from({ length: 5000 }, (_, i) => `field${i}: 1`).join('\n')}`)).toHaveLength(
      20,
    );
  });

  test('what is wrong is told in a line, whatever somebody wrote', () => {
    const strange = [`demo: true\naccess: {"a\\nb\\e[2J": view}`, '!'.repeat(9999), `${'x'.repeat(9999)}: 1`];
    for (const text of strange) {
      const [problem] = parseConfig(text).problems!;
      expect(problemLine('machine.yaml', problem!)).toMatch(/^machine\.yaml line \d: [^\p{Cc}]{10,250}$/u);
    }
  });

  test('keys that JavaScript objects have already are fields like others', () => {
    expect(complaints('__proto__: {demo: true}')).toEqual([expect.stringContaining('no such field')]);
    expect(complaints('demo: true\nconstructor: 1')).toEqual([expect.stringContaining('no such field')]);
    const { config } = parseConfig('demo: true\naccess: {constructor: use}');
    expect(Object.hasOwn(config!.access!, 'constructor')).toBe(true);
  });
});
