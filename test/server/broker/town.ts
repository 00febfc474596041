import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { MachineState } from '../../../server/api/views.js';
import type { Credentials, Identity } from '../../../server/auth/credentials.js';
import { sameBytes } from '../../../server/auth/secret.js';
import { Anyone } from '../../../server/auth/single-user.js';
import { Throttle } from '../../../server/auth/throttle.js';
import { Broker } from '../../../server/broker/broker.js';
import type {
  Awake,
  Directory,
  ReachableMachine,
  ReturnEvent,
  SessionOrder,
} from '../../../server/broker/directory.js';
import { RDP, RFB } from '../../../server/broker/protocols.js';
import { readHello } from '../../../server/ipc/hello.js';
import { resumeRdp } from '../../../server/rdp/session.js';
import { resumeRfb } from '../../../server/rfb/session.js';
import type { Host } from '../../../server/session/host.js';
import { SessionList } from '../../../server/session/session-list.js';
import { memoryPair } from '../../../server/transport/memory.js';
import type { TlsIdentity } from '../../../server/transport/transport.js';
import { Visitors } from '../../../server/vm/visitors.js';
import { Problem } from '../../../src/base/errors.js';
import { Emitter } from '../../../src/base/events.js';
import type { Logger } from '../../../src/base/log.js';
import { vncResponse } from '../../../src/base/vnc-response.js';
import type { Role, SharePolicy } from '../../../src/catalog/config.js';
import { PatternEngine } from '../../../src/engine/pattern/pattern.js';
import { Machine } from '../../../src/machine/machine.js';
import { CountingClock } from './counting-clock.js';
import { Watcher } from './watcher.js';

/** Good for bob's machine, to watch. */
export const TICKET = 'bobsTicketOfThirtyTwoCharacters!';

/** The name is who it is, and the password says where that is not so. */
class ByName implements Credentials {
  readonly required = true;
  readonly named = true;
  async checkPassword(user: string | undefined, password: string): Promise<Identity | undefined> {
    return user !== undefined && password === `${user}'s` ? { user } : undefined;
  }
  /** Of these there is one: bob's ticket. */
  async checkVncResponse(challenge: Uint8Array, response: Uint8Array): Promise<Identity | undefined> {
    const isTicket = sameBytes(vncResponse(challenge, TICKET), response);
    return isTicket ? { user: 'bob', machine: 'theirs', rights: 'view' } : undefined;
  }
}

/** A machine's process but for the process: its socket, its screen, its sessions. */
export class Home {
  readonly name: string;
  readonly socket: string;
  readonly engine = new PatternEngine({ width: 640, height: 400, fps: 0 });
  readonly machine: Machine;
  readonly sessions: SessionList;
  readonly visitors: Visitors;
  readonly #server: Server;
  readonly #links = new Set<Socket>();
  /** What the service tells of it. */
  state: MachineState = 'running';
  reason: string | null = null;
  roles: Record<string, Role> = {};
  lastUsedAt: string | null = null;
  screen: number | null = null;
  /** It does nothing of what it is told. */
  isStuck = false;
  /** What starting it takes. */
  waking: Promise<void> = Promise.resolve();

  constructor(town: Town, name: string, folder: string, share: SharePolicy) {
    this.name = name;
    this.socket = join(folder, `${name}.sock`);
    this.machine = new Machine(name, this.engine);
    this.sessions = new SessionList(share);
    const host: Host = {
      machine: this.machine,
      credentials: new Anyone(),
      throttle: new Throttle(),
      sessions: this.sessions,
      tls: { cert: '', key: '' },
      clock: town.clock,
      log: town.log,
    };
    this.visitors = new Visitors(host, { rdp: resumeRdp, rfb: resumeRfb }, (event) => {
      if (event.event === 'return') town.directory.onReturn.emit(event);
    });
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#links.add(socket);
      socket.once('close', () => this.#links.delete(socket));
      socket.on('error', () => {});
      readHello(socket).then(
        (hello) => hello.kind !== 'control' && this.visitors.arrive(socket, hello),
        () => {},
      );
    });
  }

  async open(): Promise<this> {
    await this.machine.start();
    await new Promise<void>((resolve) => this.#server.listen(this.socket, resolve));
    return this;
  }

  /** As `vitrine machine` does it. */
  obey(id: string, order: SessionOrder): void {
    const session = this.visitors.find(id);
    if (session === undefined || this.isStuck) throw new Problem('no-such-session', 'there is no such session');
    if (order.op === 'kick') session.close('kicked', order.message);
    else if (order.op === 'dismiss') session.close(order.reason, order.text, true);
    else if (!this.sessions.limit(session, order.rights)) throw new Problem('wrong-state', 'not in yet');
  }

  get links(): number {
    return this.#links.size;
  }

  /** As kill -9 does it. */
  die(): void {
    this.#server.close();
    for (const link of this.#links) link.destroy();
  }

  async close(): Promise<void> {
    this.die();
    await this.machine.stop();
  }
}

/** A host with machines, a broker before them, and people. */
export class Town {
  readonly clock = new CountingClock();
  /** What was logged as our own fault: should stay empty. */
  readonly faults: object[] = [];
  readonly log: Logger;
  readonly homes = new Map<string, Home>();
  readonly audit: string[] = [];
  readonly remembered: string[] = [];
  /** Whose logins are not good any more. */
  readonly banned = new Set<string>();
  readonly broker: Broker;
  readonly directory: Directory;
  readonly #folder = mkdtempSync(join(tmpdir(), 'town-'));

  constructor(credentials: Credentials = new Anyone(), tls: TlsIdentity = { cert: '', key: '' }) {
    const log: Logger = {
      debug() {},
      info() {},
      warn() {},
      error: (fields) => this.faults.push(fields),
      child: () => log,
    };
    this.log = log;
    this.directory = {
      onChange: new Emitter<void>(),
      onReturn: new Emitter<ReturnEvent>(),
      reachable: (identity) => this.#reachable(identity),
      wake: (name, identity) => this.#wake(name, identity),
      onAccess: new Emitter<void>(),
      isGood: ({ user }) => !this.banned.has(user),
      roleAt: (identity, machine) => this.#reachable(identity).find(({ name }) => name === machine)?.role,
      tell: async (machine, session, order) => this.homes.get(machine)!.obey(session, order),
      remember: (user, machine) => this.remembered.push(`${user} ${machine}`),
      audit: ({ action, ok, user, machine }) => this.audit.push(`${action} ${ok ? 'ok' : 'failed'} ${user} ${machine}`),
    };
    this.broker = new Broker({
      directory: this.directory,
      credentials,
      throttle: new Throttle(),
      tls,
      clock: this.clock,
      log,
      title: 'town',
      otherwise: 'picker',
    });
  }

  /** People with names, whose passwords are `NAME's`. */
  static readonly byName = (tls?: TlsIdentity): Town => new Town(new ByName(), tls);

  /** A machine that runs, for anyone. */
  async home(name: string, share: SharePolicy = 'shared'): Promise<Home> {
    const home = await new Home(this, name, this.#folder, share).open();
    // Each has another picture.
    home.engine.pointer({ x: 40 + 60 * this.homes.size, y: 300, buttons: 1 });
    home.roles = { anyone: 'use' };
    this.homes.set(name, home);
    return home;
  }

  /** A viewer without a login. */
  watch(identity?: Identity, machine?: string): Watcher {
    const [serverEnd, viewerEnd] = memoryPair();
    const watcher = new Watcher(viewerEnd);
    if (identity === undefined && machine === undefined) this.broker.accept(serverEnd, RFB);
    else this.broker.acceptWebSocket(serverEnd, identity, machine);
    return watcher;
  }

  /** The server's end of an RDP client's connection. */
  acceptRdp(preset?: string): ReturnType<typeof memoryPair>[1] {
    const [serverEnd, clientEnd] = memoryPair();
    this.broker.accept(Object.assign(serverEnd, { upgradeTls: async () => {} }), RDP, preset);
    return clientEnd;
  }

  /** What is left of anybody: should be nothing when all are gone. */
  leftovers(): object {
    const { onChange, onReturn, onAccess } = this.directory;
    return {
      visits: this.broker.size,
      listeners: onChange.listenerCount + onReturn.listenerCount + onAccess.listenerCount - 2,
      timers: this.clock.pending.size,
      links: [...this.homes.values()].reduce((sum, home) => sum + home.links, 0),
      views: [...this.homes.values()].reduce((sum, home) => sum + home.machine.display.viewCount, 0),
    };
  }

  async close(): Promise<void> {
    await this.broker.close();
    for (const home of this.homes.values()) await home.close();
    rmSync(this.#folder, { recursive: true });
  }

  #reachable({ user, machine }: Identity): readonly ReachableMachine[] {
    return [...this.homes.values()].flatMap((home) => {
      const role = home.roles[user];
      if (role === undefined || (machine !== undefined && machine !== home.name)) return [];
      const { name, state, reason, lastUsedAt, screen } = home;
      const present = home.visitors.list().map((session) => session.user);
      const thumbnail = async () => thumbnailOf(home.machine);
      return [{ name, role, state, reason, description: '', present, lastUsedAt, screen, thumbnail }];
    });
  }

  async #wake(name: string, identity: Identity): Promise<Awake> {
    const home = this.homes.get(name);
    if (home === undefined || home.roles[identity.user] === undefined)
      throw new Problem('no-such-machine', 'no such machine');
    await home.waking;
    home.state = 'running';
    return { machine: name, socket: home.socket };
  }
}

/** 64x40. */
function thumbnailOf({ display }: Machine): Uint8Array {
  const png = new PNG({ width: 64, height: 40 });
  for (let i = 0; i < 64 * 40; i++) {
    const word = display.framebuffer.words[Math.floor(i / 64) * 10 * display.width + (i % 64) * 10]!;
    png.data.set([word >> 16, word >> 8, word, 255], i * 4);
  }
  return PNG.sync.write(png);
}
