import { Emitter } from '../../src/base/events.js';
import { LIMITS } from '../limits.js';
import type { CloseReason, Session } from './session.js';

/** Who is connected: all sessions of one machine, whatever their protocol. */
export class SessionList {
  /** Somebody has logged in or left. */
  readonly onChange = new Emitter<void>();
  readonly #sessions = new Set<Session>();

  /** Whether one more connection from this address may begin its handshake. */
  hasRoomFor(remote: string): boolean {
    let greeting = 0;
    let fromThere = 0;
    for (const session of this.#sessions) {
      if (session.identity !== undefined) continue;
      greeting++;
      if (session.remote === remote) fromThere++;
    }
    return greeting < LIMITS.maxGreeting && fromThere < LIMITS.maxGreetingPerAddress;
  }

  /** Whether one more session may be logged in. */
  get hasSeat(): boolean {
    let seated = 0;
    for (const session of this.#sessions) if (session.identity !== undefined) seated++;
    return seated < LIMITS.maxSessions;
  }

  add(session: Session): void {
    this.#sessions.add(session);
  }
  /** A session's login has succeeded; its `identity` is set. */
  seated(): void {
    this.onChange.emit();
  }
  remove(session: Session): void {
    if (this.#sessions.delete(session) && session.identity !== undefined) this.onChange.emit();
  }

  get size(): number {
    return this.#sessions.size;
  }

  [Symbol.iterator](): Iterator<Session> {
    return this.#sessions.values();
  }

  closeAll(reason: CloseReason): void {
    for (const session of [...this.#sessions]) session.close(reason);
  }
}
