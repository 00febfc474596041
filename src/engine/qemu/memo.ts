import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Entries kept: a host has one or two QEMUs, and a new entry for each kernel it was booted with. */
const MAX_ENTRIES = 32;

/**
 * Answers that are costly to find out, kept in a JSON file. What cannot be read counts as unknown and what cannot be
 * written is found out again next time: this is never a reason to fail.
 */
export class Memo {
  readonly #path: string | undefined;

  /** @param path of the file; undefined remembers nothing. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** The value kept under `key`, as JSON gave it: the caller checks its shape. */
  async get(key: string): Promise<unknown> {
    return (await this.#read()).get(key);
  }

  async set(key: string, value: unknown): Promise<void> {
    if (this.#path === undefined) return;
    const entries = await this.#read();
    entries.delete(key);
    entries.set(key, value);
    const kept = [...entries].slice(-MAX_ENTRIES);
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      // Renamed into place: another vitrine may be reading it.
      const draft = `${this.#path}.${process.pid}`;
      await writeFile(draft, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`, { mode: 0o600 });
      await rename(draft, this.#path);
    } catch {
      // Found out again next time.
    }
  }

  async #read(): Promise<Map<string, unknown>> {
    if (this.#path === undefined) return new Map();
    try {
      const parsed: unknown = JSON.parse(await readFile(this.#path, 'utf8'));
      if (typeof parsed === 'object' && parsed !== null) return new Map(Object.entries(parsed));
    } catch {
      // Not there yet, or damaged.
    }
    return new Map();
  }
}
