import type { Socket } from 'node:net';
import type { Logger } from '../../src/base/log.js';
import type { Identity } from '../auth/credentials.js';
import type { ControlEvent, VmMeters, VmSession } from '../ipc/control.js';
import type { Departure } from '../session/departure.js';
import type { RdpHandover, RfbHandover } from '../session/handover.js';
import type { Host } from '../session/host.js';
import type { Return } from '../session/reception.js';
import type { Session, SessionMeter } from '../session/session.js';
import type { Visitor } from '../session/visitor.js';
import { HandedOverTransport } from '../transport/handed-over.js';
import type { Transport } from '../transport/transport.js';

/** Goes on with a client on behalf of somebody; one for each protocol. Calls nothing back before it has returned. */
export interface Resume {
  readonly rdp: (transport: Transport, host: Host, handover: RdpHandover, identity: Identity) => Session;
  readonly rfb: (transport: Transport, host: Host, handover: RfbHandover, identity: Identity) => Session;
}

interface Stay {
  readonly visitor: Visitor;
  readonly session: Session;
  readonly since: string;
}

type SessionMeters = Pick<VmMeters, 'updates' | 'sentBytes' | 'encodeMs'>;

/** Those whom the broker has sent: their sessions here, and the way back. */
export class Visitors {
  readonly #host: Host;
  readonly #resume: Resume;
  readonly #tell: (event: ControlEvent) => void;
  readonly #log: Logger;
  readonly #stays = new Map<string, Stay>();
  /** Connections that are on their way back or saying goodbye. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #past: { -readonly [K in keyof SessionMeters]: number } = { updates: 0, sentBytes: 0, encodeMs: 0 };

  /** @param tell reaches the broker, which expects a 'return' */
  constructor(host: Host, resume: Resume, tell: (event: ControlEvent) => void) {
    this.#host = host;
    this.#resume = resume;
    this.#tell = tell;
    this.#log = host.log;
  }

  /** Takes a client over. @param socket stands still behind the first line */
  arrive(socket: Socket, handover: RdpHandover | RfbHandover): void {
    const { visitor } = handover;
    if (this.#stays.has(visitor.session)) {
      this.#log.warn({ session: visitor.session }, 'a session that is here already arrives again, and is dropped');
      socket.destroy();
      return;
    }
    const transport = new HandedOverTransport(socket, visitor.remote);
    this.#leaving.add(gone(socket, (over) => this.#leaving.delete(over)));
    const host = {
      ...this.#host,
      log: this.#log.child({ session: visitor.session }),
      ...(visitor.returns && { onReturn: this.#wayBack(visitor, transport) }),
    };
    const identity: Identity = { user: visitor.user, rights: visitor.rights };
    const session =
      handover.kind === 'rdp'
        ? this.#resume.rdp(transport, host, handover, identity)
        : this.#resume.rfb(transport, host, handover, identity);
    this.#stays.set(visitor.session, { visitor, session, since: new Date().toISOString() });
    socket.once('close', () => this.#left(visitor.session, session));
  }

  /** Those who are in: who still greets, or was turned away, is not. */
  list(): VmSession[] {
    const { sessions } = this.#host;
    return [...this.#stays.values()].flatMap(({ visitor, session, since }) => {
      const rights = sessions.rightsOf(session);
      if (rights === undefined) return [];
      const { sentBytes, updates, rttMs } = session.meter;
      const { session: id, user, remote, via } = visitor;
      return [
        { session: id, user, remote, via, rights, since, sentBytes, updates, ...(rttMs !== undefined && { rttMs }) },
      ];
    });
  }

  find(id: string): Session | undefined {
    return this.#stays.get(id)?.session;
  }

  /** Sums over all sessions that are and were here. */
  get meters(): SessionMeters {
    const sum = { ...this.#past };
    for (const { session } of this.#stays.values()) add(sum, session.meter);
    return sum;
  }

  /** Resolves when no connection is left. */
  async left(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.all(this.#leaving);
  }

  #wayBack(visitor: Visitor, transport: HandedOverTransport): Return {
    return (session, { handover }: Departure, reason, text) => {
      this.#left(visitor.session, session);
      this.#log.info({ session: visitor.session, user: visitor.user, reason }, 'goes back to the broker');
      const sentBytes = transport.giveBack();
      this.#tell({ event: 'return', session: visitor.session, reason, text, sentBytes, handover });
    };
  }

  #left(id: string, session: Session): void {
    if (this.#stays.get(id)?.session !== session) return;
    this.#stays.delete(id);
    add(this.#past, session.meter);
  }
}

function add(sum: { -readonly [K in keyof SessionMeters]: number }, meter: SessionMeter): void {
  sum.updates += meter.updates;
  sum.sentBytes += meter.sentBytes;
  sum.encodeMs += meter.encodeMs;
}

function gone(socket: Socket, forget: (over: Promise<void>) => void): Promise<void> {
  const over: Promise<void> = new Promise((resolve) => {
    socket.once('close', () => {
      forget(over);
      resolve();
    });
  });
  return over;
}
