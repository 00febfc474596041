import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../src/base/clock.js';
import { Problem } from '../../src/base/errors.js';
import type { Accounts } from '../auth/accounts.js';
import type { AuditEntry } from '../auth/audit-log.js';
import { type Identity, proofOf } from '../auth/credentials.js';
import { RETURN_MS } from '../auth/logins.js';
import type { Throttle } from '../auth/throttle.js';
import { setCookie } from '../web/cookie.js';
import { checkOrigin, loginOf, remoteOf } from './callers.js';
import type { LoginView, OperationTypes } from './operation-types.js';
import { HttpProblem } from './problem.js';

export interface LoginParts {
  readonly accounts: Accounts;
  readonly throttle: Throttle;
  readonly audit: (entry: AuditEntry) => void;
  readonly clock: Clock;
}
type LoginParams = OperationTypes['auth.login']['params'];

/** A name and a password, or a ticket, against a cookie or a token. Throws Problem. */
export async function logIn(
  params: LoginParams,
  request: IncomingMessage,
  response: ServerResponse,
  parts: LoginParts,
): Promise<LoginView> {
  checkOrigin(request);
  const { accounts, audit } = parts;
  const { token: wantsToken = false } = params;
  const identity = await prove(params, remoteOf(request), parts);
  const standing = accounts.standingOf(identity)!;
  const { token, untilMs } = accounts.logins.open(identity);
  if (!wantsToken)
    response.setHeader(
      'set-cookie',
      setCookie(request, accounts.logins.cookie, token, { path: '/', seconds: RETURN_MS / 1000 }),
    );
  audit({
    action: 'login',
    ok: true,
    user: identity.user,
    remote: remoteOf(request),
    machine: identity.machine ?? null,
    detail: `${wantsToken ? 'token' : 'browser'}, by ${proofOf(identity)}`,
  });
  return {
    user: identity.user,
    admin: standing.admin && identity.machine === undefined,
    token: wantsToken ? token : null,
    expiresAt: new Date(untilMs).toISOString(),
    machine: identity.machine ?? null,
  };
}

/** Ends the login that the request came with, if any. */
export function logOut(request: IncomingMessage, response: ServerResponse, { accounts, audit }: LoginParts): void {
  checkOrigin(request);
  const login = loginOf(request, accounts);
  if (login === undefined) return;
  accounts.logins.close(login.token);
  response.setHeader('set-cookie', setCookie(request, accounts.logins.cookie, '', { path: '/', seconds: 0 }));
  audit({ action: 'logout', ok: true, user: login.identity.user, remote: remoteOf(request) });
}

async function prove(params: LoginParams, remote: string, parts: LoginParts): Promise<Identity> {
  const { user, password, ticket } = params;
  const { accounts, throttle, audit, clock } = parts;
  if (ticket === undefined && (user === undefined || password === undefined)) {
    throw new Problem('bad-request', 'a login takes user and password, or ticket');
  }
  const name = ticket === undefined ? user : undefined;
  const origin = { address: remote, user: name, isTicket: ticket !== undefined };
  const outcome = await throttle.attempt(origin, clock, async () =>
    ticket === undefined ? accounts.checkPassword(user, password!) : accounts.useTicket(ticket),
  );
  if (outcome === 'blocked') {
    throw new HttpProblem('too-many-attempts', 'too many failed logins; try again later', {
      headers: { 'retry-after': '10' },
    });
  }
  if (outcome === 'wrong') {
    audit({
      action: 'login',
      ok: false,
      user: name ?? null,
      remote,
      detail: ticket === undefined ? 'password' : 'ticket',
    });
    const what = ticket === undefined ? 'wrong user name or password' : 'the ticket is not good, or not any more';
    throw new HttpProblem('unauthenticated', what, { headers: { 'www-authenticate': 'Bearer' } });
  }
  return outcome;
}
