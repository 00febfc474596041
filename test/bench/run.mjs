// `npm run bench [-- PART…]`: measures the built program on this machine within three minutes, prints tables, and leaves
// bench.json and bench.svg in test/.artifacts. README.md says how each figure is taken.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, built, hasQemu } from './machines.mjs';
import { PARTS } from './parts.mjs';
import { plot } from './plot.mjs';
import { panels, table } from './report.mjs';
import { hasXvnc } from './xvnc.mjs';

const say = (text) => process.stdout.write(`${text}\n`);
const load = () => Number(loadavg()[0].toFixed(2));

if (!existsSync(fileURLToPath(built('server/cli/main.js')))) {
  process.stderr.write('vitrine is not built: npm run build\n');
  process.exit(1);
}
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  process.stderr.write(`unknown part '${unknown}': ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(2);
}
const host = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model.trim(), loadBefore: load() };
say(`node ${host.node}, ${host.cpus} x ${host.model}, load ${host.loadBefore}`);
const skipped = [];
if (!hasQemu()) skipped.push('everything with QEMU: qemu-system-x86_64 is not installed');
if (!hasXvnc()) skipped.push('everything with Xvnc: it is not installed');
const parts = {};
const startedMs = performance.now();
const secondsSince = (ms) => Math.round((performance.now() - ms) / 1000);
for (const [name, { title, run, linux = false, onRequest = false }] of Object.entries(PARTS)) {
  if (wanted.length > 0 ? !wanted.includes(name) : onRequest) continue;
  if (linux && process.platform !== 'linux') {
    skipped.push(`${name}: it reads /proc`);
    continue;
  }
  say(`\n${name}: ${title}`);
  const partMs = performance.now();
  try {
    parts[name] = await run();
    say(`${table(parts[name]).join('\n')}\n  (${secondsSince(partMs)} s)`);
  } catch (error) {
    // The other parts are still worth having.
    process.exitCode = 1;
    skipped.push(`${name}: ${error.message}`);
    say(`  failed: ${error.message}`);
  }
}
for (const what of skipped) say(`\nskipped: ${what}`);
mkdirSync(ARTIFACTS, { recursive: true });
const seconds = secondsSince(startedMs);
const result = { host: { ...host, loadAfter: load() }, seconds, skipped, parts };
writeFileSync(join(ARTIFACTS, 'bench.json'), `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(join(ARTIFACTS, 'bench.svg'), plot(panels(parts)));
writeFileSync(join(ARTIFACTS, 'bench-brief.svg'), plot(panels(parts).filter(({ brief }) => brief)));
say(`\n${seconds} s, load ${result.host.loadAfter}; bench.json and bench.svg are in test/.artifacts`);
process.exit();
