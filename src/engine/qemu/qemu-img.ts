import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, Problem } from '../../base/errors.js';
import type { DiskFormat } from '../../machine/disk-format.js';
import { GuardedProcess } from './guarded-process.js';

/** A backing file as it is to stand in the image: a relative name counts from the image's folder. */
export interface Backing {
  readonly name: string;
  readonly format: DiskFormat;
}

export interface ImageInfo {
  readonly format: string;
  readonly virtualBytes: number;
  /** Whether it has a parent of any kind. */
  readonly hasBacking: boolean;
}

/** Questions and new files take milliseconds; a cold disk under load may take seconds. */
const QUESTION_MS = 30_000;

/**
 * QEMU's tool for disk images. Formats are always named: it would otherwise guess from content that a guest may have
 * written. Everything rejects with a Problem: 'busy' where a running machine holds the image, 'host-full' where the
 * disk is.
 */
export class QemuImg {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Undefined where it is not installed. */
  static async find(searchPath = process.env.PATH ?? ''): Promise<QemuImg | undefined> {
    for (const folder of searchPath.split(delimiter)) {
      if (folder === '') continue;
      const path = join(folder, 'qemu-img');
      const found = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return new QemuImg(path);
    }
    return undefined;
  }

  async create(path: string, format: DiskFormat, bytes: number, backing?: Backing): Promise<void> {
    // -u: the backing file is not opened, so that its name may be one that is right only where the image will be.
    const behind = backing === undefined ? [] : ['-u', '-F', backing.format, '-b', backing.name];
    await this.#ask(['create', '-q', '-f', format, ...behind, path, String(bytes)]);
  }

  /** @param format undefined: guessed from the content; only for files that no guest has written */
  async info(path: string, format?: DiskFormat): Promise<ImageInfo> {
    const json = await this.#ask([
      'info',
      '-U',
      '--output=json',
      ...(format === undefined ? [] : ['-f', format]),
      path,
    ]);
    const info = JSON.parse(json) as Record<string, unknown>;
    return {
      format: String(info.format),
      virtualBytes: Number(info['virtual-size']),
      hasBacking: info['backing-filename'] !== undefined,
    };
  }

  /** Whether somebody has it open for writing. */
  async isInUse(path: string, format: DiskFormat): Promise<boolean> {
    try {
      // One that is damaged is nobody's: the lock comes before the content.
      await this.#ask(['info', '-f', format, path], [0, 1]);
      return false;
    } catch (error) {
      if (error instanceof Problem && error.code === 'busy') return true;
      throw error;
    }
  }

  /** Rejects where the image's structure is damaged; clusters that merely nobody uses are fine. */
  async check(path: string): Promise<void> {
    await this.#ask(['check', '-q', '-f', 'qcow2', path], [0, 3]);
  }

  /** Writes what a qcow2 image holds into its backing file; the image stays as it is. */
  commit(path: string): Promise<void> {
    return this.#work(['commit', '-q', '-d', '-f', 'qcow2', path]);
  }

  /**
   * Puts another backing file behind a qcow2 image, or none.
   * @param sameContent the caller knows that both read the same; otherwise what differs is copied into the image
   */
  rebase(path: string, backing: Backing | undefined, sameContent: boolean): Promise<void> {
    const to = backing === undefined ? ['-b', ''] : ['-F', backing.format, '-b', backing.name];
    return this.#work(['rebase', '-q', '-f', 'qcow2', ...(sameContent ? ['-u'] : []), ...to, path]);
  }

  /** Makes `to` what `from` reads as, with everything behind it; zeros take no room. */
  convert(from: string, fromFormat: DiskFormat, to: string, format: DiskFormat): Promise<void> {
    return this.#work(['convert', '-q', '-f', fromFormat, '-O', format, from, to]);
  }

  async #ask(args: readonly string[], good: readonly number[] = [0]): Promise<string> {
    try {
      const { stdout } = await promisify(execFile)(this.#path, [...args], { timeout: QUESTION_MS, env: ENGLISH() });
      return stdout;
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string };
      const trouble = problem(args, stderr || messageOf(error));
      if (trouble.code !== 'busy' && typeof code === 'number' && good.includes(code)) return '';
      throw trouble;
    }
  }

  /** What takes long ends when we do, however we end: a merge that nobody waits for would hold the images' locks. */
  async #work(args: readonly string[]): Promise<void> {
    const work = await GuardedProcess.start(this.#path, args);
    const { status } = await work.exited;
    if (status !== 0) throw problem(args, work.stderr || `exit status ${status}`);
  }
}

const ENGLISH = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C' });

function problem(args: readonly string[], stderr: string): Problem {
  const line = stderr
    .trim()
    .split('\n')[0]!
    .replace(/^qemu-img: /, '');
  if (/Failed to get .*lock|Is another process using/.test(stderr))
    return new Problem('busy', `the disk is in use: ${line}`);
  if (/No space left|Disk quota exceeded/.test(stderr))
    return new Problem('host-full', `no room for the disk: ${line}`);
  return new Problem('failed', `qemu-img ${args[0]}: ${line}`);
}
