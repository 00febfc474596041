import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Logger } from '../../src/base/log.js';
import type { Accounts } from '../auth/accounts.js';
import type { Identity } from '../auth/credentials.js';
import { RETURN_MS } from '../auth/logins.js';
import type { SessionList } from '../session/session-list.js';
import { isLoopback } from '../transport/listen.js';
import type { Transport } from '../transport/transport.js';
import { WebSocketTransport } from '../transport/websocket.js';
import { addressOf } from './address.js';
import { cookieOf, setCookie } from './cookie.js';
import { isAllowedOrigin } from './origin.js';
import type { WebRoutes } from './port.js';
import { refuseUpgrade, Upgrader } from './upgrade.js';

export interface ConsoleParts {
  readonly accounts: Accounts;
  readonly sessions: Pick<SessionList, 'hasRoomFor'>;
  readonly log: Logger;
  /**
   * Somebody wants to see a screen. Without an identity they have to log in by RFB's own means; without a machine, or
   * with one that they may not see, they get to choose.
   */
  open(transport: Transport, identity: Identity | undefined, machine: string | undefined): void;
}

/** `/console/MACHINE`, and `/console` or `/websockify` for the picker: RFB over a WebSocket, for whoever has a `?ticket=` or is logged in. */
export function consoleUpgrade({ accounts, sessions, log, open }: ConsoleParts): NonNullable<WebRoutes['upgrade']> {
  const upgrader = new Upgrader();
  return (request, socket, head) => {
    const { path: wanted, query } = addressOf(request);
    const path = /^\/(?:websockify|console(?:\/(?<machine>[^/]+))?)$/.exec(wanted);
    if (path === null) return false;
    const remote = socket.remoteAddress ?? 'unknown';
    const machine = decode(path.groups?.machine);
    if (machine === null) refuseUpgrade(socket, '400 Bad Request');
    else if (!isAllowedOrigin(request, true)) {
      log.warn({ origin: request.headers.origin, host: request.headers.host }, 'console for another origin refused');
      refuseUpgrade(socket, '403 Forbidden');
    } else if (!sessions.hasRoomFor(remote)) {
      refuseUpgrade(socket, '503 Service Unavailable');
    } else {
      const { identity, cookie } = consoleLogin(request, query.get('ticket'), accounts);
      upgrader.accept(request, socket, head, cookie, (webSocket) =>
        open(
          new WebSocketTransport(webSocket, remote, socket instanceof TLSSocket || isLoopback(remote)),
          identity,
          machine,
        ),
      );
    }
    return true;
  };
}

/** The ticket counts, where there is one: it may be for somebody else. Who is logged in already stays so. */
function consoleLogin(request: IncomingMessage, ticket: string | null, accounts: Accounts) {
  const { logins } = accounts;
  const token = cookieOf(request, logins.cookie);
  const known = token === undefined ? undefined : logins.identify(token);
  const present = known !== undefined && accounts.standingOf(known) !== undefined ? known : undefined;
  const identity = ticket === null ? undefined : accounts.useTicket(ticket);
  if (identity === undefined || present !== undefined) return { identity: identity ?? present };
  const span = { path: '/', seconds: RETURN_MS / 1000 };
  const opened = logins.open(identity).token;
  return { identity: logins.identify(opened), cookie: setCookie(request, logins.cookie, opened, span) };
}

/** Null for what is not percent-encoded text. */
function decode(text: string | undefined): string | null | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return null;
  }
}
