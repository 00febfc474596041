import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { withDeadline } from '../../base/deadline.js';
import { UserError } from '../../base/errors.js';
import { given } from '../../base/given.js';
import type { MachineDefinition } from '../../machine/definition.js';
import type { Acceleration } from './acceleration.js';
import { type Plumbing, qemuArguments, qmpPath, statePath, vncPath } from './arguments.js';
import type { QemuBinary } from './binary.js';
import { type Companions, prepareCompanions } from './companions.js';
import { complaint } from './complaint.js';
import { type Exit, GuardedProcess } from './guarded-process.js';
import { makePrivateFolder, removePrivateFolder } from './private-folder.js';
import { QmpClient } from './qmp-client.js';

/** From spawn to QEMU's greeting: 0.1 s, more where it has to preallocate memory or open images over a network. */
const START_MS = 60_000;
/** QEMU gets this long to flush its disks and go. */
const QUIT_MS = 2_000;

/** One QEMU with its monitor connected, in a folder of its own. */
export class QemuProcess {
  readonly qmp: QmpClient;
  readonly vncPath: string;
  /** For the socket over which a state goes in or out. */
  readonly statePath: string;
  readonly accel: Acceleration;
  readonly exited: Promise<Exit>;
  readonly #guarded: GuardedProcess;

  /**
   * Resolves when QEMU is up; the guest has not begun yet: `cont` starts it. Rejects with UserError in QEMU's own
   * words, or with the signal's reason; nothing is left then.
   * @param resume the versioned machine type of a state that this QEMU is to wait for
   */
  static async start(
    binary: QemuBinary,
    machine: MachineDefinition,
    accel: Acceleration,
    signal: AbortSignal,
    resume?: string,
  ): Promise<QemuProcess> {
    const folder = await makePrivateFolder();
    const server = createServer();
    let companions: Companions | undefined;
    let guarded: GuardedProcess | undefined;
    let socket: Socket | undefined;
    try {
      companions = await prepareCompanions(machine, folder, signal);
      const { end, uefi } = companions;
      server.listen(qmpPath(folder));
      await once(server, 'listening', { signal });
      const plumbing: Plumbing = { folder, displays: binary.displays, ...given({ uefi, resume }) };
      const process = await GuardedProcess.start(binary.path, qemuArguments(machine, accel, plumbing), folder);
      guarded = process;
      const called = once(server, 'connection').then(([caller]) => {
        socket = caller as Socket;
        return new QmpClient(socket);
      });
      const greeted = called.then(async (qmp) => {
        await qmp.ready;
        return qmp;
      });
      const qmp = await withDeadline(START_MS, 'qemu: does not answer', signal, (limit) =>
        orDeath(greeted, process, limit),
      );
      return new QemuProcess(process, qmp, accel, folder, end);
    } catch (error) {
      guarded?.kill();
      await guarded?.exited;
      await companions?.end();
      socket?.destroy();
      await removePrivateFolder(folder);
      throw signal.aborted ? signal.reason : error;
    } finally {
      server.close();
    }
  }

  private constructor(
    guarded: GuardedProcess,
    qmp: QmpClient,
    accel: Acceleration,
    folder: string,
    endCompanions: () => Promise<void>,
  ) {
    this.accel = accel;
    this.#guarded = guarded;
    this.qmp = qmp;
    this.vncPath = vncPath(folder);
    this.statePath = statePath(folder);
    this.exited = guarded.exited.then(async (exit) => {
      qmp.close('qemu has ended');
      await endCompanions();
      await removePrivateFolder(folder);
      return exit;
    });
    // A QEMU that cannot be told anything any more is of no use, and must not run on unattended.
    qmp.onClose.on(() => void this.#endWithin(QUIT_MS));
  }

  get isRunning(): boolean {
    return this.#guarded.isRunning;
  }

  /** `promise`, unless QEMU ends or the signal fires first: rejects then as `start` does. */
  orDeath<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
    return orDeath(promise, this.#guarded, signal);
  }

  /** QEMU's last error, for an end that nobody asked for. */
  describeEnd(exit: Exit): string {
    return describeEnd(this.#guarded, exit);
  }

  /** Ends the guest without asking it: disks are flushed, and whoever takes longer than 2 s is killed. */
  async end(): Promise<void> {
    if (this.isRunning) {
      this.qmp.execute('quit').catch(() => {});
      await this.#endWithin(QUIT_MS);
    }
    await this.exited;
  }

  async #endWithin(ms: number): Promise<void> {
    const timer = setTimeout(() => this.#guarded.kill(), ms);
    await this.#guarded.exited;
    clearTimeout(timer);
  }
}

function orDeath<T>(promise: Promise<T>, guarded: GuardedProcess, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    const died = guarded.exited.then((exit) => reject(new UserError(describeEnd(guarded, exit))));
    // Where a connection broke because QEMU has died, its own words say more: they are there in a moment.
    promise.then(resolve, async (error) => {
      await Promise.race([died, new Promise((later) => setTimeout(later, 200))]);
      reject(error);
    });
    promise.catch(() => {}).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function describeEnd({ stderr }: GuardedProcess, { status }: Exit): string {
  const words = complaint(stderr);
  if (words !== undefined) return `qemu: ${words}`;
  return status > 128 ? `qemu: killed by signal ${status - 128}` : `qemu: ended with status ${status}`;
}
