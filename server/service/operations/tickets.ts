import { Problem } from '../../../src/base/errors.js';
import { includesRole } from '../../../src/catalog/config.js';
import { type Caller, LOCAL, type Operations } from '../../api/operation-types.js';
import { rdpFile } from '../../api/rdp-file.js';
import { USER_NAME } from '../../auth/users.js';
import { isPool } from '../pool.js';
import { roleOf, type Subject, sameName } from '../roles.js';
import type { Addresses, OperationParts } from './parts.js';
import { audited, requireAdmin } from './parts.js';

type TicketOperations = Pick<Operations, 'console.open' | 'ticket.create' | 'ticket.list' | 'ticket.delete'>;

const CONSOLE_SECONDS = 5 * 60;
const TICKET_SECONDS = 60 * 60;
const LONGEST_SECONDS = 30 * 24 * 60 * 60;
/** A viewer that was cut off tries again. */
const MOST_USES = 1_000;

/** What a ticket is good for; `grantedBy` says that its holder has no account. */
interface Grant {
  readonly machine: string;
  readonly user: string;
  readonly rights: 'view' | 'control';
  readonly grantedBy?: string | null;
}

/** For the audit log: who gave it away stands there already. */
function forWhom({ user, rights, grantedBy }: Grant, caller: Caller): string {
  if (sameName(user, caller.user)) return rights;
  return `${rights}, for ${user}${grantedBy === undefined ? '' : ', who has no account'}`;
}

const roleRemedy = (machine: string, user: string): string =>
  `give one with: vitrine role grant ${machine} ${user} use`;

/** Secrets that stand for a login, and the links that hold them. */
export function ticketOperations(parts: OperationParts): TicketOperations {
  const { service, users, tickets } = parts;

  /**
   * In whose name, to which machine, and with what rights at most; of a pool to the holder's machine, which is made
   * where there is none. Rejects with Problem.
   */
  const grant = async (
    caller: Caller,
    machine: string,
    user: string | undefined,
    wanted: 'view' | 'control' | undefined,
  ): Promise<Grant> => {
    // Or one ticket would beget the next, and none would ever end.
    if (caller.machine !== undefined) throw new Problem('forbidden', 'a ticket is not enough to make another');
    let { name, entry } = service.machine(machine);
    if (roleOf(caller, name, entry.config) === undefined) {
      throw new Problem('no-such-machine', `there is no machine ${machine}`);
    }
    const holder = holderOf(caller, user);
    if (isPool(entry)) {
      if (holder.grantedBy !== undefined) {
        throw new Problem('wrong-state', `${name} is a pool: name a user with an account, whose machine it is to be`);
      }
      if (!includesRole(roleOf(holder, name, entry.config), 'use')) {
        throw new Problem('wrong-state', `${holder.user} may not use ${name}; ${roleRemedy(name, holder.user)}`);
      }
      ({ name, entry } = service.machine((await service.pools.take(entry, holder.user)).name));
    } else if (entry.config?.template === true) {
      throw new Problem('wrong-state', `${name} is a template: it has no screen`);
    }
    const role = roleOf(holder, name, entry.config);
    if (role === undefined) {
      const remedy = roleRemedy(name, holder.user);
      throw new Problem('wrong-state', `${holder.user} has no role for ${name}, and a ticket gives none; ${remedy}`);
    }
    const rights = wanted ?? (includesRole(role, 'use') ? 'control' : 'view');
    if (rights === 'control' && !includesRole(role, 'use')) {
      throw new Problem('forbidden', `${holder.user} may only watch ${name}`);
    }
    const { user: whose, grantedBy } = holder;
    return { machine: name, user: whose, rights, ...(grantedBy !== undefined && { grantedBy }) };
  };

  /** Who will hold it: a user, or somebody without an account for whom an administrator answers. Throws Problem. */
  const holderOf = (caller: Caller, user: string | undefined): Subject & Pick<Grant, 'grantedBy'> => {
    const isLocal = caller.remote === LOCAL;
    if (user === undefined || sameName(user, caller.user)) return isLocal ? { ...caller, grantedBy: null } : caller;
    requireAdmin(caller, 'make tickets in the name of others');
    const known = users.find(user);
    if (known?.disabled === true) throw new Problem('wrong-state', `${known.name} is disabled`);
    if (known !== undefined) return { user: known.name, admin: known.admin, groups: known.groups };
    if (!USER_NAME.test(user)) throw new Problem('bad-request', `${JSON.stringify(user)} cannot be a name`);
    return { user, admin: true, groups: [], grantedBy: isLocal ? null : caller.user };
  };
  /** A machine's own ports, where it has some, are what its administrator wants people to use. */
  const addressesOf = (machine: string): Addresses => {
    const { rdp, vnc, http } = parts.addresses();
    const own = parts.ownPorts(machine);
    return { rdp: own.rdp ?? rdp, vnc: own.vnc ?? vnc, http };
  };
  const secondsOf = (seconds: number | undefined, usual: number): number => {
    if (seconds !== undefined && (seconds < 1 || seconds > LONGEST_SECONDS)) {
      throw new Problem('bad-request', `a ticket is good for 1 to ${LONGEST_SECONDS} seconds`);
    }
    return seconds ?? usual;
  };

  return {
    'console.open': async (caller, { machine, user, rights, seconds }) => {
      const granted = await grant(caller, machine, user, rights);
      return audited(parts, caller, 'console', granted.machine, forWhom(granted, caller), async () => {
        const ticket = tickets.create({ ...granted, seconds: secondsOf(seconds, CONSOLE_SECONDS), uses: 1 });
        const to = addressesOf(granted.machine);
        const { browser, vnc } = linksOf(to, granted.machine, ticket.secret);
        const { rdp } = to;
        const login = `${granted.user}#${granted.machine}`;
        return {
          machine: granted.machine,
          user: granted.user,
          ticket: ticket.secret,
          expiresAt: ticket.expiresAt,
          browser,
          vnc,
          rdp: rdp === null ? null : { address: rdp, user: login, file: rdpFile(rdp, login) },
        };
      });
    },

    'ticket.create': async (caller, { machine, user, rights, seconds, uses = 1 }) => {
      const granted = await grant(caller, machine, user, rights);
      if (uses < 1 || uses > MOST_USES) throw new Problem('bad-request', `a ticket is good for 1 to ${MOST_USES} uses`);
      return audited(parts, caller, 'ticket', granted.machine, forWhom(granted, caller), async () => {
        const ticket = tickets.create({ ...granted, seconds: secondsOf(seconds, TICKET_SECONDS), uses });
        return { ...ticket, ...linksOf(addressesOf(granted.machine), granted.machine, ticket.secret) };
      });
    },

    async 'ticket.list'(caller) {
      return tickets.list().filter((ticket) => caller.admin || sameName(ticket.user, caller.user));
    },

    'ticket.delete': (caller, { ticket: id }) => {
      const found = tickets.list().find((ticket) => ticket.id === id);
      if (found === undefined || !(caller.admin || sameName(found.user, caller.user))) {
        throw new Problem('no-such-ticket', `there is no ticket ${id}`);
      }
      return audited(parts, caller, 'delete-ticket', found.machine, found.user, async () => {
        tickets.delete(id);
        return {};
      });
    },
  };
}

function linksOf(
  { http, vnc }: Addresses,
  machine: string,
  secret: string,
): { browser: string | null; vnc: string | null } {
  const name = encodeURIComponent(machine);
  return {
    // The fragment stays in the browser: it is in no log of a server or a proxy.
    browser: http === null ? null : `http://${http}/console.html?machine=${name}#ticket=${secret}`,
    vnc: vnc === null ? null : `vnc://:${encodeURIComponent(secret)}@${vnc}`,
  };
}
