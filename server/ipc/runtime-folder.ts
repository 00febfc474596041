import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf, UserError } from '../../src/base/errors.js';

/** Bytes in `sun_path` without the final NUL: 107 on Linux, 103 on macOS and the BSDs. */
const MAX_SOCKET_PATH_BYTES = 103;
/** A machine's name has at most 63 characters, all ASCII. */
const LONGEST_NAME_BYTES = 63 + '.sock'.length;
/** In the state folder: where the sockets were the last time. */
const REMEMBERED = 'runtime-folder';

/**
 * The folder of the private sockets that belong to this state folder: short in name, entered by this user only, and
 * the same after a restart even where the environment is another one then, because machines outlive the service and
 * are found there again. Throws UserError.
 */
export function runtimeFolder(stateDir: string, env: NodeJS.ProcessEnv = process.env): string {
  const memory = join(stateDir, REMEMBERED);
  const name = nameFor(stateDir);
  const remembered = readOr(memory, '').trim();
  // A copy of a state folder remembers the folder of the other.
  if (basename(remembered) === name && fault(remembered) === undefined) return remembered;
  const folder = join(baseFor(name, env), name);
  makePrivate(folder);
  try {
    writeFileSync(memory, `${folder}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UserError(`cannot write ${memory}: ${messageOf(error)}`);
  }
  return folder;
}

/**
 * The folder that whoever serves this state folder uses, for those who want to reach them: its owner, or root.
 * Undefined where there is none. Changes nothing.
 */
export function knownRuntimeFolder(stateDir: string): string | undefined {
  const folder = readOr(join(stateDir, REMEMBERED), '').trim();
  try {
    const isItsOwn = basename(folder) === nameFor(stateDir) && statSync(stateDir).uid === lstatSync(folder).uid;
    return isItsOwn ? folder : undefined;
  } catch {
    return undefined;
  }
}

function nameFor(stateDir: string): string {
  return `vitrine-${createHash('sha256').update(realpathSync(stateDir)).digest('hex').slice(0, 8)}`;
}

/** The first place that is there and leaves room for the longest socket's name. */
function baseFor(name: string, env: NodeJS.ProcessEnv): string {
  const fits = (base: string): boolean =>
    Buffer.byteLength(join(base, name)) + 1 + LONGEST_NAME_BYTES <= MAX_SOCKET_PATH_BYTES;
  // systemd's RuntimeDirectory=. Not XDG_RUNTIME_DIR: that one goes when its user logs out, and machines stay.
  const { RUNTIME_DIRECTORY: own } = env;
  if (own?.startsWith('/') && fits(own) && fault(own) === undefined) return own;
  return fits(tmpdir()) ? tmpdir() : '/tmp';
}

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new UserError(`cannot make the folder ${folder}: ${messageOf(error)}`);
    }
  }
  // In /tmp anybody could have made it before us, and would then read along.
  const why = fault(folder);
  if (why !== undefined) throw new UserError(`${folder} ${why}; remove it, or set TMPDIR to a folder of yours`);
}

/** What keeps a folder from being private to this user, or undefined. */
function fault(folder: string): string | undefined {
  try {
    const stats = lstatSync(folder);
    if (!stats.isDirectory()) return 'is not a folder';
    if (stats.uid !== process.getuid?.()) return 'belongs to another user';
    return (stats.mode & 0o077) === 0 ? undefined : 'can be entered by others';
  } catch (error) {
    return `cannot be used: ${messageOf(error)}`;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
