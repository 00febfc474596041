import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, UserError } from '../../base/errors.js';
import type { Memo } from './memo.js';

/** An installed QEMU and what its build has. */
export interface QemuBinary {
  readonly path: string;
  /** "7.2.22" */
  readonly version: string;
  /** The i386 build has no 64 bit guests. */
  readonly longMode: boolean;
  /** Accelerators and display types by QEMU's names. */
  readonly accels: readonly string[];
  readonly displays: readonly string[];
  /** Tells this file from another or an upgraded one. */
  readonly fingerprint: string;
}

const NAMES = ['qemu-system-x86_64', 'qemu-system-i386'];
/** `-version` takes 30 ms; a cold disk under load may take seconds. */
const QUESTION_MS = 15_000;
/** The machine type q35, -audiodev and JSON events that we rely on are all there by then. */
const OLDEST_MAJOR = 5;

/** Finds QEMU in the folders of `searchPath` (as PATH has them). Throws UserError when there is none that runs. */
export async function findQemu(memo: Memo, searchPath = process.env.PATH ?? ''): Promise<QemuBinary> {
  const path = await whereIsQemu(searchPath);
  if (path !== undefined) return await describe(path, memo);
  throw new UserError(
    'qemu is not installed: apt install qemu-system-x86 (Debian, Ubuntu), dnf install qemu-system-x86 (Fedora), brew install qemu (macOS)',
  );
}

/** Whether there is a QEMU to try, working or not. */
export async function isQemuInstalled(searchPath = process.env.PATH ?? ''): Promise<boolean> {
  return (await whereIsQemu(searchPath)) !== undefined;
}

async function whereIsQemu(searchPath: string): Promise<string | undefined> {
  for (const name of NAMES) {
    for (const folder of searchPath.split(delimiter)) {
      if (folder === '') continue;
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

async function describe(path: string, memo: Memo): Promise<QemuBinary> {
  const real = await realpath(path);
  const { mtimeMs, size } = await stat(real);
  const fingerprint = `${real} ${size} ${mtimeMs}`;
  const known = await memo.get(fingerprint);
  if (isQemuBinary(known) && known.path === path) return known;

  const [version, displays, accels] = await Promise.all(
    [['-version'], ['-display', 'help'], ['-accel', 'help']].map((args) => ask(path, args)),
  );
  const number = /version (\d+)\.(\d+)(\.\d+)?/.exec(version!);
  if (number === null) throw new UserError(`${path} does not tell its version; is it QEMU?`);
  if (Number(number[1]) < OLDEST_MAJOR) {
    throw new UserError(`${path} is version ${number[0].slice(8)}; vitrine needs QEMU ${OLDEST_MAJOR} or newer`);
  }
  const binary: QemuBinary = {
    path,
    version: number[0].slice('version '.length),
    longMode: path.endsWith('x86_64'),
    accels: words(accels!),
    displays: words(displays!),
    fingerprint,
  };
  await memo.set(fingerprint, binary);
  return binary;
}

async function ask(path: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, args, { timeout: QUESTION_MS, maxBuffer: 1 << 20 });
    return stdout;
  } catch (error) {
    throw new UserError(`${path} does not run: ${messageOf(error).split('\n')[0]}`);
  }
}

/** The lines of one word: what QEMU lists, without the heading and the closing sentence. */
function words(text: string): string[] {
  return text.split('\n').filter((line) => /^[a-z0-9-]+$/.test(line));
}

function isQemuBinary(value: unknown): value is QemuBinary {
  const v = value as Partial<QemuBinary> | undefined;
  return (
    typeof v?.path === 'string' &&
    typeof v.version === 'string' &&
    typeof v.longMode === 'boolean' &&
    Array.isArray(v.accels) &&
    Array.isArray(v.displays) &&
    typeof v.fingerprint === 'string'
  );
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
