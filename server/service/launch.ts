import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import { type ControlConnection, connectControl } from '../ipc/control-client.js';
import { follow, type Spawned, spawnDetached } from './spawn.js';

/** From spawn to an answering socket; the guest's own start has no limit but its engine's. */
export const ANSWER_MS = 30_000;
const POLL_MS = 20;

export interface LaunchOptions {
  readonly socket: string;
  /** What the process writes goes here. */
  readonly logFile: string;
  /** Program and arguments that run the machine on `socket`. */
  readonly command: readonly [string, ...string[]];
  readonly clock: Clock;
}

/**
 * A machine's process until its guest runs. Before it has opened its socket, only a file beside that tells another
 * service of it.
 */
export class Launch {
  readonly #options: LaunchOptions;
  readonly #spawned: Spawned;

  /** Throws Problem 'failed'. */
  static begin(options: LaunchOptions): Launch {
    let spawned: Spawned | undefined;
    try {
      spawned = spawnDetached(options.command, options.logFile);
      writeFileSync(markerOf(options), String(spawned.pid), { mode: 0o600 });
    } catch (error) {
      spawned?.kill();
      throw new Problem('failed', `its process cannot be started: ${messageOf(error)}`);
    }
    return new Launch(options, spawned);
  }

  /** What a service that was killed has begun a moment before. */
  static left(options: LaunchOptions): Launch | undefined {
    const marker = markerOf(options);
    if (!existsSync(marker)) return undefined;
    const spawned = follow(Number(readFileSync(marker, 'utf8')), options.socket, options.logFile);
    return spawned && new Launch(options, spawned);
  }

  private constructor(options: LaunchOptions, spawned: Spawned) {
    this.#options = options;
    this.#spawned = spawned;
  }

  get pid(): number | undefined {
    return this.#spawned.pid;
  }
  /** Resolves, when the process has ended, to what it complained of. */
  get ended(): Promise<string> {
    return this.#spawned.ended;
  }

  /** Resolves once whoever has the socket answers. Rejects with Problem, or with the signal's reason. */
  async answered(giveUp: AbortSignal): Promise<ControlConnection> {
    const { clock, socket } = this.#options;
    const endMs = clock.now() + ANSWER_MS;
    let complaint: string | undefined;
    void this.ended.then((text) => {
      complaint = text;
    });
    for (;;) {
      giveUp.throwIfAborted();
      const control = await connectControl(socket).catch(() => undefined);
      if (control !== undefined) return control;
      if (complaint !== undefined) throw new Problem('failed', complaint);
      if (clock.now() > endMs) throw new Problem('failed', 'its process does not answer');
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    }
  }

  kill(): void {
    this.#spawned.kill();
  }

  /** The guest runs, or nothing is left: there is nothing more to tell. */
  over(): void {
    rmSync(markerOf(this.#options), { force: true });
  }
}

function markerOf({ socket }: LaunchOptions): string {
  return `${socket}.new`;
}
