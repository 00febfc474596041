// What other machines and the event loop that serves them notice of a guest that misbehaves in the same process: the
// longest time that the loop stood still, the longest that a healthy guest took to answer on its serial port, and what
// was told of the one that misbehaved.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { rounded } from './figures.mjs';
import { pause } from './machines.mjs';

const WATCH_MS = 1500;
/** cli; jmp to itself, behind a multiboot header: an ELF file's 52 and 32 bytes of headers, then 12, then the code. */
function spinner() {
  const load = 0x100000;
  const words = [0x464c457f, 0x00010101, 0, 0, 0x00030002, 1, load + 96, 52, 0, 0, 0x00200034, 0x00280001, 0];
  const program = [1, 0, load, load, 99, 99, 7, 0x1000];
  const multiboot = [0x1badb002, 0, -0x1badb002];
  return Buffer.concat([
    Buffer.from(Int32Array.from([...words, ...program, ...multiboot]).buffer),
    Buffer.of(0xfa, 0xeb, 0xfe),
  ]);
}

export async function misbehaving() {
  const { boot, bootDemo: demo } = await import('./engines.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const kernel = join(folder, 'spin.elf');
  writeFileSync(kernel, spinner());
  const healthy = await demo();
  const watch = async (start) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const other = await start();
    delay.enable();
    other.misbehave();
    let slowestMs = 0;
    const endMs = performance.now() + WATCH_MS;
    for (let i = 0; performance.now() < endMs; i++) {
      const askedMs = performance.now();
      const answer = new Promise((resolve) => {
        const off = healthy.engine.onSerial.on((line) => {
          if (line === `PONG ${i}`) resolve(off);
        });
      });
      healthy.engine.serialWrite(`PING ${i}\n`);
      (await answer)?.();
      slowestMs = Math.max(slowestMs, performance.now() - askedMs);
      await pause(20);
    }
    delay.disable();
    const then = other.told.at(-1);
    await other.engine.stop();
    return { loopBlockedMs: rounded(delay.max / 1e6), otherAnsweredMs: rounded(slowestMs), then };
  };
  const figures = {};
  try {
    figures['nothing (for comparison)'] = await watch(async () => ({ ...(await demo()), misbehave() {} }));
    for (const how of ['triple', 'pae', 'cli', 'reset']) {
      figures[`CRASH ${how}`] = await watch(async () => {
        const machine = await demo();
        return { ...machine, misbehave: () => machine.engine.serialWrite(`CRASH ${how}\n`) };
      });
    }
    figures['interrupts off, spinning'] = await watch(async () => ({ ...(await boot(kernel)), misbehave() {} }));
  } finally {
    await healthy.engine.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}
