import { randomBytes } from 'node:crypto';
import type { Clock } from '../../src/base/clock.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import { type Identity, isIdentity } from './credentials.js';
import { oldestOfMost } from './eviction.js';
import { damaged, KeptFile, readPrivate } from './private-file.js';
import { digestOf, makeSecret } from './secret.js';

/** How long a browser that has logged in may come back, and how long a program's token is good. */
export const RETURN_MS = 12 * 60 * 60_000;
const TOKEN_LENGTH = 32;
/** More than anybody has at a time; beyond it whoever has most loses their oldest. */
const MOST_LOGINS = 10_000;

export interface Login {
  readonly identity: Identity;
  readonly untilMs: number;
}
interface Content {
  readonly cookie: string;
  readonly logins: readonly (readonly [string, Login])[];
}

/** Logins that go on: each is a token, in a browser's cookie or sent by a program. Only digests are kept. */
export class Logins {
  /** Somebody has logged out, or may not be here any more: the login's name in Identity. */
  readonly onClose = new Emitter<string>();
  /** Cookies are shared by all ports of a host: each service needs a name of its own, and the same one for ever. */
  readonly cookie: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #logins: Map<string, Login>;
  readonly #file: KeptFile | undefined;

  /** @param clock where they are kept in a file: the calendar's */
  constructor(clock: Pick<Clock, 'now'>, kept?: { readonly path: string; readonly log: Logger }) {
    this.#clock = clock;
    const content = kept && contentOf(kept.path);
    this.cookie = content?.cookie ?? `vitrine-${randomBytes(4).toString('hex')}`;
    this.#logins = new Map(content?.logins);
    this.#file = kept && new KeptFile(kept.path, () => ({ cookie: this.cookie, logins: [...this.#logins] }), kept.log);
    // Whose name is not kept would not be known again.
    if (content === undefined) this.#file?.changed();
  }

  open(identity: Identity): { readonly token: string; readonly untilMs: number } {
    const nowMs = this.#clock.now();
    for (const [digest, login] of this.#logins) if (login.untilMs < nowMs) this.#logins.delete(digest);
    const token = makeSecret(TOKEN_LENGTH);
    const untilMs = nowMs + RETURN_MS;
    this.#logins.set(digestOf(token), { identity, untilMs });
    if (this.#logins.size > MOST_LOGINS) this.#close(oldestOfMost(this.#logins, ownerOf)!);
    this.#file?.changed();
    return { token, untilMs };
  }

  /** Whose token it is. */
  recognise(token: string): Login | undefined {
    const login = this.#logins.get(digestOf(token));
    return login !== undefined && login.untilMs >= this.#clock.now() ? login : undefined;
  }

  /** Who it is that comes with this token, and by which login. */
  identify(token: string): Identity | undefined {
    const login = this.recognise(token);
    return login && { ...login.identity, login: digestOf(token) };
  }

  close(token: string): void {
    this.#close(digestOf(token));
  }

  closeWhere(isMeant: (identity: Identity) => boolean): void {
    for (const [digest, login] of this.#logins) if (isMeant(login.identity)) this.#close(digest);
  }

  #close(digest: string): void {
    if (!this.#logins.delete(digest)) return;
    this.#file?.changed();
    this.onClose.emit(digest);
  }

  /** Resolves when the file has what is known. */
  async settled(): Promise<void> {
    await this.#file?.settled();
  }
}

const ownerOf = ({ identity }: Login): string => identity.user.toLowerCase();

function contentOf(path: string): Content | undefined {
  const content = readPrivate(path) as Partial<Record<keyof Content, unknown>> | null | undefined;
  if (content === undefined) return undefined;
  const { cookie, logins } = content ?? {};
  if (typeof cookie !== 'string' || !Array.isArray(logins)) throw damaged(path, 'it has no logins');
  const broken = logins.findIndex((entry) => !isEntry(entry));
  if (broken >= 0) throw damaged(path, `login ${broken + 1} is not complete`);
  return { cookie, logins };
}

function isEntry(value: unknown): value is Content['logins'][number] {
  const [digest, login] = Array.isArray(value) ? value : [];
  return typeof digest === 'string' && typeof login?.untilMs === 'number' && isIdentity(login.identity);
}
