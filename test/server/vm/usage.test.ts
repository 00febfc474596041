import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { usage } from '../../../server/vm/usage.js';

const MIB = 1 << 20;
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A child under a shell, as QEMU is, that holds so much and has worked for a while. */
async function grandchild(mib: number): Promise<ChildProcess> {
  const work = `const held = Buffer.alloc(${mib << 20}, 1);
    for (const end = process.cpuUsage().user + 200_000; process.cpuUsage().user < end; );
    console.log(held.length); process.stdin.resume();`;
  // The colon keeps the shell there.
  const child = spawn('sh', ['-c', `"$0" -e "$1"; :`, process.execPath, work], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

test.skipIf(process.platform !== 'linux')(
  'what the processes below take counts, and time stays when they end',
  async () => {
    const before = usage();
    expect(before.rssBytes).toBeGreaterThan(16 * MIB);
    const child = await grandchild(200);
    const during = usage();
    expect(during.rssBytes - before.rssBytes).toBeGreaterThan(190 * MIB);
    expect(during.cpuMs - before.cpuMs).toBeGreaterThanOrEqual(200);
    child.stdin!.end();
    await once(child, 'exit');
    const after = usage();
    expect(after.rssBytes).toBeLessThan(during.rssBytes - 150 * MIB);
    expect(after.cpuMs).toBeGreaterThanOrEqual(during.cpuMs);
  },
);
