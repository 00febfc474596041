import { SECURITY_TYPE } from '../../protocols/rfb/security.js';
import type { LoginAttempt } from '../../protocols/rfb/server-handshake-events.js';
import { VENCRYPT_SUBTYPE } from '../../protocols/rfb/vencrypt.js';
import type { Identity } from '../auth/credentials.js';
import type { Host } from '../session/host.js';
import { parseLoginName } from '../session/login-name.js';
import type { SessionList } from '../session/session-list.js';
import type { Transport, UpgradableTransport } from '../transport/transport.js';
import type { DhKey } from './diffie-hellman.js';

/** What came of a login; the reason is for the person at the client. */
export type Verdict =
  | { readonly identity: Identity; readonly named?: string; readonly domain?: string }
  | { readonly refusal: string };

/** Ways to log in, preferred first: most clients take the first that they know. */
export interface Offer {
  readonly securityTypes: readonly number[];
  readonly veNCryptSubtypes: readonly number[];
}

/**
 * What a client is offered. Where a password is all there is, VncAuth asks for just that, and inside TLS where others
 * could listen; where people have names, the types that ask for one come first, and VncAuth is left for tickets and
 * for clients that know nothing else. Where no login is asked for, VncAuth is there for the same clients, and any
 * password does.
 */
export function offer(host: Host, transport: Transport): Offer {
  const { none, vncAuth, veNCrypt, appleDh } = SECURITY_TYPE;
  const { required, named = false } = host.credentials;
  if (!required) return { securityTypes: [none, vncAuth], veNCryptSubtypes: [] };
  // Browsers know what they need: they bring their own viewer.
  if (host.vncAuthOnly === true && transport.kind !== 'websocket')
    return { securityTypes: [vncAuth], veNCryptSubtypes: [] };
  const veNCryptSubtypes = subtypes(transport, named);
  const encrypted = veNCryptSubtypes.length > 0 ? [veNCrypt] : [];
  if (named) return { securityTypes: [...encrypted, appleDh, vncAuth], veNCryptSubtypes };
  // On this host TLS would only ask people questions about certificates.
  const securityTypes = transport.isPrivate ? [vncAuth, ...encrypted] : [...encrypted, vncAuth];
  return { securityTypes, veNCryptSubtypes };
}

function subtypes(transport: Transport, named: boolean): number[] {
  const { plain, x509Plain, x509Vnc, tlsPlain, tlsVnc } = VENCRYPT_SUBTYPE;
  const bare = transport.isPrivate ? [plain] : [];
  if (!canUpgrade(transport)) return bare;
  // A certificate can be checked, so all that have one come before those that have none.
  return named ? [x509Plain, x509Vnc, tlsPlain, tlsVnc, ...bare] : [x509Vnc, x509Plain, tlsVnc, tlsPlain, ...bare];
}

export function canUpgrade(transport: Transport): transport is UpgradableTransport {
  return transport.kind === 'tcp' && 'upgradeTls' in transport;
}

const TOO_MANY_FAILURES = 'too many failed logins, try again later';

/** Why this peer is turned away before it is asked anything, or undefined. */
export function refusalFor(host: Host, remote: string): string | undefined {
  const { credentials, throttle, clock, sessions } = host;
  // Where people have names, others may have failed at this address: who it is has to be heard first.
  if (credentials.named !== true && throttle.isBlocked({ address: remote }, clock.now())) return TOO_MANY_FAILURES;
  return fullFor(sessions);
}

function fullFor(sessions: SessionList): string | undefined {
  return sessions.hasSeat ? undefined : 'too many sessions';
}

/** What this connection's client was asked: a challenge for VncAuth, a key for Diffie-Hellman. */
export interface Asked {
  readonly challenge: Uint8Array;
  readonly key: DhKey | undefined;
}

export async function judge(host: Host, remote: string, asked: Asked, attempt: LoginAttempt): Promise<Verdict> {
  const login = loginIn(asked, attempt);
  // Asked again: meanwhile others may have come.
  const refusal = fullFor(host.sessions);
  if (refusal !== undefined) return { refusal };
  if (attempt.kind === 'none') {
    const identity = host.credentials.required ? undefined : await host.credentials.checkPassword(undefined, '');
    return identity === undefined ? { refusal: 'a login is required' } : { identity };
  }
  const isTicket = host.credentials.named === true && attempt.kind === 'response';
  const origin = { address: remote, user: login?.user, isTicket };
  const outcome = await host.throttle.attempt(origin, host.clock, async () =>
    attempt.kind === 'response'
      ? host.credentials.checkVncResponse(asked.challenge, attempt.response)
      : login && host.credentials.checkPassword(login.user, login.password),
  );
  if (outcome === 'blocked') return { refusal: TOO_MANY_FAILURES };
  if (outcome === 'wrong') {
    return { refusal: attempt.kind === 'response' ? 'wrong password' : 'wrong user name or password' };
  }
  return { identity: outcome, ...login?.hints };
}

/** The name and password in an attempt; undefined where there are none, or where nobody can read them. */
function loginIn({ key }: Asked, attempt: LoginAttempt) {
  if (attempt.kind === 'none' || attempt.kind === 'response') return undefined;
  const said = attempt.kind === 'password' ? attempt : key?.open(attempt.encrypted, attempt.publicValue);
  if (said === undefined) return undefined;
  const { user, ...hints } = parseLoginName(said.user);
  // Who leaves the name empty has been asked for one by a client that always does.
  return { user: user === '' ? undefined : user, password: said.password, hints };
}
