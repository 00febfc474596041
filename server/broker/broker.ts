import { createServer, type Server } from 'node:net';
import type { Identity } from '../auth/credentials.js';
import { LIMITS } from '../limits.js';
import type { CloseReason } from '../session/session.js';
import { TcpTransport } from '../transport/tcp.js';
import type { Transport } from '../transport/transport.js';
import { type House, type Protocol, wayOf } from './house.js';
import { LobbySessions } from './lobby-sessions.js';
import { RFB_WEBSOCKET } from './protocols.js';
import { Thumbnails } from './thumbnails.js';
import { type Arrival, Visit } from './visit.js';

export type BrokerOptions = Omit<House, 'sessions' | 'thumbnails' | 'visitsOf'>;

/** Somebody who has logged in and is not at a machine. Who is at one is told by its process. */
export interface LobbyVisit {
  readonly id: string;
  readonly user: string;
  readonly remote: string;
  readonly via: string;
  readonly rights: 'view' | 'control';
  /** ISO 8601. */
  readonly since: string;
}

/** The front desk for all machines: one listener a protocol, a login, and then to the machine that is meant. */
export class Broker {
  readonly #house: House;
  readonly #visits = new Map<string, Visit>();
  readonly #offs: readonly (() => void)[];
  #closed = false;
  #emptied = (): void => {};

  constructor(options: BrokerOptions) {
    this.#house = {
      ...options,
      sessions: new LobbySessions(),
      thumbnails: new Thumbnails(options.log),
      visitsOf: (user) => [...this.#visits.values()].filter((visit) => visit.user === user).length,
    };
    const { directory } = options;
    this.#offs = [
      directory.onReturn.on((event) => void this.#visits.get(event.session)?.handleReturn(event)),
      directory.onAccess.on(() => {
        for (const visit of [...this.#visits.values()]) visit.review();
      }),
    ];
  }

  /** A TCP server for one protocol, to be put on a port by the caller. With `preset` it is that machine's own port. */
  createServer(protocol: Protocol, preset?: string): Server {
    return createServer((socket) => {
      // A reset before the transport listens must not surface as an uncaught error.
      socket.on('error', () => {});
      this.accept(new TcpTransport(socket), protocol, preset);
    });
  }

  /** Serves a connection, or closes it unanswered where there are too many. */
  accept<T extends Transport>(transport: T, protocol: Protocol<T>, preset?: string): void {
    this.#admit({ transport, way: wayOf(protocol, transport), preset });
  }

  /** Whether one more connection from this address may begin. */
  hasRoomFor(remote: string): boolean {
    return !this.#closed && this.#visits.size < LIMITS.maxVisits && this.#house.sessions.hasRoomFor(remote);
  }

  /** A browser's connection. `identity` is what it has proven over HTTP, `machine` what its address names. */
  acceptWebSocket(transport: Transport, identity: Identity | undefined, machine?: string): void {
    this.#admit({ transport, way: wayOf(RFB_WEBSOCKET, transport), identity, preset: machine });
  }

  /** All connections, wherever they are. */
  get size(): number {
    return this.#visits.size;
  }

  /** Those in the lobby. */
  get visits(): readonly LobbyVisit[] {
    const visits: LobbyVisit[] = [];
    for (const { id, user, remote, via, rights, since, machine } of this.#visits.values()) {
      if (user !== undefined && machine === null) visits.push({ id, user, remote, via, rights, since });
    }
    return visits;
  }

  /** Ends somebody's visit, wherever they are; false when there is no such visit. */
  end(id: string, reason: CloseReason, text?: string): boolean {
    const visit = this.#visits.get(id);
    visit?.close(reason, text);
    return visit !== undefined;
  }

  /** Ends somebody's visit at once, without a word; false when there is no such visit. */
  cut(id: string, reason: string): boolean {
    const visit = this.#visits.get(id);
    visit?.cut(reason);
    return visit !== undefined;
  }

  /** Ends the visits of those whose login has ended, wherever they are. */
  endWhere(isMeant: (identity: Identity) => boolean, text: string): void {
    for (const visit of [...this.#visits.values()]) {
      if (visit.identity !== undefined && isMeant(visit.identity)) visit.close('kicked', text);
    }
  }

  /** Says goodbye to all, wherever they are; resolves when they are gone. The listeners are the caller's. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const off of this.#offs) off();
    for (const visit of [...this.#visits.values()]) visit.close('shutdown', 'the service is going down');
    if (this.#visits.size === 0) return;
    let cancel = (): void => {};
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      cancel = this.#house.clock.after(LIMITS.farewellMs, resolve);
    });
    cancel();
    for (const visit of [...this.#visits.values()]) visit.cut('the service is going down');
  }

  #admit(arrival: Arrival): void {
    const { transport } = arrival;
    if (!this.hasRoomFor(transport.remote)) {
      this.#house.log.debug({ remote: transport.remote }, 'too many connections, one is refused');
      transport.destroy('too many connections');
      return;
    }
    const visit = new Visit(arrival, this.#house, () => this.#forget(visit));
    this.#visits.set(visit.id, visit);
    visit.begin();
  }

  #forget({ id }: Visit): void {
    this.#visits.delete(id);
    if (this.#visits.size === 0) this.#emptied();
  }
}
