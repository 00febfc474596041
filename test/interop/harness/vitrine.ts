import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Address, type Login, parseAddress } from './clients.js';
import { type Exit, type Program, scratch, start } from './processes.js';
import { until } from './wait.js';

export const MAIN = fileURLToPath(new URL('../../../dist/server/cli/main.js', import.meta.url));
/** More than the eight characters that VncAuth compares. */
export const PASSWORD = 'test-pass-2718';

interface Ready {
  readonly engine: string;
  readonly accel: string | null;
  readonly rdp: string | null;
  readonly vnc: string | null;
  readonly http: string | null;
  readonly user: string;
  readonly width: number;
  readonly height: number;
  readonly pid: number;
}

export interface VitrineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly readyMs?: number;
}

/** Runs the built program with these options and nothing added. */
export function vitrineCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  if (!existsSync(MAIN)) throw new Error('vitrine is not built: npm run build');
  return start(process.execPath, [MAIN, ...args], { env });
}

/** `vitrine run` with free ports, a password, and a folder of its own. */
export class Vitrine {
  readonly program: Program;
  readonly ready: Ready;
  readonly login: Login;
  readonly stateDir: string;

  private constructor(program: Program, ready: Ready, stateDir: string) {
    this.program = program;
    this.ready = ready;
    this.stateDir = stateDir;
    this.login = { user: ready.user, password: PASSWORD };
  }

  static async start(
    options: readonly string[],
    { env = {}, readyMs = 30_000 }: VitrineOptions = {},
  ): Promise<Vitrine> {
    const folder = scratch();
    const readyFile = join(folder, 'ready.json');
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const servers = ['--rdp', '--vnc', '--http'].flatMap((name) => [name, '127.0.0.1:auto']);
    const stateDir = join(folder, 'state');
    const files = ['--ready-file', readyFile, '--password-file', passwordFile, '--state-dir', stateDir];
    const program = vitrineCommand(['run', ...servers, ...files, ...options], env);
    const ready = await until(
      'vitrine is ready',
      () => {
        if (program.exit !== undefined) throw new Error(`vitrine ended (${program.exit.code}): ${program.output}`);
        return existsSync(readyFile) && parse(readFileSync(readyFile, 'utf8'));
      },
      { deadlineMs: readyMs, state: () => program.output },
    );
    return new Vitrine(program, ready, stateDir);
  }

  get rdp(): Address {
    return parseAddress(this.ready.rdp!);
  }
  get vnc(): Address {
    return parseAddress(this.ready.vnc!);
  }
  get http(): Address {
    return parseAddress(this.ready.http!);
  }

  /** Memory that is in RAM now. */
  get residentBytes(): number {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.program.pid}/status`, 'utf8'))?.[1];
    return Number(kib) * 1024;
  }

  /** Ctrl-C. */
  stop(): Promise<Exit> {
    return this.program.stop('SIGINT', 10_000);
  }
}

/** The file may be seen before it is written to its end. */
function parse(text: string): Ready | undefined {
  try {
    return JSON.parse(text) as Ready;
  } catch {
    return undefined;
  }
}
