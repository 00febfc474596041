import { systemClock } from '../../src/base/clock.js';
import { UserError } from '../../src/base/errors.js';
import type { Engine, EngineStateChange } from '../../src/engine/engine.js';
import { Machine } from '../../src/machine/machine.js';
import { loadIdentity, readIdentity } from '../auth/certificate.js';
import { makeSecret } from '../auth/secret.js';
import { Anyone, SingleUser } from '../auth/single-user.js';
import { Throttle } from '../auth/throttle.js';
import { Tickets } from '../auth/tickets.js';
import { keepRunningOnBugs } from '../bugs.js';
import { tellVisitors } from '../session/demo-visitors.js';
import type { Host } from '../session/host.js';
import { SessionList } from '../session/session-list.js';
import { defaultStateDir, openStateDir } from '../state-dir.js';
import { formatAddress } from '../transport/listen.js';
import { banner } from './banner.js';
import { createEngine, defaultName } from './engine.js';
import { interruption } from './interruption.js';
import { createLog } from './log.js';
import { checkRunOptions, chosenPassword, type RunOptions } from './options.js';
import { clearReadyFile, type ReadyFacts, writeReadyFile } from './ready-file.js';
import { chooseAddresses, openServers, type Servers } from './servers.js';
import { version } from './version.js';

/** VncAuth compares eight characters; more would only seem safer. */
const PASSWORD_LENGTH = 8;

/** `vitrine run`: one machine, served in the foreground. Resolves when it has ended as asked; rejects otherwise. */
export async function run(options: RunOptions): Promise<void> {
  checkRunOptions(options);
  const addresses = chooseAddresses(options);
  const chosen = chosenPassword(options, process.env);
  if (options.readyFile !== undefined) clearReadyFile(options.readyFile);
  const log = createLog(options.logLevel, options.logFormat);
  const stateDir = openStateDir(options.stateDir ?? defaultStateDir());
  const password = options.auth === 'none' ? undefined : (chosen ?? makeSecret(PASSWORD_LENGTH));
  const machine = new Machine(options.name ?? defaultName(options), await createEngine(options, stateDir, log));
  const host: Host = {
    machine,
    credentials: password === undefined ? new Anyone() : new SingleUser(options.user, password),
    throttle: new Throttle(),
    sessions: new SessionList(options.share),
    tls: options.tlsCert !== undefined ? readIdentity(options.tlsCert, options.tlsKey!) : await loadIdentity(stateDir),
    clock: systemClock,
    vncAuthOnly: options.vncSecurity === 'vncauth',
    log: log.child({ machine: machine.name }),
  };
  keepRunningOnBugs(log);

  const tickets = new Tickets(systemClock);
  if (options.demo) tellVisitors(machine, host.sessions);
  const servers = await openServers(addresses, host, tickets);
  const { signal, asked, release } = interruption(log);
  const ended = endOf(machine);
  try {
    const started = machine.start(signal);
    await Promise.race([started, asked]);
    if (!signal.aborted) {
      process.stdout.write(
        banner({
          ...servers,
          version: version(),
          machine: machine.name,
          engine: describe(machine.engine),
          user: options.user,
          password,
          ticket: tickets.issue({ user: options.user }),
          generated: chosen === undefined,
        }),
      );
      const ready = machine.firstFrame(signal).then(() => {
        if (options.readyFile !== undefined) writeReadyFile(options.readyFile, readyFacts(options, servers, machine));
      });
      const change = await Promise.race([ended, asked, ready.then(() => new Promise<never>(() => {}))]);
      if (change?.state === 'crashed') throw new UserError(change.reason ?? 'the engine died');
      if (change !== undefined) log.info({ reason: change.reason }, 'the guest has ended');
    }
  } finally {
    host.sessions.closeAll(signal.aborted ? 'shutdown' : 'guest-stopped');
    await machine.stop();
    servers.close();
    release();
  }
}

function describe(engine: Engine): string {
  return engine.accel === null ? engine.kind : `${engine.kind} (${engine.accel})`;
}

function readyFacts(options: RunOptions, servers: Servers, machine: Machine): ReadyFacts {
  const text = (address: Servers['rdp']): string | null => (address === null ? null : formatAddress(address));
  return {
    name: machine.name,
    engine: machine.engine.kind,
    accel: machine.engine.accel,
    rdp: text(servers.rdp),
    vnc: text(servers.vnc),
    http: text(servers.http),
    user: options.user,
    width: machine.display.width,
    height: machine.display.height,
    pid: process.pid,
  };
}

/** The guest ended without being asked to by us. */
function endOf(machine: Machine): Promise<EngineStateChange> {
  return new Promise((resolve) => {
    machine.onState.on((change) => {
      if (change.state === 'stopped' || change.state === 'crashed') resolve(change);
    });
  });
}
