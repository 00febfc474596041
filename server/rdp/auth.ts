import type { Login } from '../../protocols/rdp/acceptor-events.js';
import { ERROR_INFO } from '../../protocols/rdp/share/set-error-info.js';
import type { Identity } from '../auth/credentials.js';
import type { Host } from '../session/host.js';
import { accountName, parseLoginName } from '../session/login-name.js';
import type { RouteHints } from '../session/reception.js';

export type Verdict =
  | { readonly identity: Identity }
  /** `errorInfo` is what the client is told, `reason` is for the log. */
  | { readonly errorInfo: number; readonly reason: string }
  /** Somebody else goes on with it, or the client has left. */
  | 'gone';

/** Decides on a login: too many failures, wrong password, or who it is. */
export async function judge(login: Login, remote: string, host: Host): Promise<Verdict> {
  const user = userOf(login, host);
  const attempt = await host.throttle.attempt({ address: remote, user }, host.clock, () =>
    host.credentials.checkPassword(user, login.password),
  );
  switch (attempt) {
    case 'blocked':
      return { errorInfo: ERROR_INFO.serverDeniedConnection, reason: 'too many failed logins' };
    case 'wrong':
      // Of the codes there are, this one is shown as "not authorized" by mstsc and FreeRDP; none says "wrong password".
      return { errorInfo: ERROR_INFO.serverInsufficientPrivileges, reason: 'wrong user name or password' };
    default:
      return { identity: attempt };
  }
}

/** Only where there are several machines can a login name one. */
function userOf({ user, domain }: Login, { reception }: Host): string {
  return reception === undefined ? accountName(user) : parseLoginName(user, domain).user;
}

/**
 * Where the client wants to go, as far as it has said.
 * @param serverName what it has called us as it began TLS
 */
export function hintsOf(
  { user, domain, routing, preconnection, desktop }: Login,
  serverName: string | undefined,
): RouteHints {
  const { named, domain: vm } = parseLoginName(user, domain);
  // The first version of that PDU has a number only.
  const wanted = preconnection?.text || (preconnection?.id ? String(preconnection.id) : undefined);
  return {
    desktop,
    ...(routing !== undefined && { routing }),
    ...(wanted !== undefined && { preconnection: wanted }),
    ...(named !== undefined && { named }),
    ...(vm !== undefined && { domain: vm }),
    ...(serverName !== undefined && { serverName }),
  };
}
