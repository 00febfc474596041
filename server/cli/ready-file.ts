import { accessSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, UserError } from '../../src/base/errors.js';

/** What `--ready-file` tells a program that started us. Listeners that are off are null. */
export interface ReadyFacts {
  readonly name: string;
  readonly engine: string;
  readonly accel: string | null;
  readonly rdp: string | null;
  readonly vnc: string | null;
  readonly http: string | null;
  readonly user: string;
  readonly width: number;
  readonly height: number;
  readonly pid: number;
}

/**
 * Removes what an earlier run left, so that nobody mistakes it for this one's. Throws UserError, also where the file could
 * not be written later: it is better said before anything is started.
 */
export function clearReadyFile(file: string): void {
  attempt(file, () => {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
    rmSync(file, { force: true });
  });
}

/** Appears whole or not at all: written aside and renamed. Throws UserError. */
export function writeReadyFile<F extends { readonly pid: number }>(file: string, facts: F): void {
  attempt(file, () => {
    writeFileSync(`${file}.${facts.pid}`, `${JSON.stringify(facts)}\n`);
    renameSync(`${file}.${facts.pid}`, file);
  });
}

function attempt(file: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new UserError(`--ready-file: cannot write ${file}: ${messageOf(error)}`);
  }
}
