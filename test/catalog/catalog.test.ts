import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Problem } from '../../src/base/errors.js';
import { Fixture, problem, QEMU_IMG } from './fixture.js';

let at: Fixture;
beforeEach(async () => {
  at = await Fixture.make();
});
afterEach(() => at.close());

describe('definitions', () => {
  test('a machine is a folder with its definition', async () => {
    const entry = await at.catalog.create('Office', { demo: true, memory: 64 });
    expect(entry).toEqual({
      name: 'Office',
      folder: at.path('Office'),
      config: { demo: true, memory: 64 },
      problem: undefined,
      stored: { disks: [], snapshot: null, saved: null },
    });
    expect(at.read('Office', 'machine.yaml')).toBe('demo: true\nmemory: 64\n');
    expect(statSync(at.path('Office')).mode & 0o777).toBe(0o700);
    expect((await at.reopen()).entries()).toEqual([entry]);
  });

  test('names are the same in upper and lower case', async () => {
    await at.catalog.create('Office', { demo: true });
    expect(at.catalog.entry('oFFICE').name).toBe('Office');
    expect(await problem(at.catalog.create('office', { demo: true }))).toBe(
      'already-exists: there is a machine Office already',
    );
    expect(() => at.catalog.entry('elsewhere')).toThrow('there is no machine elsewhere');
  });

  test.each(['', '.', '..', '../x', 'a/b', '-x', 'ü', 'x'.repeat(64), '.staging'])('%j is no name', async (name) => {
    expect(await problem(at.catalog.create(name, { demo: true }))).toContain('bad-request: ');
    expect(() => at.catalog.entry(name)).toThrow('there is no machine');
  });

  test('a wrong definition leaves nothing behind', async () => {
    expect(await problem(at.catalog.create('a', { memory: 64 }))).toContain('invalid-definition: nothing to boot');
    expect(await problem(at.catalog.create('a', { disks: [{ file: 'none.img' }] }))).toBe(
      'invalid-definition: disks[0].file: there is no none.img; a disk with a size is created',
    );
    const failing = at.catalog.create('a', { demo: true }, { fill: () => Promise.reject(new Problem('failed', 'x')) });
    expect(await problem(failing)).toBe('failed: x');
    expect(at.catalog.entries()).toEqual([]);
    expect(existsSync(at.path('a'))).toBe(false);
  });

  test('comments survive a change of something else', async () => {
    await at.catalog.create('a', { demo: true, memory: 64 });
    writeFileSync(at.path('a', 'machine.yaml'), '# the front desk\ndemo: true\nmemory: 64 # enough\ncpus: 1\n');
    await at.catalog.replace('a', { demo: true, memory: 64, access: { bob: 'use' } });
    expect(at.read('a', 'machine.yaml')).toBe(
      '# the front desk\ndemo: true\nmemory: 64 # enough\naccess:\n  bob: use\n',
    );
  });

  test('hand edits are seen, broken ones told', async () => {
    await at.catalog.create('a', { demo: true });
    writeFileSync(at.path('a', 'machine.yaml'), 'demo: true\nmemory: 128\n');
    expect(at.catalog.entry('a').config?.memory).toBe(128);
    writeFileSync(at.path('a', 'machine.yaml'), 'demo: true\nmemory: a lot\n');
    expect(at.catalog.entry('a')).toMatchObject({
      config: undefined,
      problem: 'machine.yaml line 2: memory: must be a whole number of MiB, 4 or more',
    });
    expect(await problem(at.catalog.prepare('a'))).toContain('invalid-definition: a: machine.yaml line 2');
    await at.catalog.replace('a', { demo: true });
    expect(at.catalog.entry('a').config).toEqual({ demo: true });
    writeFileSync(at.path('a', 'state.json'), '{"version": 2}');
    expect(at.catalog.entry('a').problem).toBe('state.json: is of version 2; this vitrine knows 1');
  });

  test('tells of every change, whoever makes it', async () => {
    const heard: string[] = [];
    at.catalog.onChange.on((name) => heard.push(name));
    const next = () => at.catalog.onChange.next(AbortSignal.timeout(5_000));
    await at.catalog.create('a', { demo: true });
    expect(heard).toEqual(['a']);
    await at.catalog.replace('a', { demo: true, memory: 64 });
    expect(heard).toEqual(['a', 'a']);

    let told = next();
    writeFileSync(at.path('a', 'machine.yaml'), 'demo: true\n');
    expect(await told).toBe('a');
    told = next();
    mkdirSync(at.path('by-hand'));
    writeFileSync(at.path('by-hand', 'machine.yaml'), 'demo: true\n');
    expect(await told).toBe('by-hand');
    told = next();
    rmSync(at.path('by-hand'), { recursive: true });
    expect(await told).toBe('by-hand');
    await at.catalog.remove('a');
    expect(heard.at(-1)).toBe('a');
    expect(at.catalog.entries()).toEqual([]);
  });

  test('is not made longer than it is read', async () => {
    const qemuArgs = Array.from({ length: 100 }, () => 'x'.repeat(4000));
    const long = 'invalid-definition: the definition is longer than 256 KiB';
    expect(await problem(at.catalog.create('a', { qemuArgs }))).toBe(long);
    await at.catalog.create('a', { demo: true });
    expect(await problem(at.catalog.replace('a', { qemuArgs }))).toBe(long);
  });

  test('many changes at a time happen one after the other', async () => {
    await at.catalog.create('a', { demo: true });
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => at.catalog.create('b', { demo: true })));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await Promise.all(Array.from({ length: 20 }, (_, i) => at.catalog.replace('a', { demo: true, memory: 64 + i })));
    expect(at.catalog.entry('a').config?.memory).toBe(83);
  });
});

describe.skipIf(QEMU_IMG === undefined)('disks', () => {
  test('are created with their size', async () => {
    const { config, stored } = await at.catalog.create('a', {
      disks: [{ size: '10M' }, { size: '1G', format: 'raw' }, { file: 'deep/er.vdi', size: '2M' }, { size: '1M' }],
    });
    expect(config!.disks!.map(({ file }) => file)).toEqual(['disk.qcow2', 'disk.img', 'deep/er.vdi', 'disk2.qcow2']);
    const sizes = await Promise.all(stored.disks.map(async (path) => (await QEMU_IMG!.info(path!)).virtualBytes >> 20));
    expect(sizes).toEqual([10, 1024, 2, 1]);
    expect(statSync(stored.disks[1]!).blocks).toBeLessThan(100);
  });

  test('of the emulator are raw', async () => {
    const { stored } = await at.catalog.create('a', { engine: 'emulator', disks: [{ size: '4M' }] });
    expect(stored.disks).toEqual([at.path('a', 'disk.img')]);
    expect(statSync(at.path('a', 'disk.img')).size).toBe(4 << 20);
    expect(
      await problem(at.catalog.create('b', { engine: 'emulator', disks: [{ file: 'a.qcow2', size: '4M' }] })),
    ).toBe('invalid-definition: a.qcow2: the emulator has raw disks only; name it disk.img');
  });

  test('are added by a new definition, and never made anew', async () => {
    await at.catalog.create('a', { disks: [{ size: '4M' }] });
    at.write('a', 7, 0);
    const disks = [...at.catalog.entry('a').config!.disks!, { size: '2M' }];
    await at.catalog.replace('a', { disks });
    expect(at.holds('a', 7, 0)).toBe(true);
    expect(at.files('a')).toEqual(['disk.qcow2', 'disk2.qcow2']);
  });

  test('of a definition that was never written are removed', async () => {
    await at.catalog.create('a', { demo: true });
    const state = JSON.parse(at.read('a', 'state.json'));
    writeFileSync(at.path('a', 'state.json'), JSON.stringify({ ...state, creating: ['disk.qcow2'] }));
    writeFileSync(at.path('a', 'disk.qcow2'), 'half');
    await at.reopen();
    expect(at.files('a')).toEqual([]);
  });

  test('cards on a shared network get addresses of their own', async () => {
    const { config } = await at.catalog.create('a', {
      demo: true,
      nics: [{ type: 'bridge', bridge: 'br0' }, { type: 'user' }],
    });
    expect(config!.nics![0]!.mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(config!.nics![1]!.mac).toBeUndefined();
  });
});
