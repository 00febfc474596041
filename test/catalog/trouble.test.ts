import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.js';
import { Fixture, problem, QEMU_IMG } from './fixture.js';

const files = createRequire(import.meta.url)('node:fs/promises') as typeof import('node:fs/promises');

let at: Fixture;
const said: string[] = [];
beforeEach(async () => {
  said.length = 0;
  const log = { ...silentLog, warn: (_: object, message: string) => void said.push(message) };
  at = await Fixture.make({ log });
});
afterEach(() => at.close());

/** Lets a call of the host's fail with `code` where `isMeant` says so, as on a full disk or without open files. */
async function failing<T>(
  name: 'open' | 'rename' | 'copyFile',
  code: string,
  isMeant: (path: string) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  const real = files[name] as (...args: unknown[]) => Promise<unknown>;
  const broken = async (...args: unknown[]): Promise<unknown> => {
    // The last name is the one that comes to be.
    const path = String(name === 'open' ? args[0] : args[1]);
    if (isMeant(path)) throw Object.assign(new Error(`${code}: as told, ${path}`), { code, errno: -1, path });
    return real(...args);
  };
  Object.assign(files, { [name]: broken });
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    Object.assign(files, { [name]: real });
    syncBuiltinESMExports();
  }
}

/** A qcow2 header that names `backing`. */
function header(backing: string): Buffer {
  const head = Buffer.alloc(4096);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeBigUInt64BE(512n, 8);
  head.writeUInt32BE(backing.length, 16);
  head.writeUInt32BE(104, 100);
  head.write(backing, 512);
  return head;
}

async function snapshot(machine: string, running = false) {
  const pending = await at.catalog.beginSnapshot(machine, { name: 'x', description: '', running });
  if (pending.stateFile !== null) writeFileSync(pending.stateFile, 'state');
  return at.catalog.commitSnapshot(pending);
}

describe.skipIf(QEMU_IMG === undefined)('an image that is none', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b']) await at.catalog.create(name, { memory: 64, disks: [{ size: '1M' }] });
  });

  test.each(['/tmp', 'pipe', 'json:{"driver":"nbd"}', 'disk.qcow2', 'a\0b'])(
    'that names %j is nobody else’s trouble',
    async (backing) => {
      writeFileSync(at.path('a', 'disk.qcow2'), header(backing));
      execFileSync('mkfifo', [at.path('a', 'pipe')]);
      await at.reopen();
      await at.catalog.clone('b', 'c', { linked: true });
      await at.catalog.removeSnapshot('b', (await snapshot('b')).id);
      await at.catalog.remove('a');
    },
  );

  test('that a definition names is refused, and found by hand is nobody else’s trouble', async () => {
    const config = { memory: 64, disks: [{ file: '/tmp' }] };
    expect(await problem(at.catalog.create('c', config))).toBe('invalid-definition: disks[0].file: /tmp is no file');
    mkdirSync(at.path('c'));
    writeFileSync(at.path('c', 'machine.yaml'), 'disks: [{ file: /tmp }]\n');
    await at.reopen();
    await at.catalog.clone('b', 'd', { linked: true });
  });

  test('that has gone is missed by its name', async () => {
    rmSync(at.head('b'));
    const missed = `wrong-state: there is no disk image ${at.head('b')}`;
    expect(await problem(at.catalog.beginSnapshot('b', { name: 'x', description: '', running: false }))).toBe(missed);
    expect(await problem(at.catalog.clone('b', 'c', { linked: true }))).toBe(missed);
    expect(await problem(at.catalog.prepare('b'))).toContain(`there is no disk image ${at.head('b')}`);
  });

  test('can be gone back from, and deleted', async () => {
    const { id } = await snapshot('a');
    at.write('a', 1, 0);
    writeFileSync(at.head('a'), 'damaged');
    await at.catalog.restore('a', id);
    expect(at.holds('a', 0, 0)).toBe(true);
    writeFileSync(at.head('a'), 'damaged');
    await at.catalog.remove('a');
  });
});

describe.skipIf(QEMU_IMG === undefined)('a guest that writes headers of images into its raw disk', () => {
  test('gets no hold of another machine', async () => {
    await at.catalog.create('a', { memory: 64, disks: [{ size: '1M' }] });
    await at.catalog.create('b', { memory: 64, disks: [{ file: 'disk.img', size: '1M', format: 'raw' }] });
    await at.catalog.create('c', { engine: 'emulator', disks: [{ size: '1M' }] });
    for (const name of ['b', 'c']) writeFileSync(at.head(name), header('../a/disk.qcow2'), { flag: 'r+' });
    const before = at.head('a');
    expect((await at.catalog.prepare('a')).stored.disks).toEqual([before]);
    // Its own is copied as the raw disk that it is.
    expect((await at.catalog.clone('b', 'd')).config?.disks).toEqual([{ file: 'disk.img', format: 'raw' }]);
    await at.catalog.remove('a');
  });

  test('does not decide how it is read', async () => {
    writeFileSync(at.path('.x.img'), Buffer.alloc(1 << 20));
    await at.catalog.create('a', { memory: 64, disks: [{ file: '../.x.img' }] });
    const taking = () => at.catalog.beginSnapshot('a', { name: 'x', description: '', running: true });
    // Nothing is behind it, at this moment.
    writeFileSync(at.path('.x.img'), header('').fill(0, 8, 16), { flag: 'r+' });
    expect(await problem(taking())).toContain('wrong-state: disk 1 of a looks like qcow2');
    writeFileSync(at.path('.x.img'), Buffer.alloc(512), { flag: 'r+' });
    const { overlays } = await taking();
    expect((await QEMU_IMG!.info(overlays[0]!, 'qcow2')).hasBacking).toBe(true);
  });
});

describe.skipIf(QEMU_IMG === undefined)('a host in trouble', () => {
  beforeEach(() => at.catalog.create('a', { memory: 64, disks: [{ size: '1M' }] }));

  test('that cannot read an image does not take what is behind it for useless', async () => {
    const { id } = await snapshot('a');
    at.write('a', 7, 0);
    await at.catalog.clone('a', 'c', { linked: true });
    // From here on only the clone grows on what was written.
    await at.catalog.restore('a', id);
    const isClone = (path: string) => path === at.path('c', 'disk.qcow2');
    await failing('open', 'EMFILE', isClone, () => at.reopen());
    expect(at.holds('c', 7, 0)).toBe(true);
    const removing = () => at.catalog.removeSnapshot('a', id);
    await failing('open', 'EMFILE', isClone, async () => expect(await problem(removing())).toContain('unavailable: '));
    expect(at.holds('c', 7, 0)).toBe(true);
  });

  test('that cannot be looked at is looked at again', async () => {
    renameSync(at.path('a'), at.path('.a'));
    renameSync(at.folder, `${at.folder}.away`);
    // Heard of by the watch, which has no other way to say so.
    await expect.poll(() => said).toContain('the machines cannot be looked at');
    renameSync(`${at.folder}.away`, at.folder);
    expect(at.catalog.entries()).toEqual([]);
  });

  test('with no room leaves nothing and says so', async () => {
    await at.catalog.create('e', { engine: 'emulator', disks: [{ size: '1M' }, { size: '1M' }] });
    const before = at.files('e');
    const full = (work: () => Promise<unknown>, file: RegExp) =>
      failing(
        'open',
        'ENOSPC',
        (path) => file.test(path),
        async () => expect(await problem(work())).toMatch(/^host-full: no room on the host for that: /),
      );
    const taking = () => at.catalog.beginSnapshot('e', { name: 'x', description: '', running: false });
    await full(taking, /state\.json\..*\.new$/);
    expect(at.files('e')).toEqual(before);
    await full(() => at.catalog.clone('e', 'f'), /machine\.yaml$/);
    await full(() => at.catalog.create('f', { demo: true }), /machine\.yaml$/);
    await full(() => at.catalog.replace('e', { ...at.catalog.entry('e').config, memory: 99 }), /machine\.yaml\./);
    expect([at.catalog.entries().map(({ name }) => name), readdirSync(at.path('.staging'))]).toEqual([['a', 'e'], []]);
    expect(at.catalog.entry('e').config?.memory).toBe(undefined);
  });

  test('that could not finish is finished before the next thing', async () => {
    const pending = await at.catalog.beginSnapshot('a', { name: 'x', description: '', running: true });
    writeFileSync(pending.stateFile!, 'state');
    const full = (work: () => Promise<unknown>) =>
      failing(
        'rename',
        'ENOSPC',
        (path) => /(state\.json|machine\.yaml)$/.test(path),
        async () => expect(await problem(work())).toContain('host-full: '),
      );
    await full(() => at.catalog.commitSnapshot(pending));
    await full(() => at.catalog.prepare('a'));
    await at.catalog.prepare('a');
    expect(at.catalog.snapshots('a').map(({ id }) => id)).toEqual([pending.id]);
    expect(at.head('a')).toBe(pending.overlays[0]);
  });

  test('that could not bring back a definition does so before the next one', async () => {
    writeFileSync(at.path('a', 'uefi-vars.fd'), 'then');
    const { id } = await snapshot('a');
    await at.catalog.replace('a', { ...at.catalog.entry('a').config, memory: 128 });
    writeFileSync(at.path('a', 'uefi-vars.fd'), 'now');
    await failing(
      'rename',
      'ENOSPC',
      (path) => path.endsWith('uefi-vars.fd'),
      async () => expect(await problem(at.catalog.restore('a', id))).toContain('host-full: '),
    );
    await at.catalog.replace('a', { ...at.catalog.entry('a').config, cpus: 2 });
    expect([at.catalog.entry('a').config?.cpus, at.read('a', 'uefi-vars.fd')]).toEqual([2, 'then']);
    expect(at.catalog.entry('a').config?.memory).toBe(64);
  });

  test('gets the room of a snapshot back, also where its layers cannot be merged', async () => {
    const first = await snapshot('a', true);
    await snapshot('a');
    rmSync(at.path('a', 'disk.qcow2'));
    writeFileSync(at.path('a', 'disk.qcow2'), 'damaged');
    await at.catalog.removeSnapshot('a', first.id);
    expect(at.files('a')).not.toContain(`states/${first.id}.state`);
    expect(said).toEqual(['a removed snapshot’s layers were not merged']);
  });
});
