import { SECURITY_TYPE } from '../../protocols/rfb/security.js';
import type { Identity } from '../auth/credentials.js';
import type { Host } from '../session/host.js';

/** What came of a login; the reason is for the person at the client. */
export type Verdict = { readonly identity: Identity } | { readonly refusal: string };

/**
 * Security types to offer. Where no login is asked for, VncAuth is there too: some clients know nothing else,
 * and any password does.
 */
export function offeredTypes(host: Host): number[] {
  return host.credentials.required ? [SECURITY_TYPE.vncAuth] : [SECURITY_TYPE.none, SECURITY_TYPE.vncAuth];
}

/** Why this peer is turned away before it is asked anything, or undefined. */
export function refusalFor(host: Host, remote: string): string | undefined {
  if (host.throttle.isBlocked(remote, host.clock.now())) return 'too many failed logins, try again later';
  if (!host.sessions.hasSeat) return 'too many sessions';
  return undefined;
}

/** @param response to the challenge; undefined for a client that chose to show nothing */
export async function judge(
  host: Host,
  remote: string,
  challenge: Uint8Array,
  response: Uint8Array | undefined,
): Promise<Verdict> {
  // Asked again: meanwhile others may have tried.
  const refusal = refusalFor(host, remote);
  if (refusal !== undefined) return { refusal };
  if (response === undefined) {
    const identity = host.credentials.required ? undefined : await host.credentials.checkPassword(undefined, '');
    return identity === undefined ? { refusal: 'a login is required' } : { identity };
  }
  const identity = await host.credentials.checkVncResponse(challenge, response);
  if (identity === undefined) {
    host.throttle.failed(remote, host.clock.now());
    return { refusal: 'wrong password' };
  }
  host.throttle.succeeded(remote);
  return { identity };
}
