import type { Clock } from '../../src/base/clock.js';
import { LIMITS } from '../limits.js';
import { networkOf } from '../transport/network.js';
import { type Identity, provenName } from './credentials.js';
import { type Patience, Pending, Tally } from './tally.js';

/** Who tries to log in: from where, and as whom where there is a name. */
export interface Origin {
  readonly address: string;
  readonly user?: string | undefined;
  /** What is tried can only be a ticket. Nobody guesses one, so it counts for the address alone. */
  readonly isTicket?: boolean;
}

const OF_ONE_PLACE: Patience = { failures: LIMITS.failedLogins, firstWaitMs: LIMITS.failedLoginWaitMs };
const OF_ALL_PLACES: Patience = { failures: LIMITS.failedLoginsPerUser, firstWaitMs: LIMITS.userWaitMs };

/** Names and addresses that are remembered at most: strangers choose them. */
const MOST_REMEMBERED = 10_000;

/**
 * Makes guessing passwords slow, across all protocols. It counts failures by user and address together, so that one
 * pupil does not lock out the classroom that shares an address; by user from anywhere, so that many addresses do not
 * guess one password; and, more generously, by address, so that one address does not try a password with every name.
 * Where a user has logged in before, only what fails there in their name keeps them waiting.
 */
export class Throttle {
  readonly #places = new Map<string, Tally>();
  readonly #users = new Map<string, Tally>();
  /** When logins failed, by address. */
  readonly #addresses = new Map<string, number[]>();
  /** What is being looked at, by address. */
  readonly #pending = new Map<string, Pending>();
  /** Users at addresses where they have logged in. */
  readonly #homes = new Set<string>();

  /**
   * Has `check` find out who it is, unless too much has failed. Of many tries at the same time those beyond what may
   * fail wait for what comes of the others: neither do they all slip through, nor is anybody refused who is right.
   */
  async attempt(
    origin: Origin,
    clock: Pick<Clock, 'now'>,
    check: () => Promise<Identity | undefined>,
  ): Promise<Identity | 'wrong' | 'blocked'> {
    for (;;) {
      const busy = this.#busy(origin, clock.now());
      if (busy === undefined) break;
      await busy.settled();
    }
    if (this.isBlocked(origin, clock.now())) return 'blocked';
    const from = networkOf(origin.address);
    const pending = this.#pending.get(from) ?? new Pending();
    this.#pending.set(from, pending);
    // Only now: who has to wait does not make others be forgotten.
    const tallies = [pending, ...this.#talliesOf(origin)];
    for (const tally of tallies) tally.begin();
    try {
      const identity = await check();
      if (identity === undefined) {
        this.failed(origin, clock.now());
        return 'wrong';
      }
      // A ticket proves nothing about the name beside it, and must not wipe out what was guessed in that name.
      const user = provenName(identity);
      if (user !== undefined) this.#succeeded(origin, user);
      return identity;
    } finally {
      for (const tally of tallies) tally.end();
      if (pending.count === 0) this.#pending.delete(from);
    }
  }

  isBlocked(origin: Origin, nowMs: number): boolean {
    const { address, user, isTicket = false } = origin;
    if (!isTicket && this.#places.get(placeOf(origin))?.mustWait(nowMs) === true) return true;
    if (this.#homes.has(placeOf(origin))) return false;
    if (user !== undefined && this.#users.get(nameOf(user))?.mustWait(nowMs) === true) return true;
    return this.#recent(networkOf(address), nowMs).length >= LIMITS.failedLoginsPerAddress;
  }

  failed(origin: Origin, nowMs: number): void {
    const { address, user, isTicket = false } = origin;
    if (!isTicket) tallyOf(this.#places, placeOf(origin), OF_ONE_PLACE).failed(nowMs);
    if (user !== undefined) tallyOf(this.#users, nameOf(user), OF_ALL_PLACES).failed(nowMs);
    const from = networkOf(address);
    const recent = [...this.#recent(from, nowMs), nowMs].slice(-LIMITS.failedLoginsPerAddress);
    this.#addresses.delete(from);
    this.#addresses.set(from, recent);
    dropOldest(this.#addresses);
  }

  #succeeded(origin: Origin, user: string): void {
    const home = placeOf({ address: origin.address, user });
    for (const place of [placeOf(origin), home]) this.#places.get(place)?.reset();
    this.#users.get(nameOf(user))?.reset();
    this.#homes.delete(home);
    this.#homes.add(home);
    dropOldest(this.#homes);
  }

  /** As many are being looked at as may still fail: those. */
  #busy(origin: Origin, nowMs: number): Pending | undefined {
    const from = networkOf(origin.address);
    const pending = this.#pending.get(from);
    const isHome = this.#homes.has(placeOf(origin));
    if (pending !== undefined && !isHome) {
      if (pending.count + this.#recent(from, nowMs).length >= LIMITS.failedLoginsPerAddress) return pending;
    }
    if (origin.isTicket === true) return undefined;
    const known = [this.#places.get(placeOf(origin))];
    if (this.#countsForUser(origin)) known.push(this.#users.get(nameOf(origin.user)));
    return known.find((tally) => tally?.isBusy);
  }

  #talliesOf(origin: Origin): Tally[] {
    if (origin.isTicket === true) return [];
    const place = tallyOf(this.#places, placeOf(origin), OF_ONE_PLACE);
    if (!this.#countsForUser(origin)) return [place];
    return [place, tallyOf(this.#users, nameOf(origin.user), OF_ALL_PLACES)];
  }

  #countsForUser(origin: Origin): origin is Origin & { readonly user: string } {
    return origin.user !== undefined && !this.#homes.has(placeOf(origin));
  }

  #recent(from: string, nowMs: number): number[] {
    return (this.#addresses.get(from) ?? []).filter((ms) => nowMs - ms < LIMITS.addressWindowMs);
  }
}

/** The tally of that name, which from now on was asked for last. */
function tallyOf(tallies: Map<string, Tally>, key: string, patience: Patience): Tally {
  const tally = tallies.get(key) ?? new Tally(patience);
  tallies.delete(key);
  tallies.set(key, tally);
  dropOldest(tallies);
  return tally;
}

/** Strangers choose names, and how long they are: those that nobody can have are one. */
const nameOf = (user: string): string => (user.length > LIMITS.userNameCharacters ? '(too long)' : user.toLowerCase());

/** Names that differ by case are one; a blank stands in no address. */
function placeOf({ address, user = '' }: Origin): string {
  return `${networkOf(address)} ${nameOf(user)}`;
}

function dropOldest(kept: Map<string, unknown> | Set<string>): void {
  if (kept.size > MOST_REMEMBERED) kept.delete(kept.keys().next().value!);
}
