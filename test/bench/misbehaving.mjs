// What others notice of a guest that misbehaves in the process of their own machine: the longest time that the event loop
// of the servers stood still, the longest that a viewer of another machine, whose picture moves 30 times a second, waited
// for an update, and what was told of the guest.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { desktopStands, KEY } from './demo-machines.mjs';
import { rounded } from './figures.mjs';
import { DEMO, pause, startScript } from './machines.mjs';
import { COPY_RECT, RAW, RfbViewer, ZRLE } from './rfb-viewer.mjs';

const WATCH_MS = 1200;
const KINDS = {
  'nothing (for comparison)': 'nothing',
  'triple fault': 'triple',
  PAE: 'pae',
  'interrupts off, halted': 'cli',
  'interrupts off, spinning': 'spin',
  'resets itself': 'reset',
};

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

/** The longest time between two updates from now on. */
function gaps(viewer) {
  let [lastMs, longestMs] = [performance.now(), 0];
  viewer.onUpdate = () => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  return () => Math.max(longestMs, performance.now() - lastMs);
}

export async function misbehaving() {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-bench-'));
  const kernel = join(folder, 'spin.elf');
  writeFileSync(kernel, spinner());
  const host = await startScript('misbehaving-host.mjs', [DEMO, kernel]);
  const viewer = await RfbViewer.connect({ host: '127.0.0.1', port: host.said.port }, [ZRLE, COPY_RECT, RAW]);
  const figures = {};
  try {
    await desktopStands(viewer);
    viewer.press(KEY.f4);
    for (const [name, how] of Object.entries(KINDS)) {
      // Booting beside it takes its time, and is another matter.
      await host.ask({ order: 'begin', how });
      const longest = gaps(viewer);
      await pause(WATCH_MS);
      const viewerWaitedMs = rounded(longest());
      const { loopBlockedMs, told } = await host.ask({ order: 'end' });
      figures[name] = { loopBlockedMs: rounded(loopBlockedMs), viewerWaitedMs, told };
    }
  } finally {
    viewer.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}
