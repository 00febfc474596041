// Machines on the emulator in this process, without servers.
import { built, DEMO, until } from './machines.mjs';

const { EmulatorEngine } = await import(built('src/engine/emulator/emulator.js'));
const { Display } = await import(built('src/display/display.js'));

/** Resolves when the machine is made; `lines` are what its guest says, `told` how it fared. */
export async function boot(kernel, display = new Display(1024, 768)) {
  const engine = new EmulatorEngine({ kernel, memoryMiB: 64 });
  const [lines, told] = [[], []];
  engine.onState.on(({ state, reason }) => told.push(reason ?? state));
  engine.onSerial.on((line) => lines.push(line));
  await engine.start(display);
  return { engine, lines, told };
}

/** Resolves when the demo's first picture stands and it takes input. */
export async function bootDemo(display) {
  const machine = await boot(DEMO, display);
  await until('the demo guest', () => machine.lines.some((line) => line.startsWith('MOUSE')));
  return machine;
}

export const makeDisplay = () => new Display(1024, 768);
