// Processor time and memory of processes, from Linux' /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { rounded } from './figures.mjs';

/** Linux' unit of processor time in /proc. */
const TICK_MS = 10;
/** What V8 reserves behind a WebAssembly memory, so that no access needs a check. */
const GUARD_BYTES = 1 << 30;

const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');

/** Processor time that a process has taken so far. */
export function processorMs(pid) {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** What they take within `ms`, in percent of a core. */
export async function percentWithin(ms, pids) {
  const all = () => sum(pids.map(processorMs));
  const [beforeMs, startMs] = [all(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, ms));
  return rounded(((all() - beforeMs) / (performance.now() - startMs)) * 100);
}

/** Resident memory in MB. PSS counts a page that several processes share in parts. */
export function memoryOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const megabytes = (name) => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)[1]) * 1024) / 1e6;
  return { rss: megabytes('Rss'), pss: megabytes('Pss') };
}

/** Of it, in MB: WebAssembly's memories, which are the emulator's guest with its video memory, and the screen. */
export function guestMemoryOf(pid) {
  let [bytes, end, rss] = [0, 0, 0];
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const mapping = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line);
    if (mapping !== null) {
      const [from, to] = [Number.parseInt(mapping[1], 16), Number.parseInt(mapping[2], 16)];
      if (mapping[3] === '---p' && from === end && to - from >= GUARD_BYTES) bytes += rss;
      [end, rss] = [to, 0];
    } else if (line.startsWith('Rss:')) rss = Number(/\d+/.exec(line)[0]) * 1024;
  }
  return bytes / 1e6;
}

/** A process and all that it has started. */
export function familyOf(pid) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), Number(statOf(name)[1]));
    } catch {
      // Gone meanwhile.
    }
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/** Open descriptors and threads. */
export function countsOf(pid) {
  const count = (folder) => readdirSync(`/proc/${pid}/${folder}`).length;
  return { descriptors: count('fd'), threads: count('task') };
}
