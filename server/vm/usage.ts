import { readFileSync } from 'node:fs';

/** What /proc counts processor time in: a hundredth of a second, on every Linux that anybody runs. */
const TICK_MS = 10;

export interface Usage {
  readonly rssBytes: number;
  /** Of those that have ended, too. */
  readonly cpuMs: number;
}

/** What this process and all below it take: a guest's memory is its QEMU's. Elsewhere than on Linux this one alone. */
export function usage(): Usage {
  try {
    return ofFamily(process.pid);
  } catch {
    const { user, system } = process.cpuUsage();
    return { rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000 };
  }
}

/** Throws where there is no such process. */
function ofFamily(pid: number): Usage {
  const own = ofProcess(pid);
  return childrenOf(pid).reduce((sum, child) => {
    try {
      const { rssBytes, cpuMs } = ofFamily(child);
      return { rssBytes: sum.rssBytes + rssBytes, cpuMs: sum.cpuMs + cpuMs };
    } catch {
      // It has ended meanwhile.
      return sum;
    }
  }, own);
}

function ofProcess(pid: number): Usage {
  const rssKiB = /^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status'))?.[1] ?? '0';
  // The name, in brackets, may hold anything; behind it the 12th to the 15th field are user, system, and the
  // children's that have been waited for.
  const stat = read(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { rssBytes: Number(rssKiB) * 1024, cpuMs: ticks * TICK_MS };
}

/** Those of its main thread, which is where node and sh start others. */
function childrenOf(pid: number): number[] {
  try {
    return read(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  } catch {
    // A kernel without CONFIG_PROC_CHILDREN.
    return [];
  }
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}
