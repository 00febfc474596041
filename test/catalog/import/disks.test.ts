import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importMachine } from '../../../src/catalog/import/import.js';
import { Fixture, imageHolds, problem, QEMU_IMG } from '../fixture.js';

const GRUB = '/usr/lib/grub-rescue/grub-rescue-cdrom.iso';

let at: Fixture;
let folder: string;
beforeEach(async () => {
  at = await Fixture.make();
  folder = at.path('.elsewhere');
  mkdirSync(folder);
});
afterEach(() => at.close());

const OVF = readFileSync(new URL('samples/appliance.ovf', import.meta.url), 'utf8');

/** A disk of 8 MiB with 64 KiB of 0x5a in it, as appliances carry it. */
function appliance(path: string): Buffer {
  const raw = Buffer.alloc(8 << 20);
  raw.fill(0x5a, 128 << 10, 192 << 10);
  writeFileSync(`${path}.raw`, raw);
  execFileSync('qemu-img', [
    ...['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized'],
    ...[`${path}.raw`, path],
  ]);
  return readFileSync(path);
}

type Entry = { name: string; content: Buffer | string; type?: 'symlink' | 'directory'; linkname?: string };

async function writeOva(path: string, entries: readonly Entry[]): Promise<void> {
  const archive = pack();
  for (const { content, ...header } of entries)
    archive.entry({ ...header, size: header.type ? 0 : content.length }, content);
  archive.finalize();
  await pipeline(archive, createWriteStream(path));
}

async function bring(file: string): Promise<void> {
  const { name, config, fill } = await importMachine(file);
  await at.catalog.create(name, config, fill && { fill });
}

describe.skipIf(QEMU_IMG === undefined)('appliances', () => {
  let vmdk: Buffer;
  beforeEach(() => {
    vmdk = appliance(join(folder, 'appliance-disk001.vmdk'));
  });

  test('an OVF file with its disk beside it', async () => {
    writeFileSync(join(folder, 'a.ovf'), OVF);
    await bring(join(folder, 'a.ovf'));
    expect(at.files('appliance-2')).toEqual(['disk.qcow2', 'disk2.qcow2']);
    expect([imageHolds(at.head('appliance-2'), 0x5a, 128), imageHolds(at.head('appliance-2'), 0, 192)]).toEqual([
      true,
      true,
    ]);
    expect((await QEMU_IMG!.info(at.head('appliance-2', 1))).virtualBytes).toBe(2 ** 31);
  });

  test('an OVA file with a manifest', async () => {
    const ova = join(folder, 'a.ova');
    const digest = createHash('sha256').update(vmdk).digest('hex');
    const entries = (sum: string): Entry[] => [
      { name: 'a.ovf', content: OVF },
      { name: 'a.mf', content: `SHA256(a.ovf)= 00\nSHA256(appliance-disk001.vmdk)= ${sum}\n` },
      { name: 'appliance-disk001.vmdk', content: vmdk },
    ];
    await writeOva(ova, entries(digest));
    const heard: number[] = [];
    const { name, config, fill } = await importMachine(ova, { onProgress: ({ doneBytes }) => heard.push(doneBytes) });
    expect(at.catalog.entries()).toEqual([]);
    await at.catalog.create(name, config, { fill: fill! });
    expect(heard.at(-1)).toBe(vmdk.length);
    expect(at.files(name)).toEqual(['disk.qcow2', 'disk2.qcow2']);
    expect(imageHolds(at.head(name), 0x5a, 128)).toBe(true);

    await at.catalog.remove(name);
    await writeOva(ova, entries(digest.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))));
    expect(await problem(bring(ova))).toContain('failed: appliance-disk001.vmdk in ');
    expect(at.catalog.entries()).toEqual([]);
    expect(existsSync(at.path(name))).toBe(false);
  });

  test('archives that would write elsewhere write nothing', async () => {
    const ova = join(folder, 'a.ova');
    const evil = OVF.replace('appliance-disk001.vmdk', '../../../evil.vmdk');
    await writeOva(ova, [
      { name: 'a.ovf', content: evil },
      { name: '../../../evil.vmdk', content: vmdk },
      { name: '../outside.txt', content: 'x' },
    ]);
    await bring(ova);
    expect(existsSync(join(folder, '..', 'outside.txt'))).toBe(false);
    expect(existsSync(at.path('evil.vmdk'))).toBe(false);
    expect(at.files('appliance-2')).toEqual(['disk.qcow2', 'disk2.qcow2']);
    await at.catalog.remove('appliance-2');

    await writeOva(ova, [
      { name: 'a.ovf', content: OVF },
      { name: 'appliance-disk001.vmdk', content: '', type: 'symlink', linkname: '/etc/passwd' },
    ]);
    expect(await problem(bring(ova))).toContain('is a symlink, not a file');
    await writeOva(ova, [
      { name: 'a.ovf', content: OVF },
      { name: 'appliance-disk001.vmdk', content: 'x' },
    ]);
    expect(await problem(bring(ova))).toBe(
      'not-supported: appliance-disk001.vmdk is not a VMDK image in one file: convert it first',
    );
    await writeOva(ova, [{ name: 'a.ovf', content: OVF }]);
    expect(await problem(bring(ova))).toContain('does not hold appliance-disk001.vmdk');
    await writeOva(ova, [{ name: 'a.txt', content: 'x' }]);
    expect(await problem(bring(ova))).toContain('is no OVA file: it begins with a.txt');
    writeFileSync(ova, 'nothing of the kind'.repeat(100));
    expect(await problem(bring(ova))).toContain('bad-request: ');
    writeFileSync(ova, '');
    expect(await problem(bring(ova))).toContain('there is nothing in it');
  });

  test.each(['../up.vmdk', '/etc/passwd', 'http://host/x.vmdk', '.'])(
    'an OVF file that names %s is refused',
    async (href) => {
      writeFileSync(join(folder, 'a.ovf'), OVF.replace('appliance-disk001.vmdk', href));
      expect(await problem(bring(join(folder, 'a.ovf')))).toContain('which is not beside it');
    },
  );

  test('an OVA file that was packed as a folder', async () => {
    const entries: Entry[] = [
      { name: './', content: '', type: 'directory' },
      { name: './a.ovf', content: OVF },
      { name: './appliance-disk001.vmdk', content: vmdk },
    ];
    await writeOva(join(folder, 'a.ova'), entries);
    await bring(join(folder, 'a.ova'));
    expect(imageHolds(at.head('appliance-2'), 0x5a, 128)).toBe(true);
  });

  test('an OVF file beside a link or a pipe', async () => {
    const disk = join(folder, 'appliance-disk001.vmdk');
    writeFileSync(join(folder, 'a.ovf'), OVF.replaceAll(/http:\S*vmdk\.html#\w+/g, 'raw'));
    rmSync(disk);
    symlinkSync('/etc/passwd', disk);
    expect(await problem(bring(join(folder, 'a.ovf')))).toContain('which is not beside it');
    rmSync(disk);
    execFileSync('mkfifo', [disk]);
    expect(await problem(bring(join(folder, 'a.ovf')))).toContain('is no file');
    expect([at.catalog.entries(), readdirSync(at.path('.staging'))]).toEqual([[], []]);
  });

  test('disks that read files of the host are refused', async () => {
    const disk = join(folder, 'appliance-disk001.vmdk');
    writeFileSync(join(folder, 'a.ovf'), OVF);
    writeFileSync(join(folder, 'secret.img'), Buffer.alloc(1 << 20, 7));
    const descriptor = `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 2048 FLAT "secret.img" 0\n`;
    writeFileSync(disk, descriptor);
    expect(await problem(bring(join(folder, 'a.ovf')))).toContain('is not a VMDK image in one file');
    // The same in a sparse image's clothes: capacity 0 makes readers look for a descriptor inside.
    const header = Buffer.alloc(2048);
    header.write('KDMV', 0, 'latin1');
    header.write(descriptor, 512);
    writeFileSync(disk, header);
    expect(await problem(bring(join(folder, 'a.ovf')))).toContain('is not a VMDK image in one file');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', join(folder, 'secret.img'), '-F', 'raw', disk]);
    writeFileSync(join(folder, 'a.ovf'), OVF.replaceAll(/http:\S*vmdk\.html#\w+/g, 'qcow2'));
    expect(await problem(bring(join(folder, 'a.ovf')))).toContain('names another file to read from');
    expect(at.catalog.entries()).toEqual([]);
  });
});

describe.skipIf(QEMU_IMG === undefined)('disks that stay where they are', () => {
  const vbox = (format: string, file: string) =>
    `<VirtualBox version="1.19-linux"><Machine name="v"><MediaRegistry><HardDisks>
       <HardDisk uuid="{1}" location="${file}" format="${format}"/></HardDisks><DVDImages>
       <Image uuid="{2}" location="D:/iso/gone.iso"/></DVDImages></MediaRegistry>
     <Hardware><StorageControllers><StorageController name="SATA" type="AHCI">
       <AttachedDevice type="HardDisk" port="0"><Image uuid="{1}"/></AttachedDevice>
       <AttachedDevice type="DVD" port="1"><Image uuid="{2}"/></AttachedDevice>
     </StorageController></StorageControllers></Hardware></Machine></VirtualBox>`;

  test('are told of where they read other files', async () => {
    const file = join(folder, 'a.vbox');
    const told = async (format: string, name: string): Promise<readonly string[]> => {
      writeFileSync(file, vbox(format, name));
      const { notCarriedOver } = await importMachine(file);
      return notCarriedOver.flatMap((line) => /^disk 1 reads from (.*): whoever/.exec(line)?.[1] ?? []);
    };
    const secret = join(folder, 'secret.img');
    writeFileSync(secret, Buffer.alloc(1 << 20, 7));
    const create = (...args: string[]) => execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args]);
    create('-b', secret, '-F', 'raw', join(folder, 'one.qcow2'));
    create('-b', join(folder, 'one.qcow2'), '-F', 'qcow2', join(folder, 'two.qcow2'));
    create('-o', `data_file=${join(folder, 'data')}`, join(folder, 'three.qcow2'), '1M');
    create(join(folder, 'four.qcow2'), '1M');
    expect(await told('QCOW2', 'two.qcow2')).toEqual([join(folder, 'one.qcow2'), secret]);
    expect(await told('QCOW2', 'three.qcow2')).toEqual(['a data file of its own']);
    expect(await told('QCOW2', 'four.qcow2')).toEqual([]);
    const extent = (name: string) => `# Disk DescriptorFile\nversion=1\nRW 2048 FLAT "${name}" 0\n`;
    writeFileSync(join(folder, 'a.vmdk'), extent('/etc/shadow'));
    expect(await told('VMDK', 'a.vmdk')).toEqual(['/etc/shadow']);
    writeFileSync(join(folder, 'a.vmdk'), extent('a-flat.vmdk'));
    expect(await told('VMDK', 'a.vmdk')).toEqual([]);
    writeFileSync(join(folder, 'a.vmdk'), 'parentFileNameHint="../secret.img"\n');
    expect(await told('VMDK', 'a.vmdk')).toEqual(['../secret.img']);
  });

  test('do not wait for a CD that is not there', async () => {
    writeFileSync(join(folder, 'a.vbox'), vbox('QCOW2', 'a.qcow2'));
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, 'a.qcow2'), '1M']);
    const { notCarriedOver } = await importMachine(join(folder, 'a.vbox'));
    expect(notCarriedOver.at(-1)).toBe(`what was in the CD drive (${join(folder, 'gone.iso')}): there is no such file`);
    await bring(join(folder, 'a.vbox'));
    expect(at.catalog.entry('v').config?.cdrom).toBe(undefined);
  });
});

test('only known kinds of files are looked at', async () => {
  expect(await problem(importMachine('/etc/passwd'))).toContain('bad-request: /etc/passwd: a machine is imported from');
  expect(await problem(importMachine('/nowhere/a.vbox'))).toContain('there is no such file');
});

test.skipIf(QEMU_IMG === undefined || !existsSync(GRUB))(
  'a VirtualBox machine boots from its own disk, where it lies',
  async () => {
    copyFileSync(GRUB, join(folder, 'grub.img'));
    const vdi = join(folder, 'grub.vdi');
    execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vdi', join(folder, 'grub.img'), vdi]);
    writeFileSync(
      join(folder, 'grub.vbox'),
      `<VirtualBox version="1.19-linux"><Machine name="grub"><MediaRegistry><HardDisks>
       <HardDisk uuid="{1}" location="grub.vdi" format="VDI" type="Normal"/></HardDisks></MediaRegistry>
     <Hardware><Memory RAMSize="64"/><StorageControllers><StorageController name="SATA" type="AHCI">
       <AttachedDevice type="HardDisk" port="0" device="0"><Image uuid="{1}"/></AttachedDevice>
     </StorageController></StorageControllers></Hardware></Machine></VirtualBox>`,
    );
    await bring(join(folder, 'grub.vbox'));
    expect(at.head('grub')).toBe(vdi);
    const { format, virtualBytes } = await QEMU_IMG!.info(vdi);
    expect(format).toBe('vdi');
    expect(virtualBytes).toBe(statSync(GRUB).size);
    // A snapshot leaves the foreign image as it is.
    const before = readFileSync(vdi);
    const pending = await at.catalog.beginSnapshot('grub', { name: 'x', description: '', running: false });
    await at.catalog.commitSnapshot(pending);
    at.write('grub', 1, 0);
    await at.catalog.removeSnapshot('grub', pending.id);
    expect(at.holds('grub', 1, 0)).toBe(true);
    expect(readFileSync(vdi).equals(before)).toBe(true);
  },
);
