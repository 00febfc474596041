import type { IncomingMessage } from 'node:http';
import type { Identity } from '../auth/credentials.js';
import { RETURN_MS } from '../auth/logins.js';
import type { Tickets } from '../auth/tickets.js';
import { addressOf } from './address.js';
import { cookieOf, setCookie } from './cookie.js';

/** A browser that need not type a password. `cookie`, where there is one, is the Set-Cookie header to answer with. */
export interface WebLogin {
  readonly identity: Identity;
  readonly cookie?: string;
}

/** Who opens a WebSocket, by the ticket in its address or by the cookie that an earlier ticket left. */
export function webLogin(request: IncomingMessage, tickets: Tickets): WebLogin | undefined {
  const ticket = addressOf(request).query.get('ticket');
  const redeemed = ticket === null ? undefined : tickets.redeem(ticket);
  if (redeemed !== undefined) {
    const { identity, token } = redeemed;
    const span = { path: '/websockify', seconds: RETURN_MS / 1000 };
    return { identity, cookie: setCookie(request, tickets.cookie, token, span) };
  }
  const token = cookieOf(request, tickets.cookie);
  const identity = token === undefined ? undefined : tickets.recognise(token);
  return identity && { identity };
}
