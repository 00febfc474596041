import { Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { UserView } from '../api/views.js';
import { ntHashOf } from './md4.js';
import { hashPassword, isPasswordHash, NOBODYS_HASH, verifyPassword } from './password-hash.js';
import { damaged, readPrivate, writePrivate } from './private-file.js';
import { makeSecret } from './secret.js';

/** Names of users and groups: no blank, none of the signs that part a login name (`alice#vm`, `vm\alice`). */
export const USER_NAME = /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/;
const GENERATED_PASSWORD_LENGTH = 12;
const LEAST_PASSWORD_CHARACTERS = 8;
/** Longer ones cost more to hash than they are worth; RDP carries 255 characters. */
const MOST_PASSWORD_CHARACTERS = 255;

interface StoredUser extends UserView {
  /** See password-hash.ts. */
  readonly password: string;
  /** For NTLM, hex; only where it is asked for: whoever reads it needs no password any more. */
  readonly ntHash?: string;
}
export interface NewUser {
  readonly name: string;
  readonly password?: string;
  readonly groups?: readonly string[];
  readonly admin?: boolean;
}
export interface UserChange {
  readonly name: string;
  readonly what: 'created' | 'updated' | 'password' | 'deleted';
}
export type UserChanges = Partial<Pick<UserView, 'groups' | 'admin' | 'disabled'>>;

/** The people who may log in, kept in `users.json`. Names differ by more than case. */
export class UserStore {
  /** Somebody's rights, password or existence has changed: what their old logins allowed has to be looked at again. */
  readonly onChange = new Emitter<UserChange>();
  readonly #path: string;
  readonly #keepsNtHash: boolean;
  #users: ReadonlyMap<string, StoredUser>;
  readonly #verifying = new Map<string, Promise<boolean>>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, keepsNtHash: boolean, users: readonly StoredUser[]) {
    this.#path = path;
    this.#keepsNtHash = keepsNtHash;
    this.#users = new Map(users.map((user) => [keyOf(user.name), user]));
  }

  /**
   * Throws UserError for a file that is damaged: starting without users would lock everybody out.
   * @param keepsNtHash of passwords that are set from now on; without it those that were kept are forgotten
   */
  static open(path: string, { keepsNtHash = false } = {}): UserStore {
    const content = readPrivate(path) as { users?: unknown } | null | undefined;
    if (content === undefined) return new UserStore(path, keepsNtHash, []);
    const users = content?.users;
    const broken = Array.isArray(users) ? users.findIndex((user) => !isStoredUser(user)) : -1;
    if (!Array.isArray(users) || broken >= 0) {
      throw damaged(path, broken >= 0 ? `user ${broken + 1} is not complete` : 'it has no users');
    }
    const kept = keepsNtHash ? users : users.map(({ ntHash: _, ...user }: StoredUser) => user);
    return new UserStore(path, keepsNtHash, kept);
  }

  /** On the first start there is nobody: makes the user `admin`, and returns the password that is shown once. */
  async ensureAdmin(): Promise<string | undefined> {
    if (this.#users.size > 0) return undefined;
    const { password } = await this.create({ name: 'admin', admin: true });
    return password!;
  }

  list(): UserView[] {
    return [...this.#users.values()].map(viewOf).sort((a, b) => (keyOf(a.name) < keyOf(b.name) ? -1 : 1));
  }

  find(name: string): UserView | undefined {
    const user = this.#users.get(keyOf(name));
    return user && viewOf(user);
  }

  /** Who it is, if the password is theirs. It takes the same time for users that do not exist. */
  async check(name: string, password: string): Promise<UserView | undefined> {
    const key = keyOf(name);
    const asked = this.#users.get(key)?.password ?? NOBODYS_HASH;
    const fits = await this.#verify(key, password.slice(0, MOST_PASSWORD_CHARACTERS + 1), asked);
    // They, or their password, may have gone meanwhile.
    const user = this.#users.get(key);
    return fits && user?.password === asked && !user.disabled ? viewOf(user) : undefined;
  }

  /**
   * The same question asked twice at the same time is answered once: people come back with all their windows. Of two
   * names it is never the same, or those that do not exist would be told by their time.
   */
  #verify(key: string, password: string, stored: string): Promise<boolean> {
    const question = JSON.stringify([key, stored, password]);
    let answer = this.#verifying.get(question);
    if (answer === undefined) {
      answer = verifyPassword(password, stored).finally(() => this.#verifying.delete(question));
      this.#verifying.set(question, answer);
    }
    return answer;
  }

  /** What NTLM answers are made from, where it is kept. */
  ntHash(name: string): Uint8Array | undefined {
    const user = this.#users.get(keyOf(name));
    return user?.ntHash === undefined || user.disabled ? undefined : Buffer.from(user.ntHash, 'hex');
  }

  /** `password` comes back only where it was made here. */
  async create({ name, groups = [], admin = false, ...given }: NewUser): Promise<{
    user: UserView;
    password: string | null;
  }> {
    if (!USER_NAME.test(name)) {
      throw new Problem(
        'bad-request',
        `${JSON.stringify(name)} cannot be a user name: letters, digits and . _ @ - only`,
      );
    }
    checkGroups(groups);
    const password = given.password ?? makeSecret(GENERATED_PASSWORD_LENGTH);
    checkPassword(password);
    const createdAt = new Date().toISOString();
    const secrets = await this.#secretsOf(password);
    return this.#change('created', name, (existing) => {
      if (existing !== undefined) throw new Problem('already-exists', `there is a user ${existing.name} already`);
      const user: StoredUser = { name, groups, admin, disabled: false, createdAt, ...secrets };
      return [user, { user: viewOf(user), password: given.password === undefined ? password : null }];
    });
  }

  async update(name: string, changes: UserChanges): Promise<UserView> {
    if (changes.groups !== undefined) checkGroups(changes.groups);
    return this.#change('updated', name, (existing) => {
      const user = { ...known(existing, name), ...changes };
      return [user, viewOf(user)];
    });
  }

  async setPassword(name: string, password: string): Promise<void> {
    checkPassword(password);
    const secrets = await this.#secretsOf(password);
    return this.#change('password', name, (existing) => {
      const { ntHash: _, ...user } = known(existing, name);
      return [{ ...user, ...secrets }, undefined];
    });
  }

  async delete(name: string): Promise<void> {
    return this.#change('deleted', name, (existing) => {
      known(existing, name);
      return [undefined, undefined];
    });
  }

  /** What is kept of a password. */
  async #secretsOf(password: string): Promise<Pick<StoredUser, 'password' | 'ntHash'>> {
    const hash = await hashPassword(password);
    return this.#keepsNtHash
      ? { password: hash, ntHash: Buffer.from(ntHashOf(password)).toString('hex') }
      : { password: hash };
  }

  /** One change after the other; it counts when it is on the disk. */
  #change<T>(
    what: UserChange['what'],
    name: string,
    make: (existing: StoredUser | undefined) => [StoredUser | undefined, T],
  ): Promise<T> {
    const changed = this.#last.then(async () => {
      const users = new Map(this.#users);
      const [user, result] = make(users.get(keyOf(name)));
      if (user === undefined) users.delete(keyOf(name));
      else users.set(keyOf(name), user);
      await writePrivate(this.#path, { users: [...users.values()] });
      this.#users = users;
      this.onChange.emit({ name: user?.name ?? name, what });
      return result;
    });
    this.#last = changed.catch(() => {});
    return changed;
  }
}

const keyOf = (name: string): string => name.toLowerCase();

/** Also what is left out: neither hash may get into an answer. */
function viewOf({ name, groups, admin, disabled, createdAt }: StoredUser): UserView {
  return { name, groups, admin, disabled, createdAt };
}

function known(user: StoredUser | undefined, name: string): StoredUser {
  if (user === undefined) throw new Problem('no-such-user', `there is no user ${JSON.stringify(name)}`);
  return user;
}

function checkPassword(password: string): void {
  if (password.length < LEAST_PASSWORD_CHARACTERS) {
    throw new Problem('bad-request', `the password is too short: ${LEAST_PASSWORD_CHARACTERS} characters at least`);
  }
  if (password.length > MOST_PASSWORD_CHARACTERS) {
    throw new Problem('bad-request', `the password is longer than ${MOST_PASSWORD_CHARACTERS} characters`);
  }
}

function checkGroups(groups: readonly string[]): void {
  for (const group of groups) {
    if (!USER_NAME.test(group)) throw new Problem('bad-request', `${JSON.stringify(group)} cannot be a group's name`);
  }
}

function isStoredUser(value: unknown): value is StoredUser {
  const user = value as Partial<Record<keyof StoredUser, unknown>> | null;
  return (
    typeof user === 'object' &&
    user !== null &&
    typeof user.name === 'string' &&
    Array.isArray(user.groups) &&
    user.groups.every((group) => typeof group === 'string') &&
    typeof user.admin === 'boolean' &&
    typeof user.disabled === 'boolean' &&
    typeof user.createdAt === 'string' &&
    isPasswordHash(user.password) &&
    (user.ntHash === undefined || typeof user.ntHash === 'string')
  );
}
