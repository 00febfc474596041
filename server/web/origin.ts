import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../transport/listen.js';

/**
 * Whether a WebSocket may be opened: a page of another site must not drive this one with the user's browser.
 * Programs send no Origin and are let through to the login; browsers always send one, and it must name this host.
 * Where nobody has to log in, the Host itself must be a loopback name too, or a foreign name that resolves to
 * loopback (DNS rebinding) would do.
 */
export function isAllowedOrigin(request: IncomingMessage, loginRequired: boolean): boolean {
  const { host, origin } = request.headers;
  if (!loginRequired && !isLoopback(hostName(host ?? ''))) return false;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === new URL(`http://${host}`).host;
  } catch {
    return false;
  }
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}
