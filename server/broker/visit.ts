import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { messageOf, Problem } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { Machine } from '../../src/machine/machine.js';
import type { Identity } from '../auth/credentials.js';
import { Proven } from '../auth/tickets.js';
import type { Departure } from '../session/departure.js';
import type { Host } from '../session/host.js';
import type { RouteHints } from '../session/reception.js';
import type { CloseReason, Session } from '../session/session.js';
import type { Visitor } from '../session/visitor.js';
import type { Transport } from '../transport/transport.js';
import type { ReachableMachine, ReturnEvent } from './directory.js';
import { cameBack, helloLine } from './handing-over.js';
import type { House, Way } from './house.js';
import { List } from './lobby/list.js';
import { failedNotice, momentNotice, type NoticeDoors, returnedNotice, startingNotice } from './lobby/notices.js';
import { Stage } from './lobby/stage.js';
import { Login } from './login.js';
import { connectMachine } from './machine-link.js';
import { route } from './route.js';
import { Splice } from './splice.js';

/** A machine that runs is shown without a word of the broker's before it, if it can be had within this time. */
const UNSEEN_MS = 1_500;
/** A session that cannot let go at this moment (an RDP client is being given another size) is asked again. */
const DEPART_AGAIN_MS = 50;
/** Until then; the machine's process waits for its first line that long. */
const DEPART_MS = 8_000;
/** A process that gives a client back does so at once; the client may have to read what was sent before. */
const BACK_MS = 15_000;

export interface Arrival {
  readonly transport: Transport;
  readonly way: Way;
  /** The machine whose own port or address they came to. */
  readonly preset?: string | undefined;
  /** Who they are, where that was proven before. */
  readonly identity?: Identity | undefined;
}

/**
 * One client's connection from accept to close: it logs in, goes to a machine, comes back, goes to another. At any
 * time it belongs to a session of the broker's own (before the login, in the lobby) or to a splice.
 */
export class Visit {
  /** Names the session everywhere; it can be typed. */
  readonly id = randomBytes(6).toString('hex');
  readonly since = new Date().toISOString();
  readonly remote: string;
  readonly via: string;
  readonly #transport: Transport;
  readonly #way: Way;
  readonly #house: House;
  readonly #preset: string | undefined;
  readonly #proven: Identity | undefined;
  readonly #log: Logger;
  readonly #gone: () => void;
  readonly #host: Host;
  readonly #stage: Stage;
  readonly #login: Login;
  #session: Session | undefined;
  #splice: Splice | undefined;
  #machine: string | null = null;
  /** Where they go has been decided once; from then on they decide themselves. */
  #decided = false;
  #leaving = false;
  #over = false;
  /** What is being tried: at most one way at a time. */
  #attempt = new AbortController();

  constructor(arrival: Arrival, house: House, gone: () => void) {
    const { transport, way, preset, identity } = arrival;
    this.#transport = transport;
    this.#way = way;
    this.#preset = preset;
    this.#house = house;
    this.#gone = gone;
    this.remote = transport.remote;
    this.via = way.via;
    this.#log = house.log.child({ session: this.id, via: this.via, remote: this.remote });
    this.#stage = new Stage(house.title, house.clock, momentNotice(), () => this.#logOut('nobody was there'));
    const credentials = identity === undefined ? house.credentials : new Proven(identity);
    this.#login = new Login(credentials, (user) => this.#audit('login', false, `by ${this.via}`, user));
    this.#host = this.#makeHost();
    this.#proven = identity;
  }

  /** Serves the connection, from its first byte on. */
  begin(): void {
    this.#transport.onClose = (reason) => this.#finish(reason);
    if (this.#transport.isClosed) this.#finish('closed before it began');
    else if (this.#proven === undefined) this.#serve();
    else void this.#greet(this.#proven);
  }

  get user(): string | undefined {
    return this.#login.identity?.user;
  }
  /** Where they are; null before the login and in the lobby. */
  get machine(): string | null {
    return this.#machine;
  }
  get rights(): 'view' | 'control' {
    return this.#login.identity?.rights ?? 'control';
  }

  /** Ends it, in the protocol's words where the broker has the say. */
  close(reason: CloseReason, text?: string): void {
    if (this.#session !== undefined) this.#session.close(reason, text);
    else this.#finish(reason, () => this.#transport.end());
  }

  /** The machine's process gives the client back. */
  async handleReturn({ reason, text, sentBytes, handover }: ReturnEvent): Promise<void> {
    const splice = this.#splice;
    const machine = this.#machine;
    const identity = this.#login.identity;
    if (splice === undefined || machine === null || identity === undefined) return;
    const cancel = this.#house.clock.after(BACK_MS, () => splice.close());
    const rest = await splice.takeBack(sentBytes);
    cancel();
    if (this.#over) return;
    if (rest === undefined) {
      this.#finish('the client was lost on its way back', () => this.#transport.end());
      return;
    }
    this.#splice = undefined;
    this.#left(reason === 'menu' ? 'left for the list' : `${reason}: ${text}`);
    if (reason === 'menu') this.#showList();
    else this.#stage.show(returnedNotice(reason, text, machine, this.#doors(machine)));
    const state = cameBack(handover, rest, this.#visitor('control', false));
    const resumed = this.#way.resume(this.#host, state, { user: identity.user });
    if (resumed === undefined) this.#finish('another protocol came back', () => this.#transport.end());
    else this.#adopt(resumed);
  }

  #makeHost(): Host {
    const stage = this.#stage;
    const { throttle, sessions, tls, clock } = this.#house;
    return {
      get machine(): Machine {
        return stage.machine;
      },
      credentials: this.#login,
      throttle,
      sessions,
      tls,
      clock,
      log: this.#log,
      reception: { arrived: (session, _, hints) => this.#arrived(session, hints) },
    };
  }

  #serve(): void {
    this.#adopt(this.#way.serve(this.#host));
  }

  #adopt(session: Session): void {
    this.#session = session;
    this.#house.sessions.watch(session, () => {
      if (!this.#leaving && this.#session === session) this.#finish('the client is gone');
    });
    if (this.#transport.isClosed) this.#finish('the client is gone');
    else this.#transport.resume();
  }

  /** Known before the first byte: goes straight to a machine that runs, which then says that first byte itself. */
  async #greet(identity: Identity): Promise<void> {
    await this.#login.checkPassword(identity.user, '');
    const to = this.#route({});
    if (to.to === 'machine' && isUp(to.machine)) {
      this.#decided = true;
      this.#audit('login', true, `by ${this.via}`);
      this.#transport.pause();
      if (await this.#openUnseen(to.machine.name)) return;
    }
    if (!this.#over) this.#serve();
  }

  async #arrived(session: Session, hints: RouteHints): Promise<'here' | 'gone' | { readonly refused: string }> {
    this.#session ??= session;
    if (this.#decided) return 'here';
    this.#decided = true;
    this.#stage.size = hints.desktop;
    this.#audit('login', true, `by ${this.via}`);
    const to = this.#route(hints);
    switch (to.to) {
      case 'refused':
        this.#audit('session.start', false, to.reason);
        return { refused: to.reason };
      case 'machine':
        if (isUp(to.machine)) return (await this.#openUnseen(to.machine.name)) ? 'gone' : 'here';
        void this.#open(to.machine.name);
        return 'here';
      case 'picker':
      case 'nowhere':
        this.#showList();
        return 'here';
    }
  }

  #route(hints: RouteHints): ReturnType<typeof route<ReachableMachine>> {
    const identity = this.#login.identity;
    if (identity === undefined) throw new Error('nobody is sent anywhere before the login');
    const { directory, otherwise } = this.#house;
    return route({ identity, hints, machines: directory.reachable(identity), preset: this.#preset, otherwise });
  }

  /** Resolves to whether they are gone within the time in which nothing has to be shown. */
  async #openUnseen(name: string): Promise<boolean> {
    let cancel = (): void => {};
    const late = new Promise<false>((resolve) => {
      cancel = this.#house.clock.after(UNSEEN_MS, () => resolve(false));
    });
    const gone = await Promise.race([this.#open(name), late]);
    cancel();
    return gone;
  }

  /** Has the machine running and goes there; resolves to whether they are there. What goes wrong is shown. */
  async #open(name: string): Promise<boolean> {
    const identity = this.#login.identity!;
    const signal = this.#beginAttempt();
    this.#stage.show(startingNotice(name, this.#doors(name)));
    let link: Socket | undefined;
    try {
      const { machine, socket } = await this.#house.directory.wake(name, identity, signal);
      link = await connectMachine(socket, machine, signal);
      const role = this.#house.directory.reachable(identity).find((other) => other.name === machine)?.role;
      if (role === undefined) throw new Problem('no-such-machine', `${machine} is not yours any more`);
      await this.#depart(machine, rightsOf(identity, role), link, signal);
      return true;
    } catch (error) {
      link?.destroy();
      if (signal.aborted) return false;
      this.#log.info({ machine: name, reason: messageOf(error) }, 'cannot go there');
      this.#audit('session.start', false, messageOf(error), undefined, name);
      this.#stage.show(failedNotice(name, messageOf(error), this.#doors(name)));
      return false;
    }
  }

  /** Leaves for a machine as soon as the session here can let go of the client. */
  async #depart(machine: string, rights: 'view' | 'control', link: Socket, signal: AbortSignal): Promise<void> {
    const { clock } = this.#house;
    const endMs = clock.now() + DEPART_MS;
    for (;;) {
      signal.throwIfAborted();
      this.#leaving = true;
      const departure = this.#session === undefined ? this.#greeting() : this.#session.detach();
      this.#leaving = false;
      // From here to the splice everything happens in one turn: no byte gets lost between two owners.
      if (departure !== undefined) return this.#enter(machine, rights, link, departure);
      if (clock.now() > endMs) throw new Problem('failed', 'your client did not finish what it had begun');
      await new Promise<void>((resolve) => void clock.after(DEPART_AGAIN_MS, resolve));
    }
  }

  /** Nobody has said anything yet. */
  #greeting(): Departure {
    return { transport: this.#transport, handover: { kind: 'rfb', stage: 'greeting', rest: '' } };
  }

  #enter(machine: string, rights: 'view' | 'control', link: Socket, { handover }: Departure): void {
    this.#session = undefined;
    this.#stage.close();
    const user = this.user!;
    const hello = helloLine(handover, this.#visitor(rights, true));
    if (hello === undefined || this.#transport.isClosed) {
      link.destroy();
      this.#finish('the client cannot go on', () => this.#transport.end());
      return;
    }
    link.write(hello);
    this.#machine = machine;
    this.#splice = new Splice(this.#transport, link, {
      // Within a stream there is nothing that the broker could say.
      ended: (by, reason) => this.#finish(reason, by === 'machine' ? () => this.#transport.end() : undefined),
    });
    this.#house.directory.remember(user, machine);
    this.#audit('session.start', true, `${rights}, by ${this.via}`);
    this.#log.info({ user, machine, rights }, 'at a machine');
  }

  /** Not at a machine any more. */
  #left(reason: string): void {
    if (this.#machine === null) return;
    this.#audit('session.end', true, reason);
    this.#log.info({ user: this.user, machine: this.#machine, reason }, 'left a machine');
    this.#machine = null;
  }

  #visitor(rights: Visitor['rights'], returns: boolean): Visitor {
    return { session: this.id, user: this.user!, remote: this.remote, via: this.via, rights, returns };
  }

  #showList(): void {
    this.#beginAttempt();
    const identity = this.#login.identity!;
    this.#stage.show(
      new List(this.#house, {
        user: identity.user,
        machines: () => this.#house.directory.reachable(identity),
        choose: (machine) => void this.#open(machine.name),
        logOut: () => this.#logOut('logged out'),
      }),
    );
  }

  #doors(machine: string): NoticeDoors {
    return {
      open: () => void this.#open(machine),
      list: () => this.#showList(),
      logOut: () => this.#logOut('logged out'),
    };
  }

  /** Whatever was tried before is given up. */
  #beginAttempt(): AbortSignal {
    this.#attempt.abort(new Error('given up'));
    this.#attempt = new AbortController();
    return this.#attempt.signal;
  }

  #logOut(reason: string): void {
    this.#log.info({ user: this.user, reason }, 'leaves the lobby');
    // Of all goodbyes the one that says that nothing went wrong.
    this.close('guest-stopped');
  }

  #audit(action: string, ok: boolean, detail: string, user = this.user ?? null, machine = this.#machine): void {
    this.#house.directory.audit({ action, ok, detail, user, remote: this.remote, machine });
  }

  #finish(reason: string, parting?: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#left(reason);
    this.#attempt.abort(new Error(reason));
    this.#session = undefined;
    this.#splice?.close();
    this.#stage.close();
    this.#log.debug({ reason }, 'visit over');
    parting?.();
    this.#gone();
  }
}

function isUp({ state }: ReachableMachine): boolean {
  return state === 'running' || state === 'paused';
}

/** The least of what the login and the role allow. */
function rightsOf(identity: Identity, role: ReachableMachine['role']): 'view' | 'control' {
  return role === 'view' ? 'view' : (identity.rights ?? 'control');
}
