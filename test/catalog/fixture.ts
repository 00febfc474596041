import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Problem } from '../../src/base/errors.js';
import { silentLog } from '../../src/base/log.js';
import { Catalog, type CatalogOptions } from '../../src/catalog/catalog.js';
import { QemuImg } from '../../src/engine/qemu/qemu-img.js';

export const QEMU_IMG = await QemuImg.find();

/** A catalog in a folder of its own. */
export class Fixture {
  readonly folder: string;
  catalog!: Catalog;
  readonly running = new Set<string>();
  readonly #options: Partial<CatalogOptions>;

  static async make(options: Partial<CatalogOptions> = {}): Promise<Fixture> {
    const fixture = new Fixture(await mkdtemp(join(tmpdir(), 'vitrine-catalog-')), options);
    await fixture.reopen();
    return fixture;
  }

  private constructor(folder: string, options: Partial<CatalogOptions>) {
    this.folder = folder;
    this.#options = options;
  }

  /** As after a restart. */
  async reopen(): Promise<Catalog> {
    this.catalog?.close();
    this.catalog = await Catalog.open(this.folder, {
      log: silentLog,
      isRunning: (name) => this.running.has(name),
      ...this.#options,
    });
    return this.catalog;
  }

  close(): void {
    this.catalog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  read(...parts: string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  /** Files below a machine's folder, without those that every machine has. */
  files(machine: string): string[] {
    return readdirSync(this.path(machine), { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && !['machine.yaml', 'state.json'].includes(item.name))
      .map((item) => join(item.parentPath, item.name).slice(this.path(machine).length + 1))
      .sort();
  }

  /** What the disk is at present. */
  head(machine: string, disk = 0): string {
    return this.catalog.entry(machine).stored.disks[disk]!;
  }

  /** As a guest writes: `byte` over 64 KiB at `kib`. */
  write(machine: string, byte: number, kib: number, disk = 0): void {
    writeImage(this.head(machine, disk), byte, kib);
  }

  /** Whether a guest would read `byte` in these 64 KiB. */
  holds(machine: string, byte: number, kib: number, disk = 0): boolean {
    return imageHolds(this.head(machine, disk), byte, kib);
  }
}

const format = (path: string) => (path.endsWith('.qcow2') ? 'qcow2' : 'raw');

export function writeImage(path: string, byte: number, kib: number): void {
  execFileSync('qemu-io', ['-f', format(path), '-c', `write -P ${byte} ${kib}k 64k`, path]);
}

export function imageHolds(path: string, byte: number, kib: number): boolean {
  const args = ['-r', '-U', '-f', format(path), '-c', `read -P ${byte} ${kib}k 64k`, path];
  const { status, stdout, stderr } = spawnSync('qemu-io', args, { encoding: 'utf8' });
  if (stdout.includes('Pattern verification failed')) return false;
  if (status !== 0) throw new Error(`qemu-io: ${stderr}${stdout}`);
  return true;
}

/** What a promise is rejected with: a Problem of one line, as `code: message`. */
export async function problem(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Problem);
  expect((error as Problem).message).not.toContain('\n');
  return `${(error as Problem).code}: ${(error as Problem).message}`;
}
