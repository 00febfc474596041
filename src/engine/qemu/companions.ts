import { constants } from 'node:fs';
import { access, mkdir, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../base/errors.js';
import type { MachineDefinition } from '../../machine/definition.js';
import { sharePath, tpmPath } from './device-arguments.js';
import { GuardedProcess } from './guarded-process.js';
import { secretPath } from './media-arguments.js';
import { prepareUefi } from './uefi.js';

/** Besides PATH: programs that are not meant to be called by people. */
const LIBEXEC = ['/usr/libexec', '/usr/lib/qemu', '/usr/lib', '/usr/local/libexec'];
/** A companion listens within milliseconds; a host under load may take seconds. */
const LISTEN_MS = 10_000;
const LOOK_MS = 10;

/** What QEMU needs beside it for one machine: images of firmware, secrets in files, and processes that serve devices. */
export interface Companions {
  readonly uefi: { readonly code: string; readonly vars: string } | undefined;
  end(): Promise<void>;
}

/**
 * @param folder of the sockets and secrets
 * Rejects with Problem that says what to install, or with the signal's reason; nothing is left then.
 */
export async function prepareCompanions(
  machine: MachineDefinition,
  folder: string,
  signal: AbortSignal,
): Promise<Companions> {
  const processes: GuardedProcess[] = [];
  const end = async (): Promise<void> => {
    for (const one of processes) one.kill();
    await Promise.all(processes.map(({ exited }) => exited));
  };
  try {
    await writeSecrets(machine, folder);
    const uefi = machine.firmware === 'uefi' ? await prepareUefi(machine.folder!) : undefined;
    for (const { name, path, args, socket } of await commands(machine, folder)) {
      const started = await GuardedProcess.start(path, args);
      processes.push(started);
      await listening(name, started, socket, signal);
    }
    return { uefi, end };
  } catch (error) {
    await end();
    throw error;
  }
}

interface Command {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly socket: string;
}

async function commands(machine: MachineDefinition, folder: string): Promise<Command[]> {
  const all: Command[] = [];
  if (machine.tpm) {
    const path = await find('swtpm', 'a TPM needs swtpm: apt, dnf or brew install swtpm');
    const memory = join(machine.folder!, 'tpm');
    await mkdir(memory, { recursive: true, mode: 0o700 });
    const socket = tpmPath(folder);
    // It ends with the connection to QEMU.
    const args = ['socket', '--tpm2', '--terminate', '--tpmstate', `dir=${plain(memory)}`, '--ctrl'];
    all.push({ name: 'swtpm', path, args: [...args, `type=unixio,path=${plain(socket)}`], socket });
  }
  for (const [i, shared] of machine.sharedFolders.entries()) {
    if (shared.via !== 'virtiofs') continue;
    const path = await find(
      'virtiofsd',
      "a shared folder via virtiofs needs the package virtiofsd; '9p' needs nothing",
    );
    const socket = sharePath(folder, i);
    all.push({
      name: 'virtiofsd',
      path,
      args: [`--socket-path=${socket}`, '-o', `source=${plain(shared.path)}`],
      socket,
    });
  }
  return all;
}

/** In these programs' options nothing makes a comma part of a name. */
function plain(path: string): string {
  if (path.includes(',')) throw new Problem('not-supported', `there must be no comma in ${path}`);
  return path;
}

async function find(command: string, missing: string): Promise<string> {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...LIBEXEC]) {
    if (folder === '') continue;
    const path = join(folder, command);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  throw new Problem('unavailable', missing);
}

/** They are no servers for many: a connection to try would be the only one. So the socket's file has to tell. */
async function listening(name: string, one: GuardedProcess, socket: string, signal: AbortSignal): Promise<void> {
  const end = performance.now() + LISTEN_MS;
  while (!(await stat(socket).catch(() => undefined))) {
    signal.throwIfAborted();
    if (!one.isRunning) {
      const words = one.stderr.trim().split('\n').at(-1);
      throw new Problem('failed', `${name}: ${words === undefined || words === '' ? 'it ended at once' : words}`);
    }
    if (performance.now() > end) throw new Problem('failed', `${name}: it does not listen`);
    await delay(LOOK_MS);
  }
}

async function writeSecrets({ disks }: MachineDefinition, folder: string): Promise<void> {
  for (const [i, disk] of disks.entries()) {
    const password = 'iscsi' in disk ? disk.iscsi.password : undefined;
    if (password !== undefined) await writeFile(secretPath(folder, i), password, { mode: 0o600 });
  }
}
