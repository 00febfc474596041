import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Identity } from '../auth/credentials.js';
import { RETURN_MS } from '../auth/logins.js';
import type { Tickets } from '../auth/tickets.js';

/** A browser that need not type a password. `cookie`, where there is one, is the Set-Cookie header to answer with. */
export interface WebLogin {
  readonly identity: Identity;
  readonly cookie?: string;
}

/** Who opens a WebSocket, by the ticket in its address or by the cookie that an earlier ticket left. */
export function webLogin(request: IncomingMessage, tickets: Tickets): WebLogin | undefined {
  const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket');
  const redeemed = ticket === null ? undefined : tickets.redeem(ticket);
  if (redeemed !== undefined) {
    const secure = request.socket instanceof TLSSocket ? '; Secure' : '';
    const attributes = `Path=/websockify; Max-Age=${RETURN_MS / 1000}; HttpOnly; SameSite=Strict${secure}`;
    return { identity: redeemed.identity, cookie: `${tickets.cookie}=${redeemed.token}; ${attributes}` };
  }
  const token = cookieOf(request, tickets.cookie);
  const identity = token === undefined ? undefined : tickets.recognise(token);
  return identity && { identity };
}

/** The value of a cookie, or undefined. */
export function cookieOf({ headers }: IncomingMessage, wanted: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === wanted) return value;
  }
  return undefined;
}
