// Does things with a catalog for ever, and says before and after each what it does: JSON lines on stdout. Somebody
// kills it, or it kills itself at the step that it was told: arguments are the folder, a seed, and the number of that
// step (0: never). A step is a call that changes the file system.
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const [folder, seedText, stepText] = process.argv.slice(2);
let step = Number(stepText);
const files = createRequire(import.meta.url)('node:fs/promises');
for (const name of ['open', 'rename', 'rm', 'link', 'mkdir', 'writeFile', 'copyFile', 'utimes']) {
  const real = files[name];
  files[name] = async (...args) => {
    const reads = name === 'open' && (args[1] ?? 'r') === 'r';
    if (!reads && step > 0 && --step === 0) process.kill(process.pid, 'SIGKILL');
    return real(...args);
  };
}
syncBuiltinESMExports();

const { Catalog } = await import('../../dist/src/catalog/catalog.js');
const silent = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

let state = Number(seedText) | 0 || 1;
const below = (limit) => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % limit;
};
/** Only the first few are made from nothing: the others are clones. */
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const MADE = 3;
const pick = (items) => items[below(items.length)];
const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);

const open = () => Catalog.open(folder, { log: silent });
const catalog = await open();

const OPERATIONS = {
  async create(name) {
    const config = below(3) === 0 ? { engine: 'emulator' } : {};
    return () => catalog.create(name, { ...config, memory: 64, disks: [{ size: '1M' }] });
  },
  async write(name) {
    const byte = 1 + below(255);
    const head = catalog.entry(name).stored.disks[0];
    const format = head.endsWith('.qcow2') ? 'qcow2' : 'raw';
    const work = () => execFileSync('qemu-io', ['-f', format, '-c', `write -q -P ${byte} 0 64k`, head]);
    return Object.assign(work, { byte });
  },
  async replace(name) {
    const memory = 64 + below(64);
    const work = () => catalog.replace(name, { ...catalog.entry(name).config, memory });
    return Object.assign(work, { memory });
  },
  async snapshot(name) {
    const pending = await catalog.beginSnapshot(name, { name: 'x', description: '', running: false });
    return Object.assign(() => catalog.commitSnapshot(pending), { id: pending.id });
  },
  async restore(name) {
    const { id } = pick(catalog.snapshots(name));
    return Object.assign(() => catalog.restore(name, id), { id });
  },
  async forget(name) {
    const { id } = pick(catalog.snapshots(name));
    return Object.assign(() => catalog.removeSnapshot(name, id), { id });
  },
  async clone(name) {
    const to = pick(NAMES);
    const linked = below(3) > 0;
    return Object.assign(() => catalog.clone(name, to, { linked }), { to });
  },
  async remove(name) {
    return () => catalog.remove(name);
  },
};
/** More of what makes chains long than of what ends them. */
const USUAL = Object.entries({ write: 4, replace: 1, snapshot: 5, restore: 2, forget: 4, clone: 2, remove: 1 }).flatMap(
  ([op, weight]) => Array(weight).fill(op),
);

for (;;) {
  const name = pick(NAMES);
  const exists = catalog.entries().some((entry) => entry.name === name);
  if (!exists && NAMES.indexOf(name) >= MADE) continue;
  const op = exists ? pick(USUAL) : 'create';
  if (['restore', 'forget'].includes(op) && catalog.snapshots(name).length === 0) continue;
  if (op === 'snapshot' && catalog.snapshots(name).length >= 5) continue;
  say({ start: op, name });
  try {
    const work = await OPERATIONS[op](name);
    say({ going: op, name, ...work });
    await work();
    say({ done: op, name });
  } catch (error) {
    // What the catalog refuses (somebody depends on it, the name is taken) has not happened.
    if (error.code === undefined || error.name !== 'Problem') throw error;
    say({ refused: op, name, why: error.message });
  }
}
