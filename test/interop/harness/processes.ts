import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OUTPUT_LIMIT = 256 << 10;
const TERM_GRACE_MS = 3_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs for a test, with what it wrote. */
export class Program {
  readonly name: string;
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  #exit: Exit | undefined;
  readonly #child: ChildProcess;

  constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    child.stdout?.on('data', (chunk) => {
      this.stdout = (this.stdout + chunk).slice(-OUTPUT_LIMIT);
    });
    child.stderr?.on('data', (chunk) => {
      this.stderr = (this.stderr + chunk).slice(-OUTPUT_LIMIT);
    });
    this.exited = new Promise((resolve) => {
      const done = (exit: Exit) => {
        this.#exit ??= exit;
        resolve(this.#exit);
      };
      child.once('close', (code, signal) => done({ code, signal }));
      child.once('error', (error) => {
        this.stderr += `${error.message}\n`;
        done({ code: -1, signal: null });
      });
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} did not start: ${this.stderr}`);
    return this.#child.pid;
  }
  /** How it ended; undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }
  get output(): string {
    return this.stdout + this.stderr;
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }
  signal(signal: NodeJS.Signals): void {
    if (this.#exit === undefined) this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = TERM_GRACE_MS): Promise<Exit> {
    this.signal(signal);
    // A stopped process takes no other signal.
    this.signal('SIGCONT');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** An extra pipe at file descriptor 3. */
  readonly onFd3?: (text: string) => void;
}

const endings: (() => unknown)[] = [];

/** To be done when the test file ends, last in first out, whatever happened in between. */
export function atEnd(action: () => unknown): void {
  endings.push(action);
}

/** For `afterAll`: ends every program that was started and removes every folder that was made. */
export async function endEverything(): Promise<void> {
  const failures: unknown[] = [];
  for (let action = endings.pop(); action !== undefined; action = endings.pop()) {
    try {
      await action();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be ended');
}

export function start(command: string, args: readonly string[], options: StartOptions = {}): Program {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe', ...(options.onFd3 === undefined ? [] : ['pipe' as const])],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  child.stdin?.on('error', () => {});
  if (options.onFd3 !== undefined) child.stdio[3]?.on('data', (chunk) => options.onFd3?.(String(chunk)));
  const program = new Program(command, child);
  atEnd(() => program.stop());
  return program;
}

/** Runs a short command to its end; rejects unless it exits with 0. */
export async function run(command: string, args: readonly string[], options: StartOptions = {}): Promise<string> {
  const program = new Program(
    command,
    spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } }),
  );
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}): ${program.output}`);
  return program.stdout;
}

/** A private folder that is gone after the test file. Short: it holds unix sockets. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vit-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
