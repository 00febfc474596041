import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { messageOf, Problem } from '../../base/errors.js';
import type { Logger } from '../../base/log.js';
import type { MachineDefinition } from '../../machine/definition.js';
import { type StateFacts, type StateFile, writeStateFile } from '../state-file.js';
import { hardwareOf, qemuArguments } from './arguments.js';
import type { QemuProcess } from './qemu-process.js';
import { type QmpClient, type QmpEvent, QmpRefusal } from './qmp-client.js';

/** Bytes a second; QEMU's own default, 128 MiB, is for networks that others use too. */
const UNLIMITED = 2 ** 40;
/** Writing so much takes long enough that somebody may wonder. */
const PROGRESS_BYTES = 1 << 30;
const MIB = 1 << 20;

/** What a state of this machine fits to. */
export function factsOf(machine: MachineDefinition): StateFacts {
  const args = qemuArguments(machine, { accel: 'tcg', cpu: '' }, { folder: '', displays: [] });
  return { memoryMiB: machine.memoryMiB, cpus: machine.cpus, hardware: hardwareOf(args) };
}

/** The versioned name behind `q35` or `pc`: a state fits to that one, whatever QEMU is installed later. */
export async function machineType(qmp: QmpClient): Promise<string> {
  return String(await qmp.execute('qom-get', { path: '/machine', property: 'type' })).replace(/-machine$/, '');
}

/**
 * Writes the state of a guest that stands still, by QEMU's migration. Rejects with Problem; QEMU can go on then as well as
 * after it.
 */
export async function writeQemuState(
  qemu: QemuProcess,
  path: string,
  facts: StateFacts,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const { qmp } = qemu;
  const server = createServer({ pauseOnConnect: true });
  let socket: Socket | undefined;
  try {
    server.listen(qemu.statePath);
    await once(server, 'listening', { signal });
    const called = once(server, 'connection', { signal });
    called.catch(() => {});
    await prepare(qmp);
    await leaveLastState(qmp);
    const outcome = migrationEnd(qmp);
    outcome.catch(() => {});
    await qmp.execute('migrate', { uri: `unix:${qemu.statePath}` }).catch(refused);
    [socket] = (await Promise.race([called, outcome.then(() => called)])) as [Socket];
    await qemu.orDeath(writeStateFile(path, 'qemu', facts, counted(socket, log), outcome), signal);
  } finally {
    socket?.destroy();
    server.close();
  }
}

/** Gives a state to a QEMU that was started to wait for one. Rejects with Problem; that QEMU is of no use then. */
export async function readQemuState(qemu: QemuProcess, state: StateFile, signal: AbortSignal): Promise<void> {
  const { qmp } = qemu;
  await prepare(qmp);
  const outcome = migrationEnd(qmp);
  outcome.catch(() => {});
  await qmp.execute('migrate-incoming', { uri: `unix:${qemu.statePath}` });
  const socket = connect(qemu.statePath);
  const contents = state.read();
  try {
    await qemu.orDeath(once(socket, 'connect', { signal }), signal);
    const given = give(contents, socket).catch((error) => {
      throw new Error(`it is damaged (${messageOf(error)})`);
    });
    await qemu.orDeath(Promise.all([given, outcome]), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new Problem('failed', `cannot go on from the saved state ${state.path}: ${messageOf(error)}`);
  } finally {
    socket.destroy();
    contents.destroy();
  }
}

/**
 * Resolves when all of it was read, so that its checksum holds. QEMU hangs up as soon as it has what it needs, which may
 * be before that; whether it has taken everything, it says itself.
 */
async function give(contents: AsyncIterable<Uint8Array>, socket: Socket): Promise<void> {
  let isOpen = true;
  let goOn = (): void => {};
  socket.resume().on('error', () => {});
  socket.on('drain', () => goOn());
  socket.once('close', () => {
    isOpen = false;
    goOn();
  });
  for await (const chunk of contents) {
    if (!isOpen || !socket.writable || socket.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
  }
  socket.end();
}

async function prepare(qmp: QmpClient): Promise<void> {
  await qmp.execute('migrate-set-capabilities', { capabilities: [{ capability: 'events', state: true }] });
  await qmp.execute('migrate-set-parameters', { 'max-bandwidth': UNLIMITED });
}

/**
 * A guest that has stood still since its last state was written is not given out again by QEMU: it could run in two
 * places. Nothing but letting it run, for as long as one command takes, ends that.
 */
async function leaveLastState(qmp: QmpClient): Promise<void> {
  const { status } = (await qmp.execute('query-status')) as { status?: unknown };
  if (status === 'postmigrate') await Promise.all([qmp.execute('cont'), qmp.execute('stop')]);
}

/** Resolves when QEMU has sent or taken all of it. */
function migrationEnd(qmp: QmpClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (settle: () => void): void => {
      unsubscribe();
      unsubscribeClose();
      settle();
    };
    const unsubscribe = qmp.onEvent.on(({ name, data }: QmpEvent) => {
      if (name !== 'MIGRATION') return;
      if (data.status === 'completed') over(resolve);
      if (data.status === 'failed' || data.status === 'cancelled') {
        over(() => void failure(qmp).then(reject));
      }
    });
    const unsubscribeClose = qmp.onClose.on((reason) => over(() => reject(new Problem('failed', reason))));
  });
}

async function failure(qmp: QmpClient): Promise<Problem> {
  const answer = await qmp.execute('query-migrate').catch(() => undefined);
  const why = (answer as { 'error-desc'?: unknown } | undefined)?.['error-desc'] ?? 'no reason given';
  return new Problem('failed', `qemu gave up: ${String(why)}`);
}

/** What QEMU says where a device of this guest cannot be saved: "State blocked by non-migratable device '…/nvme'". */
function refused(error: unknown): never {
  if (!(error instanceof QmpRefusal)) throw error;
  throw new Problem('not-supported', `this machine's state cannot be saved: ${error.description}`);
}

/** `chunks`, with a line in the log for each GiB. */
async function* counted(chunks: AsyncIterable<Uint8Array>, log: Logger): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let nextAt = PROGRESS_BYTES;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes >= nextAt) {
      nextAt += PROGRESS_BYTES;
      log.info({ mib: Math.floor(bytes / MIB) }, "writing the guest's state");
    }
    yield chunk;
  }
}
