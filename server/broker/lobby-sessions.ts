import type { Session } from '../session/session.js';
import { SessionList } from '../session/session-list.js';

/** The sessions that the broker serves itself: they are before their login, or in the lobby, or on their way. */
export class LobbySessions extends SessionList {
  readonly #watched = new Map<Session, () => void>();

  /** The broker's door has counted them already, and they do not share a screen here. */
  override get hasSeat(): boolean {
    return true;
  }

  /** Calls back once when the session is not served here any more. */
  watch(session: Session, gone: () => void): void {
    this.#watched.set(session, gone);
  }

  override remove(session: Session): void {
    super.remove(session);
    const gone = this.#watched.get(session);
    this.#watched.delete(session);
    gone?.();
  }
}
