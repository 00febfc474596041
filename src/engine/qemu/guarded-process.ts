import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { UserError } from '../../base/errors.js';

export interface Exit {
  /** Of the process, or 128 + the number of the signal that killed it. */
  readonly status: number;
}

/** What is kept of a process's last words. */
const MAX_STDERR_CHARACTERS = 16 << 10;
/** The guard kills within milliseconds; after this time it is stuck itself. */
const GUARD_MS = 1_000;

/**
 * Runs a command so that it cannot outlive us. File descriptor 0 of the guard is a pipe (a socket pair, in Node) whose
 * other end only we hold: it ends when we do, however we do, and then the guard kills. Two shells take part, one that
 * waits for the command and one that waits for the pipe; should either be killed, the other still does its half.
 * $1 is a folder to remove afterwards, or empty. What a shell itself has to say ("Killed") goes nowhere: nobody may be
 * left to read it, and writing it would end the shell before it has tidied up.
 */
const GUARD = `
folder=$1; shift
exec 3<&0 </dev/null
"$@" 3<&- &
command=$!
( read -r _ <&3; kill -KILL $command ) >/dev/null 2>&1 &
watch=$!
exec 3<&- 2>/dev/null
wait $command
status=$?
kill -KILL $watch
[ -z "$folder" ] || rm -rf -- "$folder"
exit $status
`;

/**
 * A child process that dies with us, kill -9 included. It has its own process group: Ctrl-C in a terminal reaches us
 * only, and we decide what becomes of it.
 */
export class GuardedProcess {
  /** Resolves when the command has ended and everything about it is gone. Never rejects. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #stderr = '';
  #ended = false;

  /**
   * Rejects with UserError when the guard cannot be started. A command that cannot be run ends with status 126 or 127.
   * @param folder removed when the command has ended, also when nobody is left to do it
   */
  static async start(command: string, args: readonly string[], folder = ''): Promise<GuardedProcess> {
    try {
      const child = spawn('/bin/sh', ['-c', GUARD, 'vitrine-guard', folder, command, ...args], {
        stdio: ['pipe', 'ignore', 'pipe'],
        detached: true,
      });
      // Where no descriptor is left it has no pipes, and the event that says so is still to come.
      const started = child.stderr ? new GuardedProcess(child) : undefined;
      await once(child, 'spawn');
      return started!;
    } catch (error) {
      throw new UserError(`cannot start ${command}: ${whyNot(error as NodeJS.ErrnoException)}`);
    }
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('error', () => {});
    // The guard never reads: its end of the pipe may vanish under us.
    child.stdin!.on('error', () => {});
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-MAX_STDERR_CHARACTERS);
    });
    this.exited = new Promise((resolve) => {
      // The guard gone by itself (somebody killed it) must not leave the command behind.
      child.once('exit', () => this.#killGroup());
      child.once('close', (code, signal) => {
        this.#ended = true;
        child.stdin!.destroy();
        resolve({ status: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
      });
    });
  }

  get isRunning(): boolean {
    return !this.#ended;
  }
  /** The end of what the command complained about. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Kills the command; `exited` tells when it is gone. */
  kill(): void {
    if (this.#ended) return;
    // Through the guard, which then reaps the command and tidies up: where we are a container's first process, an
    // orphan of ours would stay as a zombie.
    this.#child.stdin!.destroy();
    setTimeout(() => this.#killGroup(), GUARD_MS).unref();
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (this.#ended || pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody is left in the group.
    }
  }
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EMFILE' || code === 'ENFILE') return 'too many files are open';
  return code === 'E2BIG' ? 'its command line is too long' : message;
}
