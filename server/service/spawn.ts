import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { messageOf } from '../../src/base/errors.js';
import { complaintIn, trimLog } from './machine-log.js';

const POLL_MS = 20;

/** A process that outlives the one that started it. */
export interface Spawned {
  readonly pid: number | undefined;
  /** Resolves, when it has ended, to what it complained of. */
  readonly ended: Promise<string>;
  /** Nothing where it has ended. */
  kill(): unknown;
}

/** Starts a program whose output goes to `logFile`. */
export function spawnDetached([program, ...args]: readonly [string, ...string[]], logFile: string): Spawned {
  trimLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
    child.unref();
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      child.once('exit', (code, signal) => resolve(complaintIn(logFile) ?? `its process ended (${signal ?? code})`));
    });
    return { pid: child.pid, ended, kill: () => void child.kill('SIGKILL') };
  } finally {
    closeSync(log);
  }
}

/**
 * A process that another service has started on `socket`, as if it were ours; undefined where there is none any more.
 * Its number may be somebody else's by now: only what is seen to be it is killed.
 */
export function follow(pid: number, socket: string, logFile: string): Spawned | undefined {
  // A file that was cut off in its first moment holds none; 0 would be all of us.
  if (!(pid > 0) || !exists(pid) || !mayServe(pid, socket)) return undefined;
  const ended = (async () => {
    await gone(pid);
    return complaintIn(logFile) ?? 'its process ended';
  })();
  return { pid, ended, kill: () => process.platform === 'linux' && mayServe(pid, socket) && kill(pid) };
}

/** The process that was told to run the machine in `folder` on `socket`, where that can be found out. */
export function findServer(folder: string, socket: string): number | undefined {
  try {
    const pids = readdirSync('/proc').map(Number);
    return pids.find((pid) => pid > 0 && wordsOf(pid).includes(folder) && mayServe(pid, socket));
  } catch {
    // Not Linux.
    return undefined;
  }
}

function mayServe(pid: number, socket: string): boolean {
  return process.platform === 'linux' ? wordsOf(pid).includes(socket) : true;
}

/** Its command line; none where it is gone. */
function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Whether a process is there; one that has ended and that nobody has taken note of is not. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const isZombie = /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    // Its first thread may be one while others still have its sockets open.
    return !isZombie || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    // Gone just now, or not Linux.
    return process.platform !== 'linux';
  }
}

/** Resolves to whether a process is gone; without a limit it is waited for as long as it takes. */
export async function gone(pid: number, isLate = (): boolean => false): Promise<boolean> {
  while (exists(pid)) {
    if (isLate()) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}

/** Ends a process that is somebody else's child. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}
