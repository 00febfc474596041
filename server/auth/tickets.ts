import { randomBytes } from 'node:crypto';
import type { Clock } from '../../src/base/clock.js';
import type { Credentials, Identity } from './credentials.js';

/** How long a link may wait to be opened, and how long a browser that opened it may come back. */
export const TICKET_MS = 60 * 60_000;
export const RETURN_MS = 12 * 60 * 60_000;
/** More than anybody hands out at a time; beyond it the oldest is forgotten. */
const MAX_GRANTS = 1_000;

interface Grant {
  readonly identity: Identity;
  readonly untilMs: number;
}

/** Secrets that stand for a login: tickets, good for one use, and what a browser gets for one, good for a while. */
export class Tickets {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Grant>();
  readonly #returns = new Map<string, Grant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A new ticket for `identity`, to be put into a link. */
  issue(identity: Identity): string {
    return grant(this.#tickets, identity, this.#clock.now() + TICKET_MS);
  }

  /** Whose ticket it is; it is used up by asking. `token` lets the same browser come back. */
  redeem(ticket: string): { readonly identity: Identity; readonly token: string } | undefined {
    const found = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (found === undefined || found.untilMs < this.#clock.now()) return undefined;
    const { identity } = found;
    return { identity, token: grant(this.#returns, identity, this.#clock.now() + RETURN_MS) };
  }

  /** Whose token it is. */
  recognise(token: string): Identity | undefined {
    const found = this.#returns.get(token);
    return found !== undefined && found.untilMs >= this.#clock.now() ? found.identity : undefined;
  }
}

function grant(grants: Map<string, Grant>, identity: Identity, untilMs: number): string {
  const secret = randomBytes(24).toString('base64url');
  grants.set(secret, { identity, untilMs });
  if (grants.size > MAX_GRANTS) grants.delete(grants.keys().next().value!);
  return secret;
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
