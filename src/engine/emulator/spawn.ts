import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WorkerStart } from './worker-messages.js';

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** The worker's own heap, in MiB: the guest's memory is outside of it, v86's objects take some 10 and are there to stay. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 6 };

let compiled: Promise<object> | undefined;

/** v86.wasm, compiled once for all machines of the process. */
export function compileV86(): Promise<object> {
  compiled ??= compileInTiers();
  compiled.catch(() => {
    compiled = undefined;
  });
  return compiled;
}

/**
 * v86.wasm gets V8's optimising compiler for its hot functions; what v86 makes out of the guest's code, a module a page,
 * keeps the code of the quick one. Optimising those pages takes more memory and processor than it gives back. Without
 * and with this, on two cores under Node 20: `run --demo` at rest 165 to 229 and 133 to 166 MB resident (medians 201 and
 * 145), GRUB's ISO 270 to 293 and 125 to 147 MB with the same time to its menu, Debian 12's installer 37.9 and 19.7 s
 * of processor to its first program. Node 22: 238 and 159 MB, Node 24: 285 and 269. What it costs: loops of the guest
 * that stay hot for seconds run a quarter slower (the demo's photograph 380 and 470 ms, its first 540 and 530).
 *
 * V8 looks at these flags when it compiles a function, so v86.wasm is compiled as a whole before they change.
 *
 * One function is optimised at a time: a large one takes 10 to 15 MB for a tenth of a second, which malloc keeps in each
 * thread that ever did it. With that and the worker's small heap `run --demo` at rest has 139 MB instead of 152 on a busy
 * host (medians of eight) and 132 instead of 148 on a quiet one; it is ready as soon, and its photograph takes as long.
 */
async function compileInTiers(): Promise<object> {
  const bytes = await readFile(createRequire(import.meta.url).resolve('v86/build/v86.wasm'));
  setFlagsFromString('--wasm-num-compilation-tasks=1');
  setFlagsFromString('--no-wasm-lazy-compilation');
  try {
    return await WebAssembly.compile(bytes);
  } finally {
    setFlagsFromString('--wasm-lazy-compilation');
    setFlagsFromString('--no-wasm-tier-up');
    setFlagsFromString('--no-wasm-dynamic-tiering');
  }
}

export function spawnWorker(start: WorkerStart): Worker {
  return new Worker(workerUrl(), {
    workerData: start,
    resourceLimits: RESOURCE_LIMITS,
    name: 'emulator',
    // Hooks and loaders of the parent (a test runner's, a debugger's) have no business in a guest's thread.
    execArgv: [],
    stdout: true,
    stderr: true,
  });
}

/** Compiled code has its worker beside it. Where this module runs from TypeScript (tests), the build's worker is used. */
function workerUrl(): URL {
  const beside = new URL('./worker.js', import.meta.url);
  return existsSync(beside) ? beside : new URL('../../../dist/src/engine/emulator/worker.js', import.meta.url);
}
