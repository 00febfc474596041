import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';

/** What a file of ours holds, or undefined where there is none. Throws UserError for one that is not JSON. */
export function readPrivate(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`cannot read ${path}: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(path, messageOf(error));
  }
}

/** @param what is wrong with what it holds */
export function damaged(path: string, what: string): UserError {
  return new UserError(`${path} is damaged (${what}): bring it back from a backup, or take it away`);
}

/** Replaces a file whole, for its owner's eyes only: whatever happens, the old or the new one is there afterwards. */
export async function writePrivate(path: string, content: unknown): Promise<void> {
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content, undefined, 1)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Keeps something that changes often in a file: changes that come while it is being written are written together. */
export class KeptFile {
  readonly #path: string;
  readonly #content: () => unknown;
  readonly #log: Logger;
  #isStale = false;
  #writing: Promise<void> | undefined;

  constructor(path: string, content: () => unknown, log: Logger) {
    this.#path = path;
    this.#content = content;
    this.#log = log;
  }

  changed(): void {
    this.#isStale = true;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when everything up to now is on the disk, or could not be written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What changes in the same turn belongs together.
    await Promise.resolve();
    while (this.#isStale) {
      this.#isStale = false;
      try {
        await writePrivate(this.#path, this.#content());
      } catch (error) {
        // It goes on from memory; the next change tries again.
        this.#log.error({ err: error }, `cannot write ${this.#path}`);
      }
    }
  }
}
