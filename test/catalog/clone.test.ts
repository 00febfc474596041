import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MachineConfig } from '../../src/catalog/config.js';
import { readQcow2 } from '../../src/catalog/qcow2.js';
import { Fixture, problem, QEMU_IMG } from './fixture.js';

let at: Fixture;
beforeEach(async () => {
  at = await Fixture.make();
});
afterEach(() => at.close());

const CONFIG: MachineConfig = {
  memory: 64,
  disks: [{ size: '8M' }],
  nics: [
    { type: 'user', mac: '52:54:00:00:00:01', forwards: ['tcp::2222::22'] },
    { type: 'user', model: 'e1000' },
  ],
  console: { rdpPort: '3390', share: 'takeover' },
  autostart: true,
  access: { bob: 'admin' },
};

describe.skipIf(QEMU_IMG === undefined)('clones', () => {
  beforeEach(async () => {
    await at.catalog.create('a', CONFIG);
    at.write('a', 1, 0);
  });

  test('are machines of their own', async () => {
    const { config, stored } = await at.catalog.clone('a', 'b');
    expect(config).toEqual({
      memory: 64,
      disks: [{ file: 'disk.qcow2', format: 'qcow2' }],
      nics: [
        { type: 'user', mac: expect.stringMatching(/^52:54:00:/), forwards: ['tcp::2222::22'] },
        { type: 'user', model: 'e1000' },
      ],
      console: { rdpPort: '3390', share: 'takeover' },
      origin: { template: 'a' },
      access: { bob: 'admin' },
    });
    expect(config!.nics![0]!.mac).not.toBe('52:54:00:00:00:01');
    expect(stored.disks).toEqual([at.path('b', 'disk.qcow2')]);
    at.write('b', 2, 0);
    expect([at.holds('a', 1, 0), at.holds('b', 2, 0)]).toEqual([true, true]);
    await at.catalog.remove('a');
    expect(at.holds('b', 2, 0)).toBe(true);
    expect(await problem(at.catalog.clone('b', 'B'))).toContain('already-exists');
  });

  test('of a pool get no ports and what the pool says', async () => {
    const { config } = await at.catalog.clone('a', 'b', {
      linked: true,
      change: ({ access: _, ...rest }) => ({
        ...rest,
        origin: { template: 'a', user: 'eve' },
        access: { eve: 'operate' },
      }),
    });
    expect(config).toMatchObject({
      origin: { user: 'eve' },
      access: { eve: 'operate' },
      console: { share: 'takeover' },
    });
    expect(config!.console!.rdpPort).toBeUndefined();
    expect(config!.nics![0]!.forwards).toBeUndefined();
  });

  test('that are linked share what was, and nobody writes to that any more', async () => {
    await at.catalog.clone('a', 'b', { linked: true });
    expect(at.head('a')).not.toBe(at.path('a', 'disk.qcow2'));
    expect((await readQcow2(at.head('b')))?.backing).toBe(at.path('a', 'disk.qcow2'));
    const shared = readFileSync(at.path('a', 'disk.qcow2'));
    at.write('a', 2, 0);
    at.write('b', 3, 64);
    await at.catalog.clone('b', 'c', { linked: true });
    at.write('c', 4, 128);
    expect([at.holds('a', 2, 0), at.holds('a', 3, 64)]).toEqual([true, false]);
    expect([at.holds('b', 1, 0), at.holds('b', 3, 64), at.holds('b', 4, 128)]).toEqual([true, true, false]);
    expect([at.holds('c', 1, 0), at.holds('c', 3, 64), at.holds('c', 4, 128)]).toEqual([true, true, true]);
    expect(readFileSync(at.path('a', 'disk.qcow2')).equals(shared)).toBe(true);

    expect(await problem(at.catalog.remove('a'))).toBe('wrong-state: a holds disks that b grows from: delete it first');
    expect(await problem(at.catalog.remove('b'))).toContain('c grows from');
    await at.catalog.remove('c');
    await at.catalog.remove('b');
    await at.catalog.remove('a');
    expect(at.catalog.entries()).toEqual([]);
  });

  test('that are linked copy nothing, however much there is', async () => {
    const contentBytes = 16 << 20;
    await at.catalog.create('big', { disks: [{ size: '10G' }] });
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', `write -P 7 5G ${contentBytes}`, at.head('big')]);
    const bytesOf = (machine: string) =>
      at.files(machine).reduce((sum, file) => sum + statSync(at.path(machine, file)).blocks * 512, 0);
    const before = bytesOf('big');
    expect(before).toBeGreaterThan(contentBytes);
    await at.catalog.clone('big', 'b', { linked: true });
    // Two empty layers: the clone's, and the source's own from now on.
    expect(bytesOf('b')).toBeLessThan(1 << 20);
    expect(bytesOf('big') - before).toBeLessThan(1 << 20);
    expect(at.holds('b', 7, 5 << 20)).toBe(true);
  });

  test('name everybody who depends, but not a hundred', async () => {
    for (let i = 1; i <= 7; i++) await at.catalog.clone('a', `b${i}`, { linked: true });
    expect(await problem(at.catalog.remove('a'))).toContain('that b1, b2, b3, b4, b5 and 2 more grow from');
    // Not started in between: they all grow from the same image, and the source has one layer more.
    expect(at.files('a')).toHaveLength(2);
  });

  test('of a template leave it as it is', async () => {
    const { autostart: _, ...config } = CONFIG;
    await at.catalog.replace('a', { ...config, disks: at.catalog.entry('a').config!.disks!, template: true });
    const before = at.read('a', 'state.json');
    const { config: made } = await at.catalog.clone('a', 'b', { linked: true });
    expect(made!.template).toBeUndefined();
    expect(at.read('a', 'state.json')).toBe(before);
    expect(await problem(at.catalog.prepare('a'))).toContain('wrong-state: a is a template');

    // It becomes a machine: its clones must not notice.
    await at.catalog.replace('a', { ...config, disks: at.catalog.entry('a').config!.disks! });
    await at.catalog.prepare('a');
    at.write('a', 9, 0);
    expect([at.holds('a', 9, 0), at.holds('b', 1, 0)]).toEqual([true, true]);
    const state = at.read('a', 'state.json');
    await at.catalog.prepare('a');
    expect(at.read('a', 'state.json')).toBe(state);
  });

  test('of a snapshot hold what it held, also while the source runs', async () => {
    const { id } = await at.catalog.commitSnapshot(
      await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: false }),
    );
    at.write('a', 2, 0);
    at.running.add('a');
    await at.catalog.clone('a', 'full', { snapshot: id });
    await at.catalog.clone('a', 'linked', { snapshot: id, linked: true });
    expect([at.holds('full', 1, 0), at.holds('linked', 1, 0)]).toEqual([true, true]);
    at.running.clear();
    // The layer stays for the clone, whatever becomes of the snapshot.
    await at.catalog.removeSnapshot('a', id);
    expect([at.holds('a', 2, 0), at.holds('linked', 1, 0)]).toEqual([true, true]);
    await at.catalog.remove('linked');
    expect(at.holds('a', 2, 0)).toBe(true);
  });

  test('that are full are one image, whatever chain they come from', async () => {
    await at.catalog.clone('a', 'b', { linked: true });
    at.write('b', 2, 64);
    await at.catalog.clone('b', 'c');
    expect((await readQcow2(at.head('c')))?.backing).toBeUndefined();
    await at.catalog.remove('b');
    await at.catalog.remove('a');
    expect([at.holds('c', 1, 0), at.holds('c', 2, 64)]).toEqual([true, true]);
  });

  test('with snapshots of their own merge no further than their source', async () => {
    await at.catalog.clone('a', 'b', { linked: true });
    const { id } = await at.catalog.commitSnapshot(
      await at.catalog.beginSnapshot('b', { name: 'x', description: '', running: false }),
    );
    at.write('b', 2, 64);
    await at.catalog.removeSnapshot('b', id);
    expect(at.files('b')).toEqual(['disk.qcow2']);
    expect((await readQcow2(at.head('b')))?.backing).toBe(at.path('a', 'disk.qcow2'));
    expect([at.holds('b', 1, 0), at.holds('b', 2, 64), at.holds('a', 2, 64)]).toEqual([true, true, false]);
  });

  test('move with the whole catalog', async () => {
    await at.catalog.clone('a', 'b', { linked: true });
    at.write('b', 2, 64);
    at.catalog.close();
    const moved = `${at.folder}-moved`;
    renameSync(at.folder, moved);
    try {
      const info = JSON.parse(
        String(execFileSync('qemu-img', ['info', '--output=json', '--backing-chain', `${moved}/b/disk.qcow2`])),
      );
      expect(info.map((image: { filename: string }) => image.filename)).toEqual([
        `${moved}/b/disk.qcow2`,
        `${moved}/b/../a/disk.qcow2`,
      ]);
    } finally {
      renameSync(moved, at.folder);
    }
  });

  test('bring their media along, or read them where they are', async () => {
    writeFileSync(at.path('a', 'boot.iso'), 'CD001');
    await at.catalog.replace('a', { ...at.catalog.entry('a').config!, cdrom: 'boot.iso' });
    expect((await at.catalog.clone('a', 'full')).config!.cdrom).toBe('boot.iso');
    expect(at.read('full', 'boot.iso')).toBe('CD001');
    expect((await at.catalog.clone('a', 'linked', { linked: true })).config!.cdrom).toBe('../a/boot.iso');
    await at.catalog.replace('linked', { ...at.catalog.entry('linked').config!, disks: [], memory: 32 });
    expect(await problem(at.catalog.remove('a'))).toContain('linked');
  });

  test('are not made of LUNs', async () => {
    await at.catalog.create('lun', { disks: [{ iscsi: 'iscsi://host/iqn.x/1' }] });
    expect(await problem(at.catalog.clone('lun', 'b'))).toContain('not-supported: disk 1 of lun is an iSCSI LUN');
    expect(existsSync(at.path('b'))).toBe(false);
  });
});

describe('without qemu-img', () => {
  test('disks are raw and copied', async () => {
    at.close();
    at = await Fixture.make({ qemuImg: null });
    const { stored } = await at.catalog.create('a', { disks: [{ size: '4M' }] });
    const content = Buffer.alloc(4 << 20);
    content.fill('x', 1 << 20, (1 << 20) + 4096);
    writeFileSync(stored.disks[0]!, content);
    const pending = await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: false });
    const { id } = await at.catalog.commitSnapshot(pending);
    writeFileSync(at.head('a'), Buffer.alloc(4 << 20));
    await at.catalog.restore('a', id);
    await at.catalog.clone('a', 'b', { linked: true });
    for (const name of ['a', 'b']) {
      expect(readFileSync(at.head(name)).equals(content)).toBe(true);
      expect(statSync(at.head(name)).blocks * 512).toBeLessThan(2 << 20);
    }
    await at.catalog.remove('a');
    expect(readFileSync(at.head('b')).equals(content)).toBe(true);
    expect(await problem(at.catalog.create('q', { disks: [{ size: '4M', file: 'a.qcow2' }] }))).toContain(
      'raw disks only',
    );
  });
});
