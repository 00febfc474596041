import type { IncomingMessage } from 'node:http';
import { Problem } from '../../src/base/errors.js';
import type { Accounts } from '../auth/accounts.js';
import type { Identity } from '../auth/credentials.js';
import { cookieOf } from '../web/cookie.js';
import { isAllowedOrigin } from '../web/origin.js';
import type { Caller } from './operation-types.js';
import { isJson } from './params.js';
import { HttpProblem } from './problem.js';

/** A login that a request came with. */
export interface CallerLogin {
  readonly token: string;
  readonly identity: Identity;
  /** Who it is at this moment; undefined once the login has ended. */
  caller(): Caller | undefined;
}

/**
 * Whose request it is: by a bearer token, or by the cookie of a browser that has logged in. Undefined for nobody.
 * Throws Problem for a token that is none, and for what another site made the browser send.
 */
export function loginOf(request: IncomingMessage, accounts: Accounts): CallerLogin | undefined {
  const { authorization } = request.headers;
  const remote = remoteOf(request);
  if (authorization !== undefined) {
    const token = bearerOf(request);
    const login = token === undefined ? undefined : known(token, accounts, remote);
    if (login === undefined) {
      const headers = { 'www-authenticate': 'Bearer error="invalid_token"' };
      throw new HttpProblem('unauthenticated', 'the token is not good, or not any more', { headers });
    }
    return login;
  }
  const token = cookieOf(request, accounts.logins.cookie);
  const login = token === undefined ? undefined : known(token, accounts, remote);
  if (login !== undefined && !isRead(request)) checkOwnPage(request);
  return login;
}

/** The token that a program sends; undefined where it sends none, or another kind of proof. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

/**
 * Throws Problem unless a page of ours made the browser send this: the cookie comes along with what any page sends.
 * A form can send neither the content type nor the header; what can, sends its origin.
 */
function checkOwnPage(request: IncomingMessage): void {
  const { origin, 'x-vitrine': header } = request.headers;
  if (origin === undefined || !isAllowedOrigin(request, true) || !(isJson(request) || header !== undefined)) {
    throw new Problem('forbidden', 'a browser’s login is good for requests of our own pages only');
  }
}

/** Throws Problem for a login or logout that another site's page has asked for. */
export function checkOrigin(request: IncomingMessage): void {
  if (!isAllowedOrigin(request, true)) throw new Problem('forbidden', 'the request comes from another site’s page');
}

export function remoteOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unknown';
}

function known(token: string, accounts: Accounts, remote: string): CallerLogin | undefined {
  const caller = (): Caller | undefined => {
    const login = accounts.logins.recognise(token);
    const standing = login && accounts.standingOf(login.identity);
    return standing && { ...standing, remote };
  };
  const login = accounts.logins.recognise(token);
  return login && caller() && { token, identity: login.identity, caller };
}

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';
