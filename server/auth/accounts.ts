import { Emitter } from '../../src/base/events.js';
import type { UserView } from '../api/views.js';
import type { Credentials, Identity } from './credentials.js';
import type { Logins } from './logins.js';
import type { Tickets } from './tickets.js';
import type { UserStore } from './users.js';

/** What somebody's login amounts to at this moment: as much of a person as rights are decided by. */
export interface Standing {
  readonly user: string;
  /** With `machine`: whoever gave the ticket away may do everything; who holds it may not. */
  readonly admin: boolean;
  readonly groups: readonly string[];
  readonly machine?: string;
  readonly rights?: 'view' | 'control';
  /** Of somebody without an account: see Identity. */
  readonly grantedBy?: string | null;
}

/** Everything that opens a door of the service: users with passwords, tickets, and logins that go on. */
export class Accounts implements Credentials {
  readonly required = true;
  readonly named = true;
  /** Whose logins have ended all at once: what they have opened is to end with them. */
  readonly onForget = new Emitter<(identity: Identity) => boolean>();
  readonly users: UserStore;
  readonly tickets: Tickets;
  readonly logins: Logins;

  constructor(users: UserStore, tickets: Tickets, logins: Logins) {
    this.users = users;
    this.tickets = tickets;
    this.logins = logins;
    users.onChange.on(({ name, what }) => {
      // With a new password whoever knew the old one is out.
      if (what === 'password' || (users.find(name)?.disabled ?? true)) this.forget(name);
    });
  }

  /** A ticket is as good as a password, whatever the user name beside it. */
  async checkPassword(user: string | undefined, password: string): Promise<Identity | undefined> {
    const identity = this.useTicket(password);
    if (identity !== undefined) return identity;
    return this.checkOwnPassword(user ?? '', password);
  }

  /** Where no ticket will do. */
  async checkOwnPassword(user: string, password: string): Promise<Identity | undefined> {
    const known = await this.users.check(user, password);
    return known && { user: known.name };
  }

  /** Whose ticket it is; asking uses it. */
  useTicket(secret: string): Identity | undefined {
    return this.#standing(this.tickets.use(secret));
  }

  /** Tickets only: DES asks for the password itself, and of passwords there is only a hash. */
  async checkVncResponse(challenge: Uint8Array, response: Uint8Array): Promise<Identity | undefined> {
    return this.#standing(this.tickets.useVnc(challenge, response));
  }

  ntHash(user: string): Uint8Array | undefined {
    return this.users.ntHash(user);
  }

  /** Undefined for somebody who may not come in any more. */
  standingOf({ user, machine, rights, grantedBy }: Identity): Standing | undefined {
    const ticket = { ...(machine !== undefined && { machine }), ...(rights !== undefined && { rights }) };
    if (grantedBy === undefined) {
      const known = this.#present(user);
      return known && { user: known.name, admin: known.admin, groups: known.groups, ...ticket };
    }
    // Administrators alone let guests in, and only as long as they are that.
    const isAnsweredFor = grantedBy === null || this.#present(grantedBy)?.admin === true;
    if (machine === undefined || !isAnsweredFor) return undefined;
    return { user, admin: true, groups: [], ...ticket, grantedBy };
  }

  /** Ends every login of a user, and of those whom they answer for; likewise their tickets. */
  forget(user: string): void {
    const isThem = (name: string | null | undefined): boolean => name?.toLowerCase() === user.toLowerCase();
    const isTheirs = (identity: Identity): boolean => isThem(identity.user) || isThem(identity.grantedBy);
    this.tickets.deleteWhere(isTheirs);
    this.logins.closeWhere(isTheirs);
    this.onForget.emit(isTheirs);
  }

  #present(name: string): UserView | undefined {
    const known = this.users.find(name);
    return known?.disabled === false ? known : undefined;
  }

  #standing(identity: Identity | undefined): Identity | undefined {
    return identity !== undefined && this.standingOf(identity) !== undefined ? identity : undefined;
  }
}
