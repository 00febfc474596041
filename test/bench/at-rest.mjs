// What the demo costs while nobody looks: processor and memory of one `vitrine run --demo`, of ten such processes, and of
// one process with ten machines in it.
import { rounded } from './figures.mjs';
import { pause, startScript, startVitrine } from './machines.mjs';
import { memoryOf, percentWithin, sum } from './processes.mjs';

/** V8 gives back what starting took some eight seconds after it has come to rest. */
const SETTLE_MS = 10_000;
const MEASURE_MS = 3000;

async function measured(pids) {
  const percentOfACore = await percentWithin(MEASURE_MS, pids);
  const memory = pids.map(memoryOf);
  const total = (kind) => rounded(sum(memory.map((each) => each[kind])), 0);
  return { percentOfACore, rssMb: total('rss'), pssMb: total('pss') };
}

export async function atRest() {
  const figures = {};
  const processes = [];
  const add = async (start) => processes.push(await start());
  const demo = () => startVitrine(['--demo'], { http: '127.0.0.1:auto' });
  const pids = () => processes.map(({ pid }) => pid);
  try {
    await add(demo);
    await pause(SETTLE_MS);
    figures['`vitrine run --demo`'] = await measured(pids());
    const together = startScript('ten-engines.mjs');
    while (processes.length < 10) await add(demo);
    await add(() => together);
    await pause(SETTLE_MS);
    figures['ten of them'] = await measured(pids().slice(0, 10));
    figures['ten machines in one process'] = await measured(pids().slice(10));
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
  }
  return figures;
}
