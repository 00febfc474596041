import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { Problem } from '../../src/base/errors.js';

const MIB = 1 << 20;
/** Left to the host itself, whatever the policy. */
const RESERVE_MIB = 512;
/** What a machine's process needs beside its guest's memory, measured for the emulator and for QEMU with 1280x800. */
const OVERHEAD_MIB = 96;

/** How much memory the guests of this host may be promised in all. */
export class HostMemory {
  readonly #overcommitPercent: number;
  readonly #totalMiB: () => number;

  /** @param overcommitPercent of the host's memory that may be promised: 100 is all of it, more relies on KSM and swap */
  constructor(overcommitPercent: number, totalMiB = () => Math.floor(totalmem() / MIB)) {
    this.#overcommitPercent = overcommitPercent;
    this.#totalMiB = totalMiB;
  }

  get totalMiB(): number {
    return this.#totalMiB();
  }
  get allowedMiB(): number {
    return Math.max(0, Math.floor((this.totalMiB * this.#overcommitPercent) / 100) - RESERVE_MIB);
  }

  /** Throws Problem 'host-full', with the figures, where a guest of `memoryMiB` more would be too much. */
  admit(memoryMiB: number, promisedMiB: number): void {
    const needed = costOf(memoryMiB);
    if (promisedMiB + needed <= this.allowedMiB) return;
    throw new Problem(
      'host-full',
      `not enough memory on this host: ${needed} MiB are needed, ${promisedMiB} of ${this.allowedMiB} MiB are promised to running machines; stop one, or allow more with --overcommit`,
    );
  }
}

/** What a guest with this much memory is counted as. */
export function costOf(memoryMiB: number): number {
  return memoryMiB + OVERHEAD_MIB;
}

/** What programs can still get without swapping. */
export function availableMiB(): number {
  const found = /^MemAvailable:\s+(\d+) kB/m.exec(readOr('/proc/meminfo', ''))?.[1];
  return found === undefined ? Math.floor(freemem() / MIB) : Math.floor(Number(found) / 1024);
}

/** Kernel same-page merging, or null where the host has none. */
export function ksmState(): { readonly running: boolean; readonly sharedMiB: number } | null {
  const run = readOr('/sys/kernel/mm/ksm/run', undefined);
  if (run === undefined) return null;
  const pages = Number(readOr('/sys/kernel/mm/ksm/pages_sharing', '0'));
  return { running: run.trim() === '1', sharedMiB: Math.floor((pages * 4096) / MIB) };
}

function readOr<T>(file: string, otherwise: T): string | T {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
