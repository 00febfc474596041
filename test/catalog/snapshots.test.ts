import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/catalog/entry.js';
import { Fixture, imageHolds, problem, QEMU_IMG, writeImage } from './fixture.js';

let at: Fixture;
beforeEach(async () => {
  at = await Fixture.make();
});
afterEach(() => at.close());

async function take(machine: string, name = 'x'): Promise<Snapshot> {
  return at.catalog.commitSnapshot(await at.catalog.beginSnapshot(machine, { name, description: '', running: false }));
}

/** All images of a machine are sound. */
async function sound(machine: string): Promise<void> {
  for (const file of at.files(machine).filter((name) => name.endsWith('.qcow2'))) {
    await QEMU_IMG!.check(at.path(machine, file));
  }
}

describe.skipIf(QEMU_IMG === undefined).each([
  ['overlays', { disks: [{ size: '8M' }] }],
  ['copies, for the emulator', { engine: 'emulator' as const, disks: [{ size: '8M' }] }],
])('snapshots of disks as %s', (kind, config) => {
  const layer = kind === 'overlays' ? /^layers\/[0-9a-f]{12}\.qcow2$/ : /^layers\/[0-9a-f]{12}\.raw$/;
  beforeEach(async () => {
    await at.catalog.create('a', config);
  });

  test('freeze what was and go on elsewhere', async () => {
    at.write('a', 1, 0);
    const own = at.head('a');
    const pending = await at.catalog.beginSnapshot('a', { name: 'first', description: 'fresh', running: false });
    expect(pending).toMatchObject({ machine: 'a', name: 'first', stateFile: null, overlays: [expect.any(String)] });
    expect(await problem(at.catalog.beginSnapshot('a', { name: 'b', description: '', running: false }))).toBe(
      'busy: a snapshot of a is being taken',
    );
    expect(at.head('a')).toBe(own);
    const snapshot = await at.catalog.commitSnapshot(pending);
    expect(snapshot).toEqual({
      id: pending.id,
      name: 'first',
      description: 'fresh',
      parent: null,
      takenAt: expect.stringMatching(/^\d{4}-.*Z$/),
      disks: [own],
      stateFile: null,
    });
    expect(at.catalog.snapshots('a')).toEqual([snapshot]);
    expect(at.catalog.entry('a').stored).toEqual({ disks: pending.overlays, snapshot: pending.id, saved: null });
    expect(at.files('a').find((file) => file.startsWith('layers'))).toMatch(layer);
    at.write('a', 2, 64);
    expect([at.holds('a', 1, 0), at.holds('a', 2, 64), imageHolds(own, 2, 64)]).toEqual([true, true, false]);
    expect(existsSync(own)).toBe(true);
    await at.reopen();
    expect(at.catalog.snapshots('a')).toEqual([snapshot]);
    expect(at.holds('a', 2, 64)).toBe(true);
  });

  test('are gone back to, and what happened since is lost', async () => {
    at.write('a', 1, 0);
    const first = await take('a');
    at.write('a', 2, 0);
    const second = await take('a');
    at.write('a', 3, 0);
    await at.catalog.restore('a', first.id);
    expect(at.holds('a', 1, 0)).toBe(true);
    expect(at.catalog.entry('a').stored.snapshot).toBe(first.id);
    at.write('a', 4, 64);
    const branch = await take('a');
    expect(branch.parent).toBe(first.id);
    await at.catalog.restore('a', second.id);
    expect([at.holds('a', 2, 0), at.holds('a', 4, 64)]).toEqual([true, false]);
    await at.catalog.restore('a', branch.id);
    expect([at.holds('a', 1, 0), at.holds('a', 4, 64)]).toEqual([true, true]);
    expect(at.catalog.snapshots('a').map(({ id }) => id)).toEqual([first.id, second.id, branch.id]);
    // One file a snapshot and the present one, no more.
    expect(at.files('a')).toHaveLength(4);
    await sound('a');
  });

  test('are deleted, and what grew from them keeps its data', async () => {
    const ids: string[] = [];
    for (let i = 1; i <= 4; i++) {
      at.write('a', i, i * 64);
      ids.push((await take('a')).id);
    }
    at.write('a', 5, 5 * 64);
    await at.catalog.removeSnapshot('a', ids[1]!);
    await at.catalog.removeSnapshot('a', ids[0]!);
    await sound('a');
    expect(at.catalog.snapshots('a').map(({ id, parent }) => [id, parent])).toEqual([
      [ids[2], null],
      [ids[3], ids[2]],
    ]);
    for (let i = 1; i <= 5; i++) expect(at.holds('a', i, i * 64), `${i}`).toBe(true);
    await at.catalog.restore('a', ids[2]!);
    expect([1, 2, 3, 4, 5].map((i) => at.holds('a', i, i * 64))).toEqual([true, true, true, false, false]);
    await at.catalog.removeSnapshot('a', ids[3]!);
    await at.catalog.removeSnapshot('a', ids[2]!);
    expect([1, 2, 3, 4, 5].map((i) => at.holds('a', i, i * 64))).toEqual([true, true, true, false, false]);
    expect(at.catalog.entry('a').stored.snapshot).toBe(null);
    // All is as before the first one: the definition's own image, and nothing else.
    expect(at.files('a')).toEqual([kind === 'overlays' ? 'disk.qcow2' : 'disk.img']);
    expect(at.head('a')).toBe(at.path('a', at.files('a')[0]!));
    await sound('a');
  });

  test('with two children stay as layers until one is left', async () => {
    at.write('a', 1, 0);
    const root = await take('a');
    at.write('a', 2, 64);
    const left = await take('a');
    await at.catalog.restore('a', root.id);
    at.write('a', 3, 64);
    const right = await take('a');
    await at.catalog.removeSnapshot('a', root.id);
    expect(at.catalog.snapshots('a').map(({ id, parent }) => [id, parent])).toEqual([
      [left.id, null],
      [right.id, null],
    ]);
    expect([at.holds('a', 1, 0), at.holds('a', 3, 64)]).toEqual([true, true]);
    await at.catalog.restore('a', left.id);
    expect([at.holds('a', 1, 0), at.holds('a', 2, 64)]).toEqual([true, true]);
    await at.catalog.removeSnapshot('a', right.id);
    await at.catalog.removeSnapshot('a', left.id);
    expect([at.holds('a', 1, 0), at.holds('a', 2, 64)]).toEqual([true, true]);
    expect(at.files('a')).toHaveLength(1);
  });

  test('of two disks, one read-only', async () => {
    const disks = [{ size: '4M' }, { size: '2M', file: 'b.img', format: 'raw' as const }];
    await at.catalog.create('two', { ...config, disks });
    const [first, second] = at.catalog.entry('two').config!.disks!;
    await at.catalog.replace('two', {
      ...config,
      disks: [first!, { file: second!.file!, format: 'raw', readOnly: true }],
    });
    const pending = await at.catalog.beginSnapshot('two', { name: 'x', description: '', running: false });
    expect(pending.overlays).toHaveLength(1);
    const { disks: frozen } = await at.catalog.commitSnapshot(pending);
    expect(frozen).toEqual([at.path('two', first!.file!), at.path('two', 'b.img')]);
    await at.catalog.restore('two', pending.id);
    expect(at.head('two', 1)).toBe(at.path('two', 'b.img'));
  });

  test('need the machine to be off, unless it is told to take part', async () => {
    const first = await take('a');
    at.running.add('a');
    expect(await problem(at.catalog.beginSnapshot('a', { name: 'x', description: '', running: false }))).toContain(
      'busy:',
    );
    expect(await problem(at.catalog.restore('a', first.id))).toContain('busy: a is running');
    expect(await problem(at.catalog.remove('a'))).toContain('busy: a is running');
    expect(await problem(at.catalog.clone('a', 'b'))).toContain('busy: a is running');
    expect(await problem(at.catalog.restore('a', 'nope'))).toBe('no-such-snapshot: a has no snapshot nope');
  });

  test('that are given up leave no trace', async () => {
    const before = at.files('a');
    const pending = await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: true });
    await at.catalog.abandonSnapshot(pending);
    expect(at.files('a')).toEqual(before);
    expect(await problem(at.catalog.commitSnapshot(pending))).toContain('wrong-state');
  });

  test('that are given up after the guest went over keep what it wrote', async () => {
    at.write('a', 1, 0);
    const pending = await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: true });
    const [overlay] = pending.overlays;
    writeImage(overlay!, 2, 64);
    const soon = Date.now() / 1000 + 5;
    utimesSync(overlay!, soon, soon);
    await at.catalog.abandonSnapshot(pending);
    expect(at.catalog.snapshots('a')).toEqual([]);
    expect([at.holds('a', 1, 0), at.holds('a', 2, 64)]).toEqual([true, true]);
  });
});

describe.skipIf(QEMU_IMG === undefined)('states', () => {
  beforeEach(async () => {
    await at.catalog.create('a', { memory: 64, disks: [{ size: '8M' }] });
  });

  test('of a running guest belong to their snapshot and are not used up', async () => {
    const pending = await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: true });
    expect(await problem(at.catalog.commitSnapshot(pending))).toContain('failed: the snapshot of a has no state');
    writeFileSync(pending.stateFile!, 'state');
    const { id, stateFile } = await at.catalog.commitSnapshot(pending);
    expect(stateFile).toBe(pending.stateFile);
    expect(at.catalog.entry('a').stored.saved).toBe(null);
    for (let i = 0; i < 2; i++) {
      await at.catalog.restore('a', id);
      const { saved } = at.catalog.entry('a').stored;
      expect(readFileSync(saved!, 'utf8')).toBe('state');
      // As a guest does that goes on from it, whoever lives to write that down.
      rmSync(saved!);
      expect(at.catalog.entry('a').stored.saved).toBe(null);
      if (i === 1) await at.catalog.setSaved('a', null);
      expect(existsSync(stateFile!)).toBe(true);
    }
    rmSync(stateFile!);
    expect(await problem(at.catalog.restore('a', id))).toBe(`failed: a: there is no state ${stateFile}`);
    await at.catalog.removeSnapshot('a', id);
    expect(existsSync(stateFile!)).toBe(false);
  });

  test('that are saved go when they are used up', async () => {
    const file = await at.catalog.savedStateFile('a');
    expect(at.catalog.entry('a').stored.saved).toBe(null);
    writeFileSync(file, 'state');
    await at.catalog.setSaved('a', file);
    await at.reopen();
    expect(at.catalog.entry('a').stored.saved).toBe(file);
    // Put aside by a guest that has not moved yet.
    renameSync(file, `${file}.used`);
    await at.reopen();
    expect(at.catalog.entry('a').stored.saved).toBe(null);
    expect(existsSync(`${file}.used`)).toBe(true);
    renameSync(`${file}.used`, file);
    expect(at.catalog.entry('a').stored.saved).toBe(file);
    await at.catalog.setSaved('a', null);
    expect(existsSync(file)).toBe(false);
  });

  test('that a killed process had put aside are gone before the next start', async () => {
    const file = await at.catalog.savedStateFile('a');
    writeFileSync(file, 'state');
    await at.catalog.setSaved('a', file);
    expect((await at.catalog.prepare('a')).stored.saved).toBe(file);
    expect(existsSync(file)).toBe(true);
    renameSync(file, `${file}.used`);
    expect((await at.catalog.prepare('a')).stored.saved).toBe(null);
    expect(existsSync(`${file}.used`)).toBe(false);
  });

  test('that were saved while nobody was left to say so count', async () => {
    const file = await at.catalog.savedStateFile('a');
    writeFileSync(`${file}.part`, 'sta');
    await at.reopen();
    expect(existsSync(`${file}.part`)).toBe(true);
    expect(at.catalog.entry('a').stored.saved).toBe(null);
    writeFileSync(file, 'state');
    await at.reopen();
    expect(at.catalog.entry('a').stored.saved).toBe(file);
  });

  test('of a machine that is off with one go with its snapshot', async () => {
    const file = await at.catalog.savedStateFile('a');
    writeFileSync(file, 'state');
    await at.catalog.setSaved('a', file);
    const { id, stateFile } = await take('a');
    await at.catalog.setSaved('a', null);
    expect([existsSync(file), existsSync(stateFile!)]).toEqual([false, true]);
    await at.catalog.restore('a', id);
    expect(readFileSync(at.catalog.entry('a').stored.saved!, 'utf8')).toBe('state');
  });

  test('come back with the hardware they are of, not with who had access', async () => {
    const { id } = await take('a');
    const config = at.catalog.entry('a').config!;
    await at.catalog.replace('a', { ...config, memory: 128, cpus: 2, description: 'new', access: { bob: 'use' } });
    await at.catalog.restore('a', id);
    expect(at.catalog.entry('a').config).toEqual({ ...config, description: 'new', access: { bob: 'use' } });
    expect(at.read('a', 'machine.yaml')).not.toContain('128');
  });

  test('are not for templates and LUNs', async () => {
    await at.catalog.replace('a', { ...at.catalog.entry('a').config!, template: true });
    expect(await problem(take('a'))).toContain('wrong-state: a is a template');
    await at.catalog.create('b', { disks: [{ iscsi: 'iscsi://host/iqn.x/1' }] });
    expect(await problem(take('b'))).toContain('not-supported: disk 1 of b is an iSCSI LUN');
  });
});

describe.skipIf(QEMU_IMG === undefined)('a service that dies while a snapshot is taken', () => {
  const begin = () => at.catalog.beginSnapshot('a', { name: 'x', description: 'd', running: true });
  beforeEach(async () => {
    await at.catalog.create('a', { memory: 64, disks: [{ size: '8M' }] });
    at.write('a', 1, 0);
  });

  test('finds it whole when the state is there', async () => {
    const pending = await begin();
    writeFileSync(pending.stateFile!, 'state');
    writeImage(pending.overlays[0]!, 2, 64);
    await at.reopen();
    expect(at.catalog.snapshots('a')).toMatchObject([{ id: pending.id, name: 'x', description: 'd' }]);
    expect([at.holds('a', 1, 0), at.holds('a', 2, 64)]).toEqual([true, true]);
  });

  test('keeps what the guest wrote, wherever it wrote', async () => {
    const taken = await begin();
    writeImage(taken.overlays[0]!, 2, 64);
    await at.reopen();
    expect([at.holds('a', 1, 0), at.holds('a', 2, 64)]).toEqual([true, true]);

    await begin();
    at.write('a', 3, 128);
    await at.reopen();
    expect([at.holds('a', 2, 64), at.holds('a', 3, 128)]).toEqual([true, true]);
    expect(at.catalog.snapshots('a')).toEqual([]);
    await sound('a');
  });

  test('with nobody running, nothing has happened', async () => {
    await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: false });
    await at.reopen();
    expect(at.files('a')).toEqual(['disk.qcow2']);
  });
});

describe.skipIf(QEMU_IMG === undefined)('merging', () => {
  test('reads no more than the smaller of two layers', async () => {
    await at.catalog.create('a', { disks: [{ size: '64M' }] });
    execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 1 0 48M', at.head('a')]);
    const { ino } = statSync(at.head('a'));
    const first = await take('a');
    at.write('a', 2, 0);
    await at.catalog.removeSnapshot('a', first.id);
    expect(statSync(at.head('a')).ino).toBe(ino);
    expect([at.holds('a', 2, 0), at.holds('a', 1, 64)]).toEqual([true, true]);
  });

  test('never writes to an image elsewhere', async () => {
    writeFileSync(at.path('elsewhere.img'), Buffer.alloc(1 << 20, 9));
    await at.catalog.create('a', { disks: [{ file: at.path('elsewhere.img'), format: 'raw' }] });
    const first = await take('a');
    at.write('a', 2, 0);
    await at.catalog.removeSnapshot('a', first.id);
    expect(imageHolds(at.path('elsewhere.img'), 9, 0)).toBe(true);
    expect(at.holds('a', 2, 0)).toBe(true);
    await at.catalog.remove('a');
    expect(existsSync(at.path('elsewhere.img'))).toBe(true);
  });
});

describe.skipIf(QEMU_IMG === undefined)('what the engine keeps for its guest', () => {
  const vars = () => at.path('a', 'uefi-vars.fd');
  const tpm = () => at.path('a', 'tpm', 'tpm2-00.permall');
  beforeEach(async () => {
    await at.catalog.create('a', { memory: 64, firmware: 'uefi', tpm: true, disks: [{ size: '8M' }] });
  });

  test('goes back with the disks, or goes', async () => {
    const first = await take('a');
    writeFileSync(vars(), 'boot windows');
    mkdirSync(at.path('a', 'tpm'));
    writeFileSync(tpm(), 'keys');
    const second = await take('a');
    writeFileSync(vars(), 'boot linux');
    writeFileSync(tpm(), 'others');
    await at.catalog.restore('a', second.id);
    expect([readFileSync(vars(), 'utf8'), readFileSync(tpm(), 'utf8')]).toEqual(['boot windows', 'keys']);
    await at.catalog.restore('a', first.id);
    expect([existsSync(vars()), existsSync(tpm())]).toEqual([false, false]);
    for (const { id } of [second, first]) await at.catalog.removeSnapshot('a', id);
    expect(at.files('a')).toEqual(['disk.qcow2']);
  });

  test('comes along to a clone', async () => {
    writeFileSync(vars(), 'boot windows');
    const { id } = await take('a');
    writeFileSync(vars(), 'boot linux');
    await at.catalog.clone('a', 'now', { linked: true });
    await at.catalog.clone('a', 'then', { snapshot: id });
    expect([at.read('now', 'uefi-vars.fd'), at.read('then', 'uefi-vars.fd')]).toEqual(['boot linux', 'boot windows']);
  });

  test('is brought back by the next service where one died over it', async () => {
    writeFileSync(vars(), 'boot windows');
    const { id } = await take('a');
    const state = JSON.parse(at.read('a', 'state.json'));
    writeFileSync(vars(), 'boot li');
    writeFileSync(
      at.path('a', 'state.json'),
      JSON.stringify({ ...state, bringing: `kept/${id}`, definition: 'demo: true\n' }),
    );
    await at.reopen();
    expect(readFileSync(vars(), 'utf8')).toBe('boot windows');
    expect(at.read('a', 'machine.yaml')).toBe('demo: true\n');
    expect(JSON.parse(at.read('a', 'state.json'))).toMatchObject({ bringing: null, definition: null });
  });
});
