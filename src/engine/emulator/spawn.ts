import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { WorkerStart } from './worker-messages.js';

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** The worker's own heap, in MiB: the guest's memory is outside of it, v86's objects take some 20. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

let compiled: Promise<object> | undefined;

/** v86.wasm, compiled once for all machines of the process. */
export function compileV86(): Promise<object> {
  compiled ??= readFile(createRequire(import.meta.url).resolve('v86/build/v86.wasm')).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  compiled.catch(() => {
    compiled = undefined;
  });
  return compiled;
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
