import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Process ids whose command line holds `text`; zombies have none any more. */
export function processesWith(text: string): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args=', '-ww'], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(text)).map((line) => Number.parseInt(line, 10));
}

/** Waits until `holds`, for at most `ms`; says whether it does. */
export async function within(ms: number, holds: () => boolean): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await delay(20)) if (holds()) return true;
  return holds();
}
