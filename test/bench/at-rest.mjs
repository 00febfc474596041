// What the demo costs while nobody looks: processor and memory of one `vitrine run --demo`, of ten such processes, and of
// one process with ten machines in it. PSS counts a page that several processes share in parts.
import { readFileSync } from 'node:fs';
import { rounded } from './figures.mjs';
import { pause, startScript, startVitrine } from './machines.mjs';

/** V8 gives back what starting took some seconds after it has come to rest. */
const SETTLE_MS = 10_000;
const MEASURE_MS = 4000;
/** Linux' unit of processor time in /proc. */
const TICK_MS = 10;

function processorMs({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function megabytes({ pid }, name) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)[1]) * 1024) / 1e6;
}

async function measured(processes) {
  await pause(SETTLE_MS);
  const sum = (of) => processes.reduce((total, each) => total + of(each), 0);
  const [beforeMs, startMs] = [sum(processorMs), performance.now()];
  await pause(MEASURE_MS);
  const percent = ((sum(processorMs) - beforeMs) / (performance.now() - startMs)) * 100;
  const memory = (name) =>
    rounded(
      sum((each) => megabytes(each, name)),
      0,
    );
  return { percentOfACore: rounded(percent), rssMb: memory('Rss'), pssMb: memory('Pss') };
}

export async function atRest() {
  const figures = {};
  const processes = [];
  const add = async (start) => processes.push(await start());
  const demo = () => startVitrine(['--demo'], { http: '127.0.0.1:auto' });
  const stop = () => Promise.all(processes.splice(0).map((each) => each.stop()));
  try {
    await add(demo);
    figures['`vitrine run --demo`'] = await measured(processes);
    // One after the other: what is measured is how they are, not how they start.
    while (processes.length < 10) await add(demo);
    figures['ten of them'] = await measured(processes);
    await stop();
    await add(() => startScript('ten-engines.mjs'));
    figures['ten machines in one process'] = await measured(processes);
  } finally {
    await stop();
  }
  return figures;
}
