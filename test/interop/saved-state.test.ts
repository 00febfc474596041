import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exists } from '../../server/service/spawn.js';
import { fromPng } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { ServiceUnderTest } from './harness/service.js';
import { pause, until } from './harness/wait.js';

type Victim = 'service' | 'machine';
/** Who is killed, and how long after the process is there: its guest moves after half a second or so. */
const KILLS: readonly (readonly [ms: number, ...Victim[]])[] = [
  [0, 'machine'],
  [50, 'service'],
  [200, 'machine', 'service'],
  [400, 'machine'],
  [600, 'service', 'machine'],
  [900, 'machine'],
];

let service: ServiceUnderTest;
let folder: string;
const machine = 'desk';

beforeAll(async () => {
  service = await ServiceUnderTest.start();
  const { config } = await service.api.call('machine.show', { machine: 'demo' });
  const { template: _, ...demo } = config;
  await service.api.call('machine.create', { name: machine, config: { ...demo, restart: 'never' } });
  ({ folder } = await show());
});
afterAll(endEverything);

const show = () => service.api.call('machine.show', { machine });
const act = (action: 'start' | 'stop' | 'save' | 'rollback') => service.api.call(`machine.${action}`, { machine });
const states = () => readdirSync(join(folder, 'states'));
const settled = () => until('it has settled', async () => (await show()).state !== 'starting');

/** The process that runs the machine, which tells nobody yet. */
function processOf(machineFolder: string): number | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (args.some((arg) => arg.endsWith('/machine-main.js')) && args.includes(machineFolder)) return Number(pid);
    } catch {
      // Gone meanwhile.
    }
  }
  return undefined;
}

async function kill(victims: readonly Victim[]): Promise<void> {
  const pid = processOf(folder);
  for (const victim of victims) {
    if (victim === 'service') process.kill(service.pid, 'SIGKILL');
    else if (pid !== undefined) process.kill(pid, 'SIGKILL');
  }
  if (!victims.includes('service')) return;
  await until('the service has ended', () => service.program.exit);
  await service.startAgain();
}

test.skipIf(process.platform !== 'linux')('a saved machine goes on once, whoever is killed when', async () => {
  await act('start');
  const seen: string[] = [];
  for (const [ms, ...victims] of KILLS) {
    const { state } = await act('save');
    expect([state, states().length]).toEqual(['saved', 1]);
    const starting = act('start').catch(() => {});
    await until('its process is there', () => processOf(folder), { everyMs: 5 });
    await pause(ms);
    await kill(victims);
    await starting;
    await settled();
    const after = await show();
    // A guest that has moved has nothing to go on from; one that has not still has it.
    const isKept = states().some((name) => name.endsWith('.state'));
    seen.push(`${after.state}${isKept ? ', kept' : ''}`);
    if (after.state === 'running') expect(isKept).toBe(false);
    else expect(after.pid).toBe(null);
    if (after.state === 'running') {
      await act('stop');
      expect(exists(after.pid!)).toBe(false);
      expect((await show()).state).toBe('off');
    }
    await act('start');
    expect(states()).toEqual([]);
  }
  console.log(`after the kills it was ${seen.join('; ')}`);
});

test('a snapshot is gone back to again and again', async () => {
  await service.api.call('snapshot.take', { machine, name: 'here' });
  const [kept] = states();
  for (const victims of [['service'], []] as Victim[][]) {
    const restoring = act('rollback').catch(() => {});
    if (victims.length > 0) {
      await until('it is stopped', () => processOf(folder) === undefined, { everyMs: 5 });
      await until('it is started', () => processOf(folder) !== undefined, { everyMs: 5 });
      await kill(victims);
    }
    await restoring;
    await settled();
  }
  expect((await show()).state).toBe('running');
  await until('it shows something', async () => {
    const { pixels } = fromPng(Buffer.from(await service.api.call('console.screenshot', { machine })));
    return pixels.some((pixel) => pixel !== 0);
  });
  expect(states()).toEqual([kept]);
});
