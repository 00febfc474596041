import type { Clock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import { vncResponse } from '../../src/base/vnc-response.js';
import type { TicketView } from '../api/views.js';
import { type Credentials, type Identity, isIdentity } from './credentials.js';
import { oldestOfMost } from './eviction.js';
import { Logins } from './logins.js';
import { damaged, KeptFile, readPrivate } from './private-file.js';
import { digestOf, makeSecret, sameBytes } from './secret.js';

/** How long a link may wait to be opened, where nobody says. */
export const TICKET_MS = 60 * 60_000;
const ID_LENGTH = 8;
const SECRET_LENGTH = 32;
/** What VncAuth compares: 46 bits, unique among the tickets that are good, for a short time, behind the throttle. */
const VNC_CHARACTERS = 8;
/** More than anybody hands out at a time; beyond it whoever has most loses their oldest. */
const MOST_TICKETS = 1_000;

interface Ticket {
  readonly id: string;
  readonly identity: Identity;
  readonly untilMs: number;
  readonly usesLeft: number;
  readonly digest: string;
  /** The secret's first characters: DES cannot be answered without them. They open a screen, and nothing else. */
  readonly vnc: string;
}

export interface NewTicket extends Identity {
  readonly seconds?: number;
  /** How often it is good. */
  readonly uses?: number;
}

/** Secrets that stand for a login, good for a few uses within their time: in links, as passwords. */
export class Tickets {
  /** The cookie that `redeem`'s token is kept in. */
  readonly cookie: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tickets: Map<string, Ticket>;
  readonly #logins: Logins;
  readonly #file: KeptFile | undefined;

  /**
   * @param clock where they are kept in a file: the calendar's
   * @param logins what browsers get for a ticket
   */
  constructor(
    clock: Pick<Clock, 'now'>,
    logins = new Logins(clock),
    kept?: { readonly path: string; readonly log: Logger },
  ) {
    this.#clock = clock;
    this.#logins = logins;
    this.cookie = logins.cookie;
    this.#tickets = new Map(kept && ticketsIn(kept.path).map((ticket) => [ticket.id, ticket]));
    this.#file = kept && new KeptFile(kept.path, () => ({ tickets: [...this.#tickets.values()] }), kept.log);
  }

  /** A new ticket for `identity`, to be put into a link. */
  issue(identity: Identity): string {
    return this.create(identity).secret;
  }

  create({ seconds = TICKET_MS / 1000, uses = 1, ...identity }: NewTicket): TicketView & { readonly secret: string } {
    this.#forgetOld();
    let secret: string;
    do secret = makeSecret(SECRET_LENGTH);
    while ([...this.#tickets.values()].some(({ vnc }) => secret.startsWith(vnc)));
    const ticket: Ticket = {
      id: makeSecret(ID_LENGTH),
      identity,
      untilMs: this.#clock.now() + seconds * 1000,
      usesLeft: uses,
      digest: digestOf(secret),
      vnc: secret.slice(0, VNC_CHARACTERS),
    };
    this.#tickets.set(ticket.id, ticket);
    if (this.#tickets.size > MOST_TICKETS) this.#tickets.delete(oldestOfMost(this.#tickets, giverOf)!);
    this.#file?.changed();
    return { ...viewOf(ticket), secret };
  }

  /** Whose ticket it is; asking uses it. */
  use(secret: string): Identity | undefined {
    const digest = digestOf(secret);
    return this.#use((ticket) => ticket.digest === digest);
  }

  /** The same for VncAuth: whose ticket `response` was made with. */
  useVnc(challenge: Uint8Array, response: Uint8Array): Identity | undefined {
    return this.#use(({ vnc }) => sameBytes(vncResponse(challenge, vnc), response));
  }

  /** Whose ticket it is; asking uses it. `token` lets the same browser come back. */
  redeem(secret: string): { readonly identity: Identity; readonly token: string } | undefined {
    const identity = this.use(secret);
    return identity && { identity, token: this.#logins.open(identity).token };
  }

  /** Whose token it is. */
  recognise(token: string): Identity | undefined {
    return this.#logins.recognise(token)?.identity;
  }

  /** Those that are good. */
  list(): TicketView[] {
    this.#forgetOld();
    return [...this.#tickets.values()].map(viewOf);
  }

  /** Makes it useless. False: there is none. */
  delete(id: string): boolean {
    const isThere = this.#tickets.delete(id);
    if (isThere) this.#file?.changed();
    return isThere;
  }

  deleteWhere(isMeant: (identity: Identity) => boolean): void {
    for (const { id, identity } of [...this.#tickets.values()]) if (isMeant(identity)) this.delete(id);
  }

  /** Resolves when the file has what is known. */
  async settled(): Promise<void> {
    await this.#file?.settled();
  }

  #use(fits: (ticket: Ticket) => boolean): Identity | undefined {
    this.#forgetOld();
    const ticket = [...this.#tickets.values()].find(fits);
    if (ticket === undefined) return undefined;
    const usesLeft = ticket.usesLeft - 1;
    if (usesLeft > 0) this.#tickets.set(ticket.id, { ...ticket, usesLeft });
    else this.#tickets.delete(ticket.id);
    this.#file?.changed();
    return ticket.identity;
  }

  #forgetOld(): void {
    const nowMs = this.#clock.now();
    for (const { id, untilMs } of [...this.#tickets.values()]) if (untilMs < nowMs) this.#tickets.delete(id);
  }
}

/** Whoever answers for it, which is the host itself for null. */
function giverOf({ identity: { user, grantedBy } }: Ticket): string {
  return (grantedBy === undefined ? user : (grantedBy ?? '')).toLowerCase();
}

function ticketsIn(path: string): readonly Ticket[] {
  const content = readPrivate(path) as { tickets?: unknown } | null | undefined;
  if (content === undefined) return [];
  const tickets = content?.tickets;
  if (!Array.isArray(tickets)) throw damaged(path, 'it has no tickets');
  const broken = tickets.findIndex((ticket) => !isTicket(ticket));
  if (broken >= 0) throw damaged(path, `ticket ${broken + 1} is not complete`);
  return tickets;
}

function isTicket(value: unknown): value is Ticket {
  const ticket = value as Partial<Record<keyof Ticket, unknown>> | null;
  return (
    [ticket?.id, ticket?.digest, ticket?.vnc].every((text) => typeof text === 'string') &&
    [ticket?.untilMs, ticket?.usesLeft].every((number) => typeof number === 'number') &&
    isIdentity(ticket?.identity)
  );
}

function viewOf({ id, identity, untilMs, usesLeft }: Ticket): TicketView {
  const { user, machine = '', rights = 'control' } = identity;
  return { id, machine, user, rights, expiresAt: new Date(untilMs).toISOString(), usesLeft };
}

/** For a peer that has already proven who it is: nothing more is asked. */
export class Proven implements Credentials {
  readonly required = false;
  readonly #identity: Identity;

  constructor(identity: Identity) {
    this.#identity = identity;
  }

  async checkPassword(): Promise<Identity> {
    return this.#identity;
  }
  async checkVncResponse(): Promise<Identity> {
    return this.#identity;
  }
}
