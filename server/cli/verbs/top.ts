import { setTimeout } from 'node:timers/promises';
import type { ApiClient } from '../../api/client.js';
import type { HostView, MachineView, SessionView } from '../../api/views.js';
import { bytes, since, table, VIA } from './table.js';
import { verb } from './verb.js';

/** One look at everything. */
export interface Look {
  readonly atMs: number;
  readonly host: HostView;
  readonly machines: readonly MachineView[];
  readonly sessions: readonly SessionView[];
}

const [WIDTH, HEIGHT] = [80, 24];
/** Another screen than the one with the shell's lines, without a cursor; and back. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
/** To the corner; what is written over does not flicker. Then the rest of each line, and of the screen. */
const HOME = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST_OF_SCREEN = '\x1b[J';
const [CTRL_C, Q] = [0x03, 0x71];

export const TOP = verb<{ interval: number }>(
  'top',
  'Machines and people, live',
  (argv) => argv.option('interval', { type: 'number', default: 2, describe: 'Seconds between looks' }) as never,
  async (api, { interval, json }) => {
    const first = await look(api);
    if (json || !process.stdout.isTTY) {
      const { host, machines, sessions } = first;
      return { data: { host, machines, sessions }, text: lines(first, undefined).join('') };
    }
    await live(api, first, Math.max(0.2, interval) * 1000);
    return undefined;
  },
);

async function look(api: ApiClient): Promise<Look> {
  const [host, machines, sessions] = await Promise.all([
    api.call('host.show', {}),
    api.call('machine.list', {}),
    api.call('session.list', {}),
  ]);
  return { atMs: Date.now(), host, machines, sessions };
}

/** Until somebody presses q or Ctrl-C. */
async function live(api: ApiClient, first: Look, intervalMs: number): Promise<void> {
  const { stdin, stdout } = process;
  const end = new AbortController();
  const stop = (): void => end.abort();
  const key = (bytes: Buffer): void => {
    if (bytes.includes(CTRL_C) || bytes.includes(Q)) stop();
  };
  let now = first;
  let before: Look | undefined;
  const show = (): void => {
    // A terminal that does not know its size says 0.
    const [columns, rows] = [stdout.columns || WIDTH, stdout.rows || HEIGHT];
    const shown = lines(now, before)
      .slice(0, rows - 1)
      .map((line) => `${[...line.trimEnd()].slice(0, columns).join('')}${REST_OF_LINE}\n`);
    stdout.write(HOME + shown.join('') + REST_OF_SCREEN);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  if (stdin.isTTY) stdin.setRawMode(true).on('data', key).resume();
  stdout.on('resize', show).write(ENTER);
  try {
    while (!end.signal.aborted) {
      show();
      await setTimeout(intervalMs, undefined, { signal: end.signal }).catch(() => {});
      if (!end.signal.aborted) [before, now] = [now, await look(api)];
    }
  } finally {
    stdout.off('resize', show).write(LEAVE);
    if (stdin.isTTY) stdin.setRawMode(false).off('data', key).pause();
  }
}

/** @param before an earlier look: processor time is told of what lies between */
export function lines(now: Look, before: Look | undefined): string[] {
  const { host, machines, sessions } = now;
  const { memory, load, cpus, running } = host;
  const use = new Map(machines.map((machine) => [machine.name, cpuPercent(machine, now, before)]));
  const rank = (machine: MachineView) => (machine.pid === null ? -1 : (use.get(machine.name) ?? 0));
  const rows = [...machines]
    .sort((a, b) => rank(b) - rank(a))
    .map((machine) => {
      const cpu = use.get(machine.name);
      const up = machine.pid !== null;
      return [
        machine.name,
        machine.state,
        up ? [machine.engine, machine.accel].filter(Boolean).join('/') : '-',
        cpu === undefined ? '-' : `${Math.round(cpu)} %`,
        machine.residentBytes === null ? '-' : bytes(machine.residentBytes),
        mib(machine.memoryMiB),
        up ? String(machine.sessions) : '-',
        up ? since(machine.startedAt) : '-',
        machine.problem ?? machine.reason ?? '',
      ];
    });
  const people = sessions.map((each) => [
    each.user,
    each.machine ?? '(picker)',
    VIA[each.via],
    each.rights === 'view' ? 'watches' : 'drives',
    since(each.since),
    bytes(each.sentBytes),
    each.rttMs === null ? '-' : `${Math.round(each.rttMs)} ms`,
    each.remote,
  ]);
  const text = [
    `${count(running, 'machine')} of ${host.machines} up, ${count(sessions.length, 'session')}; load ${load.toFixed(2)} on ${count(cpus, 'processor')}`,
    `memory: ${mib(memory.promisedMiB)} of ${mib(memory.allowedMiB)} promised, ${mib(memory.availableMiB)} free`,
    '',
    ...split(table(['MACHINE', 'STATE', 'ENGINE', 'CPU', 'TAKES', 'MEMORY', 'PEOPLE', 'UP', ''], rows)),
    ...(people.length === 0
      ? []
      : ['', ...split(table(['USER', 'AT', 'BY', '', 'SINCE', 'SENT', 'TRIP', 'FROM'], people))]),
  ];
  return text.map((line) => `${line}\n`);
}

/** Of one processor; undefined where nothing is known to compare with. */
function cpuPercent({ name, pid, cpuMs }: MachineView, now: Look, before: Look | undefined): number | undefined {
  const then = before?.machines.find((machine) => machine.name === name && machine.pid === pid);
  if (before === undefined || cpuMs === null || then === undefined || then.cpuMs === null) return undefined;
  return (100 * Math.max(0, cpuMs - then.cpuMs)) / Math.max(1, now.atMs - before.atMs);
}

function mib(count: number): string {
  return bytes(count * 2 ** 20);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function split(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
