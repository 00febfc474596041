import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VmSession } from '../../../server/ipc/control.js';
import { connectControl } from '../../../server/ipc/control-client.js';
import { HostMemory } from '../../../server/service/host-memory.js';
import type { ManagedMachine } from '../../../server/service/managed-machine.js';
import { Service } from '../../../server/service/service.js';
import type { Clock } from '../../../src/base/clock.js';
import type { Logger } from '../../../src/base/log.js';
import { Catalog } from '../../../src/catalog/catalog.js';

const FAKE = fileURLToPath(new URL('fake-machine.mjs', import.meta.url));

/** What a machine's process does wrong. */
export interface Play {
  /** It says this and ends with code 1. */
  readonly complaint?: string;
  readonly opensNothing?: boolean;
  /** Not before `open`. */
  readonly opensLate?: boolean;
  readonly endsSlowly?: boolean;
  readonly answersNothing?: boolean;
  readonly startsForEver?: boolean;
  readonly ignoresOff?: boolean;
  readonly savesNothing?: boolean;
  readonly hardware?: string;
  /** Not before `open`. */
  readonly savesSlowly?: boolean;
}

/** Short waits take their time, longer ones wait for the test. */
class PatientClock implements Clock {
  #ms = 0;
  readonly #held = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#ms;
  }
  after(ms: number, callback: () => void): () => void {
    if (ms < 100) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    }
    const timer = { at: this.now() + ms, callback };
    this.#held.add(timer);
    return () => this.#held.delete(timer);
  }
  advance(ms: number): void {
    this.#ms += ms;
    for (const timer of [...this.#held].sort((a, b) => a.at - b.at)) {
      if (timer.at <= this.now() && this.#held.delete(timer)) timer.callback();
    }
  }
}

/** A service whose machines' processes are real, and whose guests are none. */
export class Host {
  readonly folder = mkdtempSync(join(tmpdir(), 'vitrine-service-'));
  readonly clock = new PatientClock();
  readonly log: string[] = [];
  /** Settled: nobody logs in. */
  loginsDone = Promise.resolve();
  catalog!: Catalog;
  service!: Service;
  readonly #logger: Logger;
  readonly #memoryMiB: number;
  readonly #plays: Record<string, Play> = {};

  static async open(memoryMiB = 10_000): Promise<Host> {
    const host = new Host(memoryMiB);
    host.play('', {});
    await host.begin();
    return host;
  }

  private constructor(memoryMiB: number) {
    this.#memoryMiB = memoryMiB;
    const write = (fields: object, text?: string): void => void this.log.push(`${text} ${JSON.stringify(fields)}`);
    const logger: Logger = { debug() {}, info: write, warn: write, error: write, child: () => logger };
    this.#logger = logger;
  }

  /** As `vitrine serve` does, the first time and after it was ended. */
  async begin(): Promise<void> {
    this.catalog = await Catalog.open(join(this.folder, 'machines'), { log: this.#logger, qemuImg: null });
    this.service = new Service({
      catalog: this.catalog,
      memory: new HostMemory(100, () => this.#memoryMiB),
      clock: this.clock,
      log: this.#logger,
      runtimeFolder: this.folder,
      command: (folder, socket) => [process.execPath, FAKE, folder, socket],
      memoryOf: ({ memory = 64 }) => memory,
      loginsDone: () => this.loginsDone,
    });
  }

  /** Its machines go on. */
  leave(): void {
    this.service.close();
    this.catalog.close();
  }

  async close(): Promise<void> {
    this.leave();
    for (const pid of this.#pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  async machine(name: string, config: Parameters<Catalog['create']>[1] = {}): Promise<ManagedMachine> {
    await this.catalog.create(name, { demo: true, ...config });
    return this.service.machine(name);
  }

  /** How its process behaves from its next start on. */
  play(name: string, play: Play): void {
    this.#plays[name] = play;
    writeFileSync(join(this.folder, 'play.json'), JSON.stringify(this.#plays));
  }

  open(name: string): void {
    writeFileSync(join(this.folder, `${name}.open`), '');
  }

  /** What has happened to the processes of this machine. */
  seen(name: string): string[] {
    const file = join(this.folder, 'seen');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  }

  /** Has a machine's process do something by itself. */
  async happens(machine: ManagedMachine, op: 'become' | 'end' | 'sessions', params: object): Promise<void> {
    const control = await connectControl(machine.process.socket);
    await control.request(op as 'status', params).catch(() => {});
    control.close();
  }

  /** These people are connected to it from now on. */
  async present(machine: ManagedMachine, ...users: string[]): Promise<void> {
    const of: VmSession[] = users.map((user) => ({
      ...{ session: `s-${user}`, user, remote: '127.0.0.1', via: 'rdp', rights: 'control' as const },
      ...{ since: new Date().toISOString(), sentBytes: 0, updates: 0 },
    }));
    await this.happens(machine, 'sessions', { of });
    await until(() => machine.process.sessions.map(({ user }) => user).join() === users.join());
  }

  get #pids(): number[] {
    return this.service.machines.flatMap(({ process: { status } }) => (status === undefined ? [] : [status.pid]));
  }
}

/** The process of a machine that runs. */
export function pidOf(machine: ManagedMachine): number {
  return machine.process.status!.pid;
}

/** Waits for a fact; the test's own deadline ends it. */
export async function until(fact: () => boolean): Promise<void> {
  while (!fact()) await new Promise((resolve) => setTimeout(resolve, 5));
}
