import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiClient } from '../../../server/api/client.js';
import { API_SOCKET } from '../../../server/cli/verbs/connect.js';
import { connectControl } from '../../../server/ipc/control-client.js';
import { runtimeFolder } from '../../../server/ipc/runtime-folder.js';
import { type Address, parseAddress } from './clients.js';
import { atEnd, type Program, scratch } from './processes.js';
import { vitrineCommand } from './vitrine.js';
import { until } from './wait.js';

interface Addresses {
  readonly rdp: string;
  readonly vnc: string;
  readonly http: string;
}

interface ServeReady extends Addresses {
  readonly pid: number;
}

/** `vitrine serve` with free ports and a state folder of its own. Its machines are ended with the tests. */
export class ServiceUnderTest {
  readonly api: ApiClient;
  readonly stateDir: string;
  readonly #folder: string;
  readonly #runtime: string;
  #program: Program;
  #ready: ServeReady;

  private constructor(folder: string, program: Program, ready: ServeReady) {
    this.#folder = folder;
    this.stateDir = join(folder, 'state');
    this.#program = program;
    this.#ready = ready;
    this.#runtime = runtimeFolder(this.stateDir);
    this.api = new ApiClient({ socketPath: join(this.#runtime, API_SOCKET) });
    atEnd(() => this.#end());
  }

  static async start(): Promise<ServiceUnderTest> {
    const folder = scratch();
    return new ServiceUnderTest(folder, ...(await launch(folder)));
  }

  get rdp(): Address {
    return parseAddress(this.#ready.rdp);
  }
  get vnc(): Address {
    return parseAddress(this.#ready.vnc);
  }
  get web(): string {
    return `http://${this.#ready.http}/`;
  }
  get pid(): number {
    return this.#ready.pid;
  }
  get program(): Program {
    return this.#program;
  }

  /** The private socket of a machine's process. */
  socketOf(machine: string): string {
    return join(this.#runtime, `${machine}.sock`);
  }

  /** After its end, on the same state, and by default at the same addresses, where people find it. */
  async startAgain(at: Addresses = this.#ready): Promise<void> {
    [this.#program, this.#ready] = await launch(this.#folder, at);
  }

  /**
   * Machines outlive their service: that is what it is for. It goes first, or it would bring back those that are
   * killed; they are found by their sockets, whether or not there is a service still.
   */
  async #end(): Promise<void> {
    this.api.close();
    await this.#program.stop('SIGKILL');
    for (const name of readdirSync(this.#runtime)) {
      if (!name.endsWith('.sock') || name === API_SOCKET) continue;
      const machine = await connectControl(join(this.#runtime, name)).catch(() => undefined);
      const status = await machine?.request('status', {}).catch(() => undefined);
      if (status !== undefined) process.kill(status.pid, 'SIGKILL');
      machine?.close();
    }
    rmSync(this.#runtime, { recursive: true, force: true });
  }
}

export const ANYWHERE: Addresses = { rdp: '127.0.0.1:auto', vnc: '127.0.0.1:auto', http: '127.0.0.1:auto' };

async function launch(folder: string, { rdp, vnc, http } = ANYWHERE): Promise<[Program, ServeReady]> {
  const readyFile = join(folder, 'serve.json');
  rmSync(readyFile, { force: true });
  writeFileSync(join(folder, '.keep'), '');
  const program = vitrineCommand([
    ...['serve', '--rdp', rdp, '--vnc', vnc, '--http', http, '--ready-file', readyFile],
    ...['--state-dir', join(folder, 'state')],
  ]);
  const ready = await until(
    'the service is ready',
    () => {
      if (program.exit !== undefined) throw new Error(`vitrine ended (${program.exit.code}): ${program.output}`);
      return existsSync(readyFile) && (JSON.parse(readFileSync(readyFile, 'utf8')) as ServeReady);
    },
    { deadlineMs: 30_000, state: () => program.output },
  );
  return [program, ready];
}
