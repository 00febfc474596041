import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Logger } from '../../src/base/log.js';
import type { Machine } from '../../src/machine/machine.js';
import type { Identity } from '../auth/credentials.js';
import { Proven } from '../auth/tickets.js';
import type { Departure } from '../session/departure.js';
import type { Host } from '../session/host.js';
import type { CloseReason, Session } from '../session/session.js';
import type { Rights } from '../session/session-list.js';
import type { Visitor } from '../session/visitor.js';
import type { Transport } from '../transport/transport.js';
import type { ReturnEvent } from './directory.js';
import { FrontDesk } from './front-desk.js';
import { cameBack, helloLine } from './handing-over.js';
import type { House, Way } from './house.js';
import { Journal } from './journal.js';
import { Journey } from './journey.js';
import { Lobby } from './lobby/lobby.js';
import { Login } from './login.js';
import { Stay } from './stay.js';

const NO_ROLE = 'you may not use it any more';

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
 * time it belongs to a session of the broker's own (before the login, in the lobby), or it stays at a machine.
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
  readonly #proven: Identity | undefined;
  readonly #log: Logger;
  readonly #gone: () => void;
  readonly #host: Host;
  readonly #lobby: Lobby;
  readonly #journey: Journey;
  readonly #desk: FrontDesk;
  readonly #journal: Journal;
  readonly #login: Login;
  readonly #known = (): Identity => {
    if (this.identity === undefined) throw new Error('nobody goes anywhere before the login');
    return this.identity;
  };
  #session: Session | undefined;
  #stay: Stay | undefined;
  #leaving = false;
  #over = false;

  constructor(arrival: Arrival, house: House, gone: () => void) {
    const { transport, way, preset, identity } = arrival;
    this.#transport = transport;
    this.#way = way;
    this.#proven = identity;
    this.#house = house;
    this.#gone = gone;
    this.remote = transport.remote;
    this.via = way.via;
    // Sessions add the address themselves.
    this.#log = house.log.child({ session: this.id, via: this.via });
    this.#journal = new Journal(this, house.directory, this.#log.child({ remote: this.remote }));
    const credentials = identity === undefined ? house.credentials : new Proven(identity);
    this.#login = new Login(credentials, (user) => this.#journal.failed(user));
    this.#lobby = new Lobby(house, {
      identity: this.#known,
      open: (machine) => void this.#journey.open(machine),
      list: () => this.#showList(),
      logOut: (why) => this.#logOut(why),
    });
    this.#journey = new Journey(house, this.#lobby, {
      identity: this.#known,
      letGo: () => this.#letGo(),
      enter: (machine, rights, link, departure) => this.#enter(machine, rights, link, departure),
      failed: (machine, reason) => this.#journal.kept(machine, reason),
    });
    this.#desk = new FrontDesk({
      house,
      lobby: this.#lobby,
      journey: this.#journey,
      journal: this.#journal,
      identity: this.#known,
      preset,
    });
    this.#host = this.#makeHost();
  }

  /** Serves the connection, from its first byte on. */
  begin(): void {
    this.#transport.onClose = (reason) => this.#finish(reason);
    if (this.#transport.isClosed) this.#finish('closed before it began');
    else if (this.#proven === undefined) this.#serve();
    else void this.#greet(this.#proven);
  }

  /** Once they have logged in. */
  get identity(): Identity | undefined {
    return this.#login.identity;
  }
  get user(): string | undefined {
    return this.identity?.user;
  }
  /** Where they are; null before the login and in the lobby. */
  get machine(): string | null {
    return this.#stay?.machine ?? null;
  }
  get rights(): Rights {
    return this.identity?.rights ?? 'control';
  }

  /** Ends it, in the protocol's words. */
  close(reason: CloseReason, text = ''): void {
    if (this.#session !== undefined) this.#session.close(reason, text);
    else if (this.#stay !== undefined) this.#stay.dismiss(reason, text);
    else this.cut(reason);
  }

  /** Ends it at once. */
  cut(reason: string): void {
    this.#finish(reason, () => this.#transport.end());
  }

  /** Who may do what may be different now. */
  review(): void {
    const { identity } = this;
    if (identity === undefined) return;
    if (!this.#house.directory.isGood(identity)) this.close('kicked', 'your login is not good any more');
    else if (this.#stay !== undefined) {
      const rights = this.#journey.rightsAt(this.#stay.machine);
      if (rights === undefined) this.#stay.sendBack(NO_ROLE);
      else if (rights !== null) this.#stay.limit(rights);
    }
  }

  /** The machine's process gives the client back. */
  async handleReturn({ reason, text, sentBytes, handover }: ReturnEvent): Promise<void> {
    const { identity } = this;
    const stay = this.#stay;
    if (stay === undefined || identity === undefined) return;
    const rest = await stay.takeBack(sentBytes);
    if (this.#over) return;
    if (rest === undefined) {
      this.cut('the client was lost on its way back');
      return;
    }
    const { machine } = stay;
    this.#left(reason === 'menu' ? 'left for the list' : `${reason}: ${text}`);
    if (reason === 'menu') this.#showList();
    else this.#lobby.showReturned(machine, reason, text);
    const state = cameBack(handover, rest, this.#visitor('control', false));
    const resumed = this.#way.resume(this.#host, state, { user: identity.user });
    if (resumed === undefined) this.cut('another protocol came back');
    else this.#adopt(resumed);
    this.review();
  }

  #makeHost(): Host {
    const lobby = this.#lobby;
    const { throttle, sessions, tls, clock, vncAuthOnly = false } = this.#house;
    return {
      get machine(): Machine {
        return lobby.machine;
      },
      credentials: this.#login,
      throttle,
      sessions,
      tls,
      clock,
      vncAuthOnly,
      log: this.#log,
      reception: this.#desk,
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

  /** Known before the first byte. */
  async #greet(identity: Identity): Promise<void> {
    await this.#login.checkPassword(identity.user, '');
    this.#transport.pause();
    const isGone = await this.#desk.sendOn();
    if (!isGone && !this.#over) this.#serve();
  }

  #letGo(): Departure | undefined {
    this.#leaving = true;
    // Without a session nobody has said anything yet.
    const greeting: Departure = { transport: this.#transport, handover: { kind: 'rfb', stage: 'greeting', rest: '' } };
    const departure = this.#session === undefined ? greeting : this.#session.detach();
    this.#leaving = false;
    return departure;
  }

  #enter(machine: string, rights: Rights, link: Socket, { handover }: Departure): void {
    this.#session = undefined;
    this.#lobby.close();
    const user = this.user!;
    const hello = helloLine(handover, this.#visitor(rights, true));
    if (hello === undefined || this.#transport.isClosed) {
      link.destroy();
      this.cut('the client cannot go on');
      return;
    }
    link.write(hello);
    const { directory, clock } = this.#house;
    this.#stay = new Stay({
      session: this.id,
      machine,
      rights,
      client: this.#transport,
      link,
      directory,
      clock,
      log: this.#log,
      // Within a stream there is nothing that the broker could say.
      ended: (by, reason) => (by === 'machine' ? this.cut(reason) : this.#finish(reason)),
    });
    directory.remember(user, machine);
    this.#journal.entered(machine, rights);
  }

  /** Not at a machine any more. */
  #left(reason: string): void {
    if (this.machine === null) return;
    this.#journal.left(this.machine, reason);
    this.#stay = undefined;
  }

  #visitor(rights: Visitor['rights'], returns: boolean): Visitor {
    return { session: this.id, user: this.user!, remote: this.remote, via: this.via, rights, returns };
  }

  #showList(): void {
    this.#journey.giveUp();
    this.#lobby.showList();
  }

  #logOut(reason: string): void {
    this.#log.info({ user: this.user, reason }, 'leaves the lobby');
    // Of all goodbyes the one that says that nothing went wrong.
    this.close('guest-stopped');
  }

  #finish(reason: string, parting?: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#journey.giveUp();
    this.#session = undefined;
    this.#stay?.close();
    this.#left(reason);
    this.#lobby.close();
    this.#journal.closed(reason);
    parting?.();
    this.#gone();
  }
}
