// A machine is started, paints its first picture, is stopped, a hundred times over: what the process holds afterwards
// should not depend on how many there were.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { rounded } from './figures.mjs';
import { pause, resultOf } from './machines.mjs';

const LOOKS = [10, 50, 100];
/** Threads that were ended give back their memory a little later. */
const SETTLE_MS = 500;

async function held() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  await pause(SETTLE_MS);
  const count = (folder) => (process.platform === 'linux' ? readdirSync(folder).length : 0);
  return {
    rssMb: rounded(process.memoryUsage.rss() / 1e6, 0),
    handles: process.getActiveResourcesInfo().length,
    descriptors: count('/proc/self/fd'),
    threads: count('/proc/self/task'),
  };
}

async function run() {
  const { bootDemo, makeDisplay } = await import('./engines.mjs');
  // One for all, as a machine has that is started again.
  const display = makeDisplay();
  const figures = {};
  const startMs = performance.now();
  for (let i = 1; i <= LOOKS.at(-1); i++) {
    const { engine } = await bootDemo(display);
    await engine.stop();
    if (LOOKS.includes(i)) figures[`after ${i}`] = await held();
  }
  const oneMs = (performance.now() - startMs - LOOKS.length * SETTLE_MS) / LOOKS.at(-1);
  return { ...figures, 'one cycle': { ms: rounded(oneMs, 0) } };
}

/** In a process of its own: nothing else is in the figures. */
export const cycles = () => resultOf('cycles.mjs');

if (process.argv[1] === fileURLToPath(import.meta.url)) process.send(await run(), () => process.disconnect());
