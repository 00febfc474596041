import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Process ids whose command line holds `text`; zombies have none any more. */
export function processesWith(text: string, counts: (line: string) => boolean = () => true): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,comm=,args=', '-ww'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(text) && counts(line)).map((line) => Number.parseInt(line, 10));
}

/** Waits until `holds`, for at most `ms`; says whether it does. */
export async function within(ms: number, holds: () => boolean): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await delay(20)) if (holds()) return true;
  return holds();
}

/** The QEMUs themselves, neither their guards nor who started them, whose command line holds `text`. */
export function qemusWith(text: string): number[] {
  return processesWith(text, (line) => /^\s*\d+ qemu-system/.test(line));
}

/** Kills the one QEMU whose command line holds `text`. */
export function killQemu(text: string): void {
  const qemus = qemusWith(text);
  if (qemus.length !== 1) throw new Error(`${qemus.length} processes hold ${text}`);
  process.kill(qemus[0]!, 'SIGKILL');
}
