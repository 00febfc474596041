import { createRequire } from 'node:module';
import { messageOf, Problem } from '../../base/errors.js';
import { checkFacts, openStateFile, type StateFacts, writeStateFile } from '../state-file.js';
import type { DiskHandle } from './disk-buffer.js';
import type { MemorySizes } from './saved-state.js';

const ENGINE = 'emulator';
const MIB = 1 << 20;
/** Compressing it in parts does not take the whole of a state once more. */
const SLICE_BYTES = 1 << 20;

/** What a state of a machine fits to. */
export function factsOf({ memoryBytes, vgaMemoryBytes }: MemorySizes, disks: readonly DiskHandle[]): StateFacts {
  return {
    v86: v86Version(),
    memoryMiB: memoryBytes / MIB,
    videoMemoryMiB: vgaMemoryBytes / MIB,
    disks: disks.map(({ byteLength }) => `a disk of ${byteLength} bytes`),
  };
}

/** Rejects with Problem. */
export async function writeState(path: string, state: Uint8Array, facts: StateFacts): Promise<void> {
  await writeStateFile(path, ENGINE, facts, slices(state));
}

/** Rejects with Problem where the state does not fit, or is damaged. */
export async function readState(path: string, facts: StateFacts): Promise<Uint8Array> {
  const file = await openStateFile(path, ENGINE);
  checkFacts(file, facts);
  try {
    return Buffer.concat(await file.read().toArray());
  } catch (error) {
    throw new Problem('failed', `cannot go on from the saved state ${path}: it is damaged (${messageOf(error)})`);
  }
}

/** Of the installed package: internals, on which a state depends, change with each. */
function v86Version(): string {
  return (createRequire(import.meta.url)('v86/package.json') as { readonly version: string }).version;
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}
