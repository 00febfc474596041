import { Emitter } from '../../src/base/events.js';
import type { SharePolicy } from '../../src/catalog/config.js';
import { LIMITS } from '../limits.js';
import { networkOf } from '../transport/network.js';
import type { CloseReason, Session } from './session.js';

export type Rights = 'view' | 'control';

interface Seat {
  readonly user: string;
  /** What the person may do at most, whatever is left to them by others. */
  most: Rights;
  rights: Rights;
}

/** Who is connected: all sessions of one machine, whatever their protocol, and how they share its screen. */
export class SessionList {
  /** Somebody has come in or left, or may do something else than before. */
  readonly onChange = new Emitter<void>();
  readonly #share: SharePolicy;
  readonly #sessions = new Set<Session>();
  /** Of those who are in, in the order in which they came. */
  readonly #seats = new Map<Session, Seat>();

  constructor(share: SharePolicy = 'shared') {
    this.#share = share;
  }

  /** Whether one more connection from this address may begin its handshake. */
  hasRoomFor(remote: string): boolean {
    const network = networkOf(remote);
    let greeting = 0;
    let fromThere = 0;
    for (const session of this.#sessions) {
      if (session.identity !== undefined) continue;
      greeting++;
      if (networkOf(session.remote) === network) fromThere++;
    }
    return greeting < LIMITS.maxGreeting && fromThere < LIMITS.maxGreetingPerAddress;
  }

  /** Whether one more session may be logged in. */
  get hasSeat(): boolean {
    return this.#seats.size < LIMITS.maxSessions;
  }

  add(session: Session): void {
    this.#sessions.add(session);
  }

  /**
   * A session's login has succeeded; its `identity` is set. Returns undefined when it is in, after `setRights` was
   * called on it and those were closed whom it displaces; otherwise why not, for the person at the client.
   */
  admit(session: Session): string | undefined {
    const { identity } = session;
    if (identity === undefined) throw new Error('nobody is admitted before the login');
    const others = [...this.#seats];
    if (this.#share === 'exclusive' && others.length > 0) return `${others[0]![1].user} is using this screen`;
    if (this.#share !== 'takeover' && !this.hasSeat) return 'too many sessions';
    const most = identity.rights ?? 'control';
    const rights = this.#share === 'view-only' && this.#driver !== undefined ? 'view' : most;
    if (this.#share === 'takeover') this.#seats.clear();
    this.#sessions.add(session);
    this.#seats.set(session, { user: identity.user, most, rights });
    session.setRights(rights);
    if (this.#share === 'takeover') {
      for (const [other] of others) other.close('taken-over', `${identity.user} has taken over the screen`);
    }
    this.onChange.emit();
    return undefined;
  }

  /** What a session may do now; undefined for one that is not in, or not any more. */
  rightsOf(session: Session): Rights | undefined {
    return this.#seats.get(session)?.rights;
  }

  /**
   * An operator's word. False where it is more than the person may do. Where only one drives, whoever drove until
   * now watches from now on.
   */
  setRights(session: Session, rights: Rights): boolean {
    const seat = this.#seats.get(session);
    if (seat === undefined || (rights === 'control' && seat.most === 'view')) return false;
    if (rights === 'control' && this.#share === 'view-only') {
      for (const [other, theirs] of this.#seats) if (other !== session) this.#change(other, theirs, 'view');
    }
    this.#change(session, seat, rights);
    this.onChange.emit();
    return true;
  }

  /**
   * The person's own rights have changed: what they may not do any more they do not from now on; what they may again is
   * theirs where nobody else drives alone. False for a session that is not in.
   */
  limit(session: Session, most: Rights): boolean {
    const seat = this.#seats.get(session);
    if (seat === undefined) return false;
    seat.most = most;
    if (most === 'view' || this.#share !== 'view-only') this.#change(session, seat, most);
    if (this.#share === 'view-only') this.#promote();
    this.onChange.emit();
    return true;
  }

  remove(session: Session): void {
    this.#sessions.delete(session);
    const seat = this.#seats.get(session);
    if (seat === undefined) return;
    this.#seats.delete(session);
    if (this.#share === 'view-only' && seat.rights === 'control') this.#promote();
    this.onChange.emit();
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  closeAll(reason: CloseReason, text?: string): void {
    for (const session of [...this.#sessions]) session.close(reason, text);
  }

  get #driver(): Session | undefined {
    for (const [session, { rights }] of this.#seats) if (rights === 'control') return session;
    return undefined;
  }

  /** Who has waited longest, of those who may, drives now. */
  #promote(): void {
    if (this.#driver !== undefined) return;
    for (const [session, seat] of this.#seats) {
      if (seat.most !== 'control') continue;
      this.#change(session, seat, 'control');
      return;
    }
  }

  #change(session: Session, seat: Seat, rights: Rights): void {
    if (seat.rights === rights) return;
    seat.rights = rights;
    session.setRights(rights);
  }
}
