import type { Login } from '../../protocols/rdp/acceptor-events.js';
import { ERROR_INFO } from '../../protocols/rdp/share/set-error-info.js';
import type { Identity } from '../auth/credentials.js';
import type { Host } from '../session/host.js';

export type Verdict =
  | { readonly identity: Identity }
  /** `errorInfo` is what the client is told, `reason` is for the log. */
  | { readonly errorInfo: number; readonly reason: string };

/** Decides on a login: too many failures, wrong password, or who it is. */
export async function judge(login: Login, remote: string, host: Host): Promise<Verdict> {
  const denied = (reason: string): Verdict => ({ errorInfo: ERROR_INFO.serverDeniedConnection, reason });
  if (host.throttle.isBlocked(remote, host.clock.now())) return denied('too many failed logins from this address');
  const identity = await host.credentials.checkPassword(accountName(login.user), login.password);
  if (identity === undefined) {
    host.throttle.failed(remote, host.clock.now());
    // Of the codes there are, this one is shown as "not authorized" by mstsc and FreeRDP; none says "wrong password".
    return { errorInfo: ERROR_INFO.serverInsufficientPrivileges, reason: 'wrong user name or password' };
  }
  host.throttle.succeeded(remote);
  return { identity };
}

/** People who are used to domains type `host\name`, and there is only one domain here. */
function accountName(user: string): string {
  return user.slice(user.lastIndexOf('\\') + 1);
}
