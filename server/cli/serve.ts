import { join } from 'node:path';
import { messageOf, UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { type LocalApi, listenLocally, mustBeAlone } from '../api/local.js';
import { loadIdentity, readIdentity } from '../auth/certificate.js';
import { keepRunningOnBugs } from '../bugs.js';
import { runtimeFolder } from '../ipc/runtime-folder.js';
import { defaultStateDir, openStateDir } from '../state-dir.js';
import { interruption } from './interruption.js';
import { createLog } from './log.js';
import { clearReadyFile, writeReadyFile } from './ready-file.js';
import { serveBanner } from './serve-banner.js';
import {
  checkServes,
  openListeners,
  publicAddresses,
  publicOwnPorts,
  type ServeAddresses,
  type ServeListeners,
  serveAddresses,
} from './serve-listeners.js';
import { metricsReaders, type ServeOptions } from './serve-options.js';
import { openParts, type ServeParts } from './serve-parts.js';
import { API_SOCKET } from './verbs/connect.js';
import { version } from './version.js';

/** There at the first start, to make machines of. */
const DEMO_TEMPLATE = 'demo';
const NOWHERE: ServeAddresses = { rdp: null, vnc: null, repeater: null, http: null };

/** `vitrine serve`: all machines of this host. Resolves when it has ended as asked; the machines go on. */
export async function serve(options: ServeOptions): Promise<void> {
  const wanted = serveAddresses(options);
  checkServes(wanted);
  const { tlsCert, tlsKey, publicHost, readyFile } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UserError('--tls-cert and --tls-key belong together', 2);
  }
  if (!(options.overcommit > 0)) throw new UserError('--overcommit is a number of percent', 2);
  const readers = metricsReaders(options);
  if (readyFile !== undefined) clearReadyFile(readyFile);
  const log = createLog(options.logLevel, options.logFormat);
  const stateDir = openStateDir(options.stateDir ?? defaultStateDir());
  const tls = tlsCert === undefined ? await loadIdentity(stateDir) : readIdentity(tlsCert, tlsKey!);
  const socket = join(runtimeFolder(stateDir), API_SOCKET);
  // Before anything is touched that a running service has in its hands.
  await mustBeAlone(socket);
  let open: ServeListeners | undefined;
  const parts = await openParts({
    stateDir,
    tls,
    log,
    overcommitPercent: options.overcommit,
    otherwise: options.severalMachines,
    keepsNtHash: options.ntHash,
    vncAuthOnly: options.vncSecurity === 'vncauth',
    addresses: () => publicAddresses(open?.bound ?? NOWHERE, publicHost),
    ownPorts: (machine) => publicOwnPorts(open?.ownPorts, machine, publicHost),
  });
  let local: LocalApi | undefined;
  const { asked, release } = interruption(log);
  try {
    local = await listenLocally(parts.api, socket);
    await parts.service.open();
    const listeners = await openListeners(wanted, parts, tls, readers, log);
    keepRunningOnBugs(log);
    try {
      open = listeners;
      // Only now: a password that is made where a port is taken would never be shown.
      const password = await firstStart(parts, log);
      const addresses = publicAddresses(open.bound, publicHost);
      process.stdout.write(
        serveBanner({ ...addresses, version: version(), stateDir, password, machines: parts.service.machines.length }),
      );
      if (readyFile !== undefined) writeReadyFile(readyFile, { ...addresses, pid: process.pid, stateDir });
      await asked;
    } finally {
      // They get their goodbyes while what carries them is still there.
      await parts.broker.close();
      listeners.close();
    }
  } finally {
    local?.close();
    await parts.close();
    release();
  }
}

/** The first time: an administrator, whose password is shown once, and something to make machines of. */
async function firstStart({ accounts, catalog }: ServeParts, log: Logger): Promise<string | undefined> {
  const password = await accounts.users.ensureAdmin();
  if (password !== undefined && catalog.entries().length === 0) {
    const description = 'the built-in demo desktop';
    await catalog.create(DEMO_TEMPLATE, { description, demo: true, template: true }).catch((error: unknown) => {
      log.warn({ reason: messageOf(error) }, 'the demo template could not be made');
    });
  }
  return password;
}
