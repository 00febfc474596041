// A machine is started, paints its first picture, is stopped, a hundred times over: what the process holds should not
// depend on how many there were. The slope says what a cycle leaves behind once everything has been used.
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { rounded, slope } from './figures.mjs';
import { pause, resultOf } from './machines.mjs';
import { countsOf, memoryOf } from './processes.mjs';
import { startService } from './service.mjs';

const CYCLES = 100;
const LOOK_EVERY = 10;
/** Memory that is asked for once, and tables that grow to their size. */
const WARM_UP = 20;
/** Threads that were ended give back their memory a little later. */
const SETTLE_MS = 100;

/** `cycle` so often; what `held` tells meanwhile, {rss, …}. */
async function repeated(cycle, held) {
  const looks = [];
  let cyclesMs = 0;
  for (let i = 1; i <= CYCLES; i++) {
    const startMs = performance.now();
    await cycle();
    cyclesMs += performance.now() - startMs;
    if (i % LOOK_EVERY === 0) looks.push({ after: i, ...(await held()) });
  }
  const row = ({ after, rss, ...counts }) => [`after ${after}`, { rssMb: rounded(rss, 0), ...counts }];
  const late = looks.filter(({ after }) => after >= WARM_UP);
  const line = slope(late.map(({ after, rss }) => [after, rss * 1000]));
  return {
    ...Object.fromEntries(looks.filter(({ after }) => [10, WARM_UP, 60, CYCLES].includes(after)).map(row)),
    'a cycle leaves behind': { rssKb: rounded(line.perX), give: rounded(line.give) },
    'a cycle takes': { ms: rounded(cyclesMs / CYCLES, 0) },
  };
}

async function run() {
  const { bootDemo, makeDisplay } = await import('./engines.mjs');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // One for all, as a machine has that is started again.
  const display = makeDisplay();
  const cycle = async () => {
    const { engine } = await bootDemo(display);
    await engine.stop();
  };
  return repeated(cycle, async () => {
    collect();
    await pause(SETTLE_MS);
    return {
      rss: memoryOf(process.pid).rss,
      ...countsOf(process.pid),
      timersAndHandles: process.getActiveResourcesInfo().length,
    };
  });
}

/** In a process of its own: nothing else is in the figures. */
export const cycles = () => resultOf('cycles.mjs');

/** The same with whole machine processes, over the service's API: what the service holds. */
export async function serviceCycles() {
  const service = await startService();
  try {
    await service.define('desk', { demo: true, engine: 'emulator' });
    const cycle = async () => {
      await service.api.call('machine.start', { machine: 'desk' });
      await service.api.call('machine.stop', { machine: 'desk' });
    };
    return await repeated(cycle, () => ({ rss: memoryOf(service.pid).rss, ...countsOf(service.pid) }));
  } finally {
    await service.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.send(await run(), () => process.disconnect());
