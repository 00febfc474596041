import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import { Catalog } from '../../src/catalog/catalog.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import { chooseEngine, memoryOf } from '../../src/catalog/engine-choice.js';
import { isQemuInstalled } from '../../src/engine/qemu/binary.js';
import { type Api, createApi } from '../api/api.js';
import { Accounts } from '../auth/accounts.js';
import { AuditLog } from '../auth/audit-log.js';
import { Logins } from '../auth/logins.js';
import { hashesDone } from '../auth/password-hash.js';
import { Throttle } from '../auth/throttle.js';
import { Tickets } from '../auth/tickets.js';
import { UserStore } from '../auth/users.js';
import { Broker } from '../broker/broker.js';
import { runtimeFolder } from '../ipc/runtime-folder.js';
import { ServiceDirectory } from '../service/directory.js';
import { ServiceFeed } from '../service/feed.js';
import { HostMemory } from '../service/host-memory.js';
import { operationsOf } from '../service/operations/operations.js';
import type { Addresses, OperationParts } from '../service/operations/parts.js';
import { roleOf, sameName } from '../service/roles.js';
import { Service } from '../service/service.js';
import { Sessions } from '../service/sessions.js';
import { Thumbnails } from '../service/thumbnails.js';
import { Visits } from '../service/visits.js';
import type { TlsIdentity } from '../transport/transport.js';
import { version } from './version.js';

/** Of the calendar: what is kept in files must mean the same after a restart. */
const CALENDAR = { now: () => Date.now() };

export interface ServePlan {
  readonly stateDir: string;
  readonly tls: TlsIdentity;
  readonly overcommitPercent: number;
  readonly otherwise: 'picker' | 'last';
  readonly keepsNtHash: boolean;
  readonly vncAuthOnly: boolean;
  readonly addresses: () => Addresses;
  readonly ownPorts: OperationParts['ownPorts'];
  readonly log: Logger;
}

export interface ServeParts {
  readonly accounts: Accounts;
  readonly catalog: Catalog;
  readonly service: Service;
  readonly broker: Broker;
  readonly api: Api;
  readonly failedLogins: () => number;
  /** Lets go of the machines, which go on, and writes down what is not written yet. */
  close(): Promise<void>;
}

/** All that `vitrine serve` is made of, but for its listeners. Rejects with UserError. */
export async function openParts({ stateDir, tls, log, ...plan }: ServePlan): Promise<ServeParts> {
  const runtime = runtimeFolder(stateDir);
  const kept = (name: string) => ({ path: join(stateDir, name), log });
  const logins = new Logins(CALENDAR, kept('logins.json'));
  const tickets = new Tickets(CALENDAR, logins, kept('tickets.json'));
  const accounts = new Accounts(
    UserStore.open(join(stateDir, 'users.json'), { keepsNtHash: plan.keepsNtHash }),
    tickets,
    logins,
  );
  const auditLog = new AuditLog(join(stateDir, 'audit.log'), log);
  let failed = 0;
  const audit: AuditLog['append'] = (entry) => {
    if (entry.action === 'login' && !entry.ok) failed++;
    auditLog.append(entry);
  };

  let service: Service | undefined;
  const isRunning = (name: string) => service?.machines.some((each) => each.name === name && each.isUp) ?? false;
  const catalog = await Catalog.open(join(stateDir, 'machines'), { log, isRunning });
  const hasQemu = await isQemuInstalled();
  // For lists and sums: a machine's process decides anew when it starts.
  const engineOf = (config: MachineConfig = {}) => chooseEngine(config, hasQemu).engine;
  const memory = new HostMemory(plan.overcommitPercent);
  const main = fileURLToPath(new URL('./machine-main.js', import.meta.url));
  const command = (folder: string, socket: string) =>
    [
      process.execPath,
      ...process.execArgv,
      main,
      folder,
      '--socket',
      socket,
      '--state-dir',
      stateDir,
      '--checked',
    ] as const;
  service = new Service({
    catalog,
    memory,
    clock: systemClock,
    log,
    runtimeFolder: runtime,
    command,
    memoryOf: (config) => memoryOf(config, engineOf(config)),
    loginsDone: hashesDone,
  });

  const thumbnails = new Thumbnails();
  const visits = new Visits(join(stateDir, 'visits.json'), log);
  const subjectOf = accounts.standingOf.bind(accounts);
  const directory = new ServiceDirectory({
    service,
    thumbnails,
    visits,
    subjectOf,
    onUser: accounts.users.onChange,
    audit,
  });
  const throttle = new Throttle();
  const broker = new Broker({
    directory,
    credentials: accounts,
    throttle,
    tls,
    clock: systemClock,
    log,
    title: hostname(),
    otherwise: plan.otherwise,
    vncAuthOnly: plan.vncAuthOnly,
  });
  logins.onClose.on((closed) => broker.endWhere(({ login }) => login === closed, 'logged out'));
  accounts.onForget.on((isTheirs) => broker.endWhere(isTheirs, 'your login is not good any more'));
  const operations = operationsOf({
    service,
    thumbnails,
    users: accounts.users,
    tickets,
    confirm: ({ user, remote }, password) =>
      throttle.attempt({ address: remote, user }, systemClock, () => accounts.checkOwnPassword(user, password)),
    sessions: new Sessions(service, broker),
    addresses: plan.addresses,
    ownPorts: plan.ownPorts,
    engineOf,
    version: version(),
    audit,
    readAudit: (query) => auditLog.query(query),
  });
  const api = createApi({
    operations,
    accounts,
    throttle,
    audit,
    clock: systemClock,
    log,
    version: version(),
    roleOf: (caller, name) => {
      const entry = catalog.entries().find((each) => sameName(each.name, name));
      return entry && roleOf(caller, entry.name, entry.config);
    },
    events: new ServiceFeed(service, thumbnails, engineOf),
  });
  return {
    accounts,
    catalog,
    service,
    broker,
    api,
    failedLogins: () => failed,
    async close() {
      api.close();
      await broker.close();
      service.close();
      catalog.close();
      await Promise.all([visits.settled(), logins.settled(), tickets.settled(), auditLog.settled()]);
    },
  };
}
