import { type FSWatcher, watch } from 'node:fs';
import { messageOf } from '../base/errors.js';
import { LEDGER_FILE } from './ledger.js';
import { DEFINITION_FILE, versionOf } from './read-entry.js';
import type { Store } from './store.js';

/** An editor writes a file in several steps. */
const SETTLE_MS = 50;
/** What keeps the host from reading a folder passes in seconds, or stays. */
const AGAIN_MS = 5_000;

/**
 * Tells of machines whose definition or record has changed, come or gone, whoever did it. Where the system cannot
 * watch files, hand edits are noticed when somebody asks for the machine.
 */
export class Watch {
  readonly #store: Store;
  readonly #changed: (name: string) => void;
  readonly #versions = new Map<string, string>();
  /** Changes that were seen and that nobody could be told of yet. */
  readonly #untold = new Set<string>();
  readonly #watchers = new Map<string, FSWatcher>();
  #root: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store, changed: (name: string) => void) {
    this.#store = store;
    this.#changed = changed;
    this.#root = this.#watch(store.root, () => this.#soon());
    this.look(false);
  }

  /** Compares all machines with what was there before. Never throws. */
  look(tell = true): void {
    try {
      this.#compare(tell);
    } catch (error) {
      // The folder is gone for a moment, or the host has no more open files.
      this.#store.log.warn({ path: this.#store.root, reason: messageOf(error) }, 'the machines cannot be looked at');
      this.#soon(AGAIN_MS);
    }
  }

  #compare(tell: boolean): void {
    const names = new Set(this.#store.names());
    const changed = [...this.#versions.keys()].filter((name) => !names.has(name));
    for (const name of changed) {
      this.#versions.delete(name);
      this.#watchers.get(name)?.close();
      this.#watchers.delete(name);
    }
    for (const name of names) {
      const version = versionOf(this.#store.folder(name));
      if (this.#versions.get(name) === version) continue;
      this.#versions.set(name, version);
      changed.push(name);
      if (this.#watchers.has(name) || this.#closed) continue;
      const watcher = this.#watch(this.#store.folder(name), (file) => {
        if (file === null || file === DEFINITION_FILE || file === LEDGER_FILE) this.#soon();
      });
      if (watcher !== undefined) this.#watchers.set(name, watcher);
    }
    if (tell) for (const name of changed) this.#untold.add(name);
    for (const name of this.#untold) {
      this.#changed(name);
      this.#untold.delete(name);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#root?.close();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #soon(afterMs = SETTLE_MS): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.look();
    }, afterMs).unref();
  }

  #watch(path: string, heard: (file: string | null) => void): FSWatcher | undefined {
    try {
      const watcher = watch(path, { persistent: false }, (_, file) => heard(file));
      // The folder is gone, or the system has no more watches to give.
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch (error) {
      this.#store.log.warn({ path, reason: messageOf(error) }, 'hand edits are noticed late here');
      return undefined;
    }
  }
}
