import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { readQcow2 } from '../../src/catalog/qcow2.js';
import { Random } from '../random.js';
import { Fixture, imageHolds, QEMU_IMG } from './fixture.js';

/** The catalog's whole promise takes a few hundred; a few dozen find what is wrong by and by. */
const CRASHES = Number(process.env.VITRINE_CRASHES ?? 20);
const SEED = Number(process.env.VITRINE_SEED ?? 20240305);
const CHILD = fileURLToPath(new URL('crash-child.mjs', import.meta.url));
const BUILT = existsSync(fileURLToPath(new URL('../../dist/src/catalog/catalog.js', import.meta.url)));

/** What must be there, as the child's words have it. Contents: the byte at the disk's beginning, undefined: any. */
interface Known {
  memory: number;
  content: number | undefined;
  snapshots: Map<string, number | undefined>;
}
interface Line {
  readonly start?: string;
  readonly going?: string;
  readonly done?: string;
  readonly refused?: string;
  readonly name: string;
  readonly byte?: number;
  readonly memory?: number;
  readonly id?: string;
  readonly to?: string;
}
type Model = Map<string, Known>;

const copy = (model: Model): Model =>
  new Map([...model].map(([name, known]) => [name, { ...known, snapshots: new Map(known.snapshots) }]));

/** What the operation makes of the machines. */
function apply(before: Model, { going: op, name, byte, memory, id, to }: Line): Model {
  const model = copy(before);
  const machine = model.get(name);
  if (op === 'create') model.set(name, { memory: 64, content: 0, snapshots: new Map() });
  else if (op === 'remove') model.delete(name);
  else if (op === 'write') machine!.content = byte;
  else if (op === 'replace') machine!.memory = memory!;
  else if (op === 'snapshot') machine!.snapshots.set(id!, machine!.content);
  else if (op === 'forget') machine!.snapshots.delete(id!);
  else if (op === 'restore') machine!.content = machine!.snapshots.get(id!);
  else if (op === 'clone') model.set(to!, { memory: machine!.memory, content: machine!.content, snapshots: new Map() });
  return model;
}

let at: Fixture;
const random = new Random(SEED);
let model: Model = new Map();
/** The memory that a machine had when a snapshot was taken comes back with it. */
const memoryOf = new Map<string, number>();

afterAll(() => at?.close());

/** Runs a child until it is dead, and everything that it started. Resolves to what it said. */
async function crash(): Promise<Line[]> {
  const atStep = random.below(4) > 0;
  const step = atStep ? 1 + random.below(120) : 0;
  const child = spawn(process.execPath, [CHILD, at.folder, String(random.next()), String(step)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      resolve();
    });
    child.once('close', () => resolve());
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await begun;
  // A moment of the child's life, not a wait for anything. One that dies by itself does so within its steps.
  await Promise.race([ended, delay(atStep ? 10_000 : random.below(400))]);
  killGroup(child);
  await ended;
  expect(complaint).toBe('');
  await everybodyGone(at.folder);
  return said
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

/** Nobody works in the folder any more: qemu-img's guard takes a moment to notice that it is alone. */
async function everybodyGone(folder: string): Promise<void> {
  const isAtWork = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  };
  const deadline = Date.now() + 10_000;
  const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isAtWork(name));
  while (pids().length > 0) {
    if (Date.now() > deadline) throw new Error('somebody still works in the catalog’s folder');
    await delay(5);
  }
}

/** Follows what the child said; both ends of what it did not finish. */
function follow(lines: readonly Line[]): [before: Model, after: Model] {
  let going: Line | undefined;
  for (const line of lines) {
    if (line.going !== undefined) {
      going = line;
      if (line.going === 'snapshot') memoryOf.set(line.id!, model.get(line.name)!.memory);
    }
    if (line.refused !== undefined) going = undefined;
    if (line.done === undefined) continue;
    model = settled(apply(model, going!), going!);
    going = undefined;
  }
  const before = model;
  if (going === undefined) return [before, before];
  const after = settled(apply(before, going), going);
  if (going.going === 'write') {
    // Half of it may be there.
    const half = copy(before);
    half.get(going.name)!.content = undefined;
    return [half, half];
  }
  return [before, after];
}

function settled(model: Model, { going, name, id }: Line): Model {
  if (going === 'restore') model.get(name)!.memory = memoryOf.get(id!)!;
  return model;
}

/** What is wrong with the catalog, measured by what should be there. */
async function differences(expected: Model): Promise<string[]> {
  const wrong: string[] = [];
  const { catalog } = at;
  const names = catalog.entries().map(({ name }) => name);
  if (names.join() !== [...expected.keys()].sort().join())
    wrong.push(`machines ${names} for ${[...expected.keys()].sort()}`);
  for (const [name, known] of expected) {
    if (!names.includes(name)) continue;
    const { config, problem, stored } = catalog.entry(name);
    if (config === undefined) {
      wrong.push(`${name}: ${problem}`);
      continue;
    }
    if (config.memory !== known.memory) wrong.push(`${name}: memory ${config.memory} for ${known.memory}`);
    const holds = (path: string | undefined, byte: number | undefined, what: string): void => {
      if (path === undefined || !existsSync(path)) wrong.push(`${name}: ${what} is missing`);
      else if (byte !== undefined && !imageHolds(path, byte, 0)) wrong.push(`${name}: ${what} does not hold ${byte}`);
    };
    holds(stored.disks[0], known.content, 'the head');
    const snapshots = catalog.snapshots(name);
    const ids = snapshots.map(({ id }) => id).sort();
    if (ids.join() !== [...known.snapshots.keys()].sort().join()) wrong.push(`${name}: snapshots ${ids}`);
    for (const { id, disks } of snapshots) holds(disks[0], known.snapshots.get(id), `snapshot ${id}`);
  }
  return wrong;
}

/** Nothing lies about that nobody needs, and what is there is sound. */
async function orphans(): Promise<string[]> {
  const needed = new Set<string>();
  const add = async (path: string | undefined): Promise<void> => {
    for (let image = path; image !== undefined && !needed.has(image); image = (await readQcow2(image))?.backing) {
      needed.add(image);
    }
  };
  const lying: string[] = [];
  for (const { name, stored } of at.catalog.entries()) {
    await add(stored.disks[0]);
    for (const { disks } of at.catalog.snapshots(name)) await add(disks[0]);
    await add(at.path(name, at.catalog.entry(name).config!.disks![0]!.file!));
  }
  for (const { name } of at.catalog.entries()) {
    for (const file of at.files(name)) if (!needed.has(at.path(name, file))) lying.push(`${name}/${file}`);
    const [image] = at.files(name).filter((file) => file.endsWith('.qcow2') && random.below(4) === 0);
    if (image !== undefined) await QEMU_IMG!.check(at.path(name, image));
  }
  for (const aside of ['.staging', '.trash'])
    lying.push(...readdirSync(at.path(aside)).map((file) => `${aside}/${file}`));
  return lying;
}

test.skipIf(QEMU_IMG === undefined || !BUILT || process.platform !== 'linux')(
  `nothing is lost in ${CRASHES} crashes (seed ${SEED})`,
  async () => {
    at = await Fixture.make();
    const done = new Map<string, number>();
    const cut = new Map<string, number>();
    for (let i = 0; i < CRASHES; i++) {
      at.catalog.close();
      const lines = await crash();
      for (const { done: op } of lines) if (op !== undefined) done.set(op, (done.get(op) ?? 0) + 1);
      const last = lines.at(-1);
      const op = last?.going ?? last?.start;
      if (op !== undefined) cut.set(op, (cut.get(op) ?? 0) + 1);
      const [before, after] = follow(lines);
      await at.reopen();
      const wrong = await differences(before);
      const [found, rest] = wrong.length === 0 ? [before, wrong] : [after, await differences(after)];
      expect(
        [...rest, ...(rest.length > 0 ? wrong : [])],
        `crash ${i} after ${JSON.stringify(lines.slice(-3))}`,
      ).toEqual([]);
      expect(await orphans(), `crash ${i} after ${JSON.stringify(lines.slice(-3))}`).toEqual([]);
      model = found;
    }
    console.log(`${CRASHES} crashes; done: ${counted(done)}; cut off: ${counted(cut)}`);
    expect(done.size).toBeGreaterThanOrEqual(7);
  },
  600_000,
);

function counted(map: ReadonlyMap<string, number>): string {
  return [...map].map(([name, count]) => `${name} ${count}`).join(', ');
}
