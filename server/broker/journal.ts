import type { Logger } from '../../src/base/log.js';
import { type Identity, proofOf } from '../auth/credentials.js';
import type { Rights } from '../session/session-list.js';
import type { Directory } from './directory.js';

/** Whose journal it is. */
export interface Author {
  readonly via: string;
  readonly remote: string;
  /** Once they have logged in. */
  readonly identity: Identity | undefined;
}

/** What one client does, for the audit log and for the program's own. */
export class Journal {
  readonly #author: Author;
  readonly #directory: Pick<Directory, 'audit'>;
  readonly #log: Logger;

  constructor(author: Author, directory: Pick<Directory, 'audit'>, log: Logger) {
    this.#author = author;
    this.#directory = directory;
    this.#log = log;
  }

  /** They are not who they say. */
  failed(user: string | null): void {
    this.#audit('login', false, `by ${this.#author.via}`, null, user);
  }

  loggedIn(): void {
    const { via, identity } = this.#author;
    this.#audit('login', true, identity?.machine === undefined ? `by ${via}` : `by ${via}, by ${proofOf(identity)}`);
  }

  entered(machine: string, rights: Rights): void {
    this.#audit('session.start', true, `${rights}, by ${this.#author.via}`, machine);
    this.#log.info({ user: this.#user, machine, rights }, 'at a machine');
  }

  /** They may not go to a machine, or cannot. */
  kept(machine: string | null, reason: string): void {
    this.#audit('session.start', false, reason, machine);
    this.#log.info({ user: this.#user, machine, reason }, 'cannot go there');
  }

  left(machine: string, reason: string): void {
    this.#audit('session.end', true, reason, machine);
    this.#log.info({ user: this.#user, machine, reason }, 'left a machine');
  }

  /** The connection is over. */
  closed(reason: string): void {
    this.#log.debug({ reason }, 'visit over');
  }

  get #user(): string | null {
    return this.#author.identity?.user ?? null;
  }

  #audit(action: string, ok: boolean, detail: string, machine: string | null = null, user = this.#user): void {
    const { remote } = this.#author;
    this.#directory.audit({ action, ok, detail, user, remote, machine });
  }
}
