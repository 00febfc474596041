// `npm run bench [-- PART…]`: measures the built program on this machine within three minutes, prints tables, and leaves
// bench.json and bench.svg in test/.artifacts. Figures of a busy machine say little: look at the load that is told.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, built, hasQemu } from './machines.mjs';
import { plot } from './plot.mjs';

const onLinux = () => (process.platform === 'linux' ? undefined : 'it reads /proc');
const PARTS = {
  start: { title: 'from the command to the first picture, ms', run: async () => (await import('./start.mjs')).start() },
  'first-paint': {
    title: 'first picture of a viewer, ms',
    run: async () => (await import('./first-paint.mjs')).firstPaint(),
  },
  'key-to-pixel': { title: 'key to pixel, ms', run: async () => (await import('./key-to-pixel.mjs')).keyToPixel() },
  'update-rate': { title: 'updates, ZRLE', run: async () => (await import('./update-rate.mjs')).updateRate() },
  misbehaving: {
    title: 'beside a guest that misbehaves, worst',
    run: async () => (await import('./misbehaving.mjs')).misbehaving(),
  },
  'at-rest': {
    title: 'the demo at rest, no viewer',
    run: async () => (await import('./at-rest.mjs')).atRest(),
    skip: onLinux,
  },
  cycles: { title: 'machines started and stopped', run: async () => (await import('./cycles.mjs')).cycles() },
};

/** {row: {column: number}} or {row: {scene: {column: number}}} as lines. */
function table(figures) {
  const rows = Object.entries(figures).flatMap(([row, columns]) =>
    Object.values(columns).every((value) => typeof value === 'object')
      ? Object.entries(columns).map(([scene, values]) => [`${row}: ${scene}`, values])
      : [[row, columns]],
  );
  const wide = Math.max(...rows.map(([name]) => name.length));
  return rows.map(
    ([name, values]) =>
      `  ${name.padEnd(wide)}  ${Object.entries(values)
        .map(([column, value]) => `${column} ${String(value).padStart(7)}`)
        .join('   ')}`,
  );
}

function panels(parts) {
  const bars = (figures, pick) =>
    Object.entries(figures ?? {}).flatMap(([label, values]) =>
      pick(values, label).map((bar) => ({ label, group: label, ...bar })),
    );
  const scenes = (column) =>
    bars(parts['update-rate'], (values, server) =>
      Object.entries(values).map(([scene, figure]) => ({
        label: `${scene}, ${server}`,
        group: server,
        value: figure[column],
      })),
    ).sort((a, b) => (a.label < b.label ? -1 : 1));
  return [
    { title: 'Command to first picture (median)', unit: 'ms', bars: bars(parts.start, ({ p50 }) => [{ value: p50 }]) },
    {
      title: 'First picture after connecting (median)',
      unit: 'ms',
      bars: bars(parts['first-paint'], ({ p50 }) => [{ value: p50 }]),
    },
    {
      title: 'Key to pixel (median and 95 of 100)',
      unit: 'ms',
      bars: bars(parts['key-to-pixel'], ({ p50, p95 }, name) => [
        { value: p50, label: `${name}, p50` },
        { value: p95, label: `${name}, p95` },
      ]),
    },
    { title: 'Updates a second, ZRLE', unit: '', bars: scenes('perSecond') },
    { title: 'Size of an update, ZRLE', unit: 'KiB', bars: scenes('kibPerUpdate') },
    {
      title: 'Event loop blocked beside a guest that misbehaves (worst)',
      unit: 'ms',
      bars: bars(parts.misbehaving, ({ loopBlockedMs }) => [{ value: loopBlockedMs }]),
    },
    {
      title: 'At rest: resident memory (RSS)',
      unit: 'MB',
      bars: bars(parts['at-rest'], ({ rssMb }) => [{ value: rssMb }]),
    },
    {
      title: 'At rest: processor',
      unit: '% of a core',
      bars: bars(parts['at-rest'], ({ percentOfACore }) => [{ value: percentOfACore }]),
    },
    {
      title: 'Memory after so many starts and stops (RSS)',
      unit: 'MB',
      bars: bars(parts.cycles, ({ rssMb }) => (rssMb === undefined ? [] : [{ value: rssMb, group: 'RSS' }])),
    },
  ];
}

const say = (text) => process.stdout.write(`${text}\n`);
if (!existsSync(fileURLToPath(built('server/cli/main.js')))) {
  process.stderr.write('vitrine is not built: npm run build\n');
  process.exit(1);
}
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(`unknown part '${unknown[0]}': ${Object.keys(PARTS).join(', ')}\n`);
  process.exit(2);
}
const host = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model.trim(), load: loadavg()[0] };
say(`node ${host.node}, ${host.cpus} x ${host.model}, load ${host.load.toFixed(2)}`);
const skipped = hasQemu() ? [] : ['everything with QEMU: qemu-system-x86_64 is not installed'];
const parts = {};
const startedMs = performance.now();
for (const [name, { title, run, skip }] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const reason = skip?.();
  if (reason !== undefined) {
    skipped.push(`${name}: ${reason}`);
    continue;
  }
  say(`\n${name}: ${title}`);
  const partMs = performance.now();
  try {
    parts[name] = await run();
    say(`${table(parts[name]).join('\n')}\n  (${Math.round((performance.now() - partMs) / 1000)} s)`);
  } catch (error) {
    // The other parts are still worth having.
    process.exitCode = 1;
    skipped.push(`${name}: ${error.message}`);
    say(`  failed: ${error.message}`);
  }
}
const ratio = parts['key-to-pixel']?.["QEMU's own VNC"]?.p50 / parts['key-to-pixel']?.['vitrine, QEMU']?.p50;
if (ratio > 0) say(`\nkey to pixel on QEMU: vitrine answers ${ratio.toFixed(1)} times as fast as QEMU's own VNC`);
for (const what of skipped) say(`\nskipped: ${what}`);
mkdirSync(ARTIFACTS, { recursive: true });
const seconds = Math.round((performance.now() - startedMs) / 1000);
writeFileSync(join(ARTIFACTS, 'bench.json'), `${JSON.stringify({ host, seconds, skipped, parts }, null, 2)}\n`);
writeFileSync(join(ARTIFACTS, 'bench.svg'), plot(panels(parts)));
say(`\n${seconds} s; bench.json and bench.svg are in test/.artifacts`);
process.exit();
