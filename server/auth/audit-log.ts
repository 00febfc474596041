import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { appendFile, open, rename, stat } from 'node:fs/promises';
import { messageOf, UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { AuditView } from '../api/views.js';

/** A file is put aside at this size, and this many are kept: 40 MiB, some 200,000 entries. */
const FILE_BYTES = 8 << 20;
const KEPT_FILES = 4;
/** Longest text in an entry: strangers choose user names. */
const MOST_CHARACTERS = 500;
const CHUNK_BYTES = 64 << 10;
const MOST_ANSWERED = 10_000;
const LINE_FEED = 0x0a;

export type AuditEntry = Pick<AuditView, 'action' | 'ok'> & Partial<Omit<AuditView, 'at' | 'action' | 'ok'>>;
export interface AuditQuery {
  readonly machine?: string;
  readonly user?: string;
  readonly limit?: number;
}

/** Who did what, a JSON line each, only ever added to. `audit.log.1` is what came before `audit.log`, and so on. */
export class AuditLog {
  readonly #path: string;
  readonly #log: Logger;
  readonly #fileBytes: number;
  /** What is to be written: entries of one turn go in one write. */
  #lines = '';
  #writing: Promise<void> | undefined;

  /** Throws UserError when it cannot be written: a service that must tell who did what must not start without. */
  constructor(path: string, log: Logger, fileBytes = FILE_BYTES) {
    this.#path = path;
    this.#log = log;
    this.#fileBytes = fileBytes;
    try {
      closeSync(openSync(path, 'a', 0o600));
      // A line that a crash has cut must not swallow the next one.
      if (!endsWithLineFeed(path)) this.#lines = '\n';
    } catch (error) {
      throw new UserError(`cannot write the audit log ${path}: ${messageOf(error)}`);
    }
  }

  append({ action, ok, user = null, remote = null, machine = null, detail = '' }: AuditEntry): void {
    const short = (text: string | null): string | null => text?.slice(0, MOST_CHARACTERS) ?? null;
    const entry: AuditView = {
      at: new Date().toISOString(),
      action,
      user: short(user),
      remote: short(remote),
      machine: short(machine),
      ok,
      detail: short(detail) ?? '',
    };
    this.#lines += `${JSON.stringify(entry)}\n`;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** The last `limit` entries that fit, oldest first. Reads backwards, and no more than it takes. */
  async query({ machine, user, limit = 100 }: AuditQuery = {}): Promise<AuditView[]> {
    await this.settled();
    const most = Math.min(limit, MOST_ANSWERED);
    const found: AuditView[] = [];
    for (let age = 0; age <= KEPT_FILES && found.length < most; age++) {
      for await (const line of linesBackwards(this.#nameOf(age))) {
        if (found.length >= most) break;
        const entry = parse(line);
        if (entry !== undefined && fits(entry.machine, machine) && fits(entry.user, user)) found.push(entry);
      }
    }
    return found.reverse();
  }

  /** Resolves when everything up to now is written, or could not be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    await Promise.resolve();
    while (this.#lines !== '') {
      const lines = this.#lines;
      this.#lines = '';
      try {
        await appendFile(this.#path, lines, { mode: 0o600 });
        if ((await stat(this.#path)).size >= this.#fileBytes) await this.#rotate();
      } catch (error) {
        this.#log.error({ err: error, lines }, 'cannot write the audit log');
      }
    }
  }

  async #rotate(): Promise<void> {
    for (let age = KEPT_FILES; age > 0; age--) {
      await rename(this.#nameOf(age - 1), this.#nameOf(age)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }

  #nameOf(age: number): string {
    return age === 0 ? this.#path : `${this.#path}.${age}`;
  }
}

const fits = (value: string | null, wanted: string | undefined): boolean =>
  wanted === undefined || value?.toLowerCase() === wanted.toLowerCase();

function endsWithLineFeed(path: string): boolean {
  const { size } = statSync(path);
  if (size === 0) return true;
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last[0] === LINE_FEED;
  } finally {
    closeSync(file);
  }
}

/** What is no entry (a line that a crash has cut) is passed over. */
function parse(line: string): AuditView | undefined {
  try {
    const entry = JSON.parse(line) as AuditView;
    return typeof entry?.action === 'string' ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a file, last first; none where there is no file. */
async function* linesBackwards(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (file === undefined) return;
  try {
    let at = (await file.stat()).size;
    /** The beginning of the line that has been cut by the chunk's. */
    let rest = Buffer.alloc(0);
    while (at > 0) {
      const size = Math.min(CHUNK_BYTES, at);
      at -= size;
      const chunk = Buffer.alloc(size);
      await file.read(chunk, 0, size, at);
      let bytes = Buffer.concat([chunk, rest]);
      for (let feed = bytes.lastIndexOf(LINE_FEED); feed >= 0; feed = bytes.lastIndexOf(LINE_FEED)) {
        if (feed + 1 < bytes.length) yield bytes.toString('utf8', feed + 1);
        bytes = bytes.subarray(0, feed);
      }
      rest = bytes;
    }
    if (rest.length > 0) yield rest.toString('utf8');
  } finally {
    await file.close();
  }
}
