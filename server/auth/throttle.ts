import { isIPv6 } from 'node:net';
import { LIMITS } from '../limits.js';

/** Failures for one user name, from anywhere. */
interface Siege {
  failures: number;
  lastMs: number;
}

/** Names and addresses that are remembered at most: strangers choose them. */
const MOST_REMEMBERED = 10_000;

/**
 * Remembers failed logins across protocols, so that guessing passwords takes its time: by address, and by user name, so
 * that many addresses do not guess one password. An address where that user has logged in before is not kept waiting for
 * what strangers do in their name.
 */
export class Throttle {
  readonly #failures = new Map<string, number[]>();
  readonly #sieges = new Map<string, Siege>();
  /** `user address` of logins that have succeeded. */
  readonly #homes = new Set<string>();

  /** Whether this address has failed too often lately, or too many have failed as this user. */
  isBlocked(address: string, nowMs: number, user?: string): boolean {
    const from = networkOf(address);
    if (this.#recent(from, nowMs).length >= LIMITS.failedLogins) return true;
    const name = user?.toLowerCase();
    const siege = name === undefined ? undefined : this.#sieges.get(name);
    if (siege === undefined || this.#homes.has(`${name} ${from}`)) return false;
    const more = siege.failures - LIMITS.failedLoginsPerUser;
    return more >= 0 && nowMs - siege.lastMs < Math.min(LIMITS.userBackOffMs * 2 ** more, LIMITS.maxUserBackOffMs);
  }

  failed(address: string, nowMs: number, user?: string): void {
    const from = networkOf(address);
    this.#failures.set(from, [...this.#recent(from, nowMs), nowMs].slice(-LIMITS.failedLogins));
    // The map holds only addresses that failed within the window.
    for (const [known] of this.#failures) this.#recent(known, nowMs);
    if (user !== undefined) this.#failedAs(user.toLowerCase(), nowMs);
  }

  succeeded(address: string, user?: string): void {
    const from = networkOf(address);
    this.#failures.delete(from);
    if (user === undefined) return;
    this.#sieges.delete(user.toLowerCase());
    this.#homes.add(`${user.toLowerCase()} ${from}`);
    dropOldest(this.#homes);
  }

  #failedAs(name: string, nowMs: number): void {
    const siege = this.#sieges.get(name);
    const isOver = siege === undefined || nowMs - siege.lastMs >= LIMITS.userFailuresWindowMs;
    // Taken out first: the one that failed last stands last.
    this.#sieges.delete(name);
    this.#sieges.set(name, { failures: isOver ? 1 : siege.failures + 1, lastMs: nowMs });
    dropOldest(this.#sieges);
  }

  #recent(address: string, nowMs: number): number[] {
    const recent = (this.#failures.get(address) ?? []).filter((ms) => nowMs - ms < LIMITS.failedLoginWindowMs);
    if (recent.length === 0) this.#failures.delete(address);
    else this.#failures.set(address, recent);
    return recent;
  }
}

function dropOldest(kept: Map<string, unknown> | Set<string>): void {
  if (kept.size > MOST_REMEMBERED) kept.delete(kept.keys().next().value!);
}

/** Whoever has one IPv6 address has 2^64 of them. */
function networkOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined || !isIPv6(address)) return v4 ?? address;
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = tail === undefined ? [] : tail.split(':').filter((group) => group !== '');
  const groups = tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
