import { SECURITY_TYPE } from '../../protocols/rfb/security.js';
import type { LoginAttempt } from '../../protocols/rfb/server-handshake.js';
import { VENCRYPT_SUBTYPE } from '../../protocols/rfb/vencrypt.js';
import { type Identity, provenName } from '../auth/credentials.js';
import type { Host } from '../session/host.js';
import { parseLoginName } from '../session/login-name.js';
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

/** Why this peer is turned away before it is asked anything, or undefined. */
export function refusalFor(host: Host, remote: string, user?: string): string | undefined {
  if (host.throttle.isBlocked(remote, host.clock.now(), user)) return 'too many failed logins, try again later';
  if (!host.sessions.hasSeat) return 'too many sessions';
  return undefined;
}

/** What this connection's client was asked: a challenge for VncAuth, a key for Diffie-Hellman. */
export interface Asked {
  readonly challenge: Uint8Array;
  readonly key: DhKey | undefined;
}

export async function judge(host: Host, remote: string, asked: Asked, attempt: LoginAttempt): Promise<Verdict> {
  const login = loginIn(asked, attempt);
  // Asked again: meanwhile others may have tried.
  const refusal = refusalFor(host, remote, login?.user);
  if (refusal !== undefined) return { refusal };
  if (attempt.kind === 'none') {
    const identity = host.credentials.required ? undefined : await host.credentials.checkPassword(undefined, '');
    return identity === undefined ? { refusal: 'a login is required' } : { identity };
  }
  const identity =
    attempt.kind === 'response'
      ? await host.credentials.checkVncResponse(asked.challenge, attempt.response)
      : login && (await host.credentials.checkPassword(login.user, login.password));
  if (identity === undefined) {
    host.throttle.failed(remote, host.clock.now(), login?.user);
    return { refusal: attempt.kind === 'response' ? 'wrong password' : 'wrong user name or password' };
  }
  host.throttle.succeeded(remote, provenName(identity));
  return { identity, ...login?.hints };
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
