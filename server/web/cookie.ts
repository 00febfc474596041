import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** The value of a cookie, or undefined. */
export function cookieOf({ headers }: IncomingMessage, wanted: string): string | undefined {
  for (const pair of headers.cookie?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === wanted) return value;
  }
  return undefined;
}

/** A Set-Cookie header's value, for this site's own requests only; zero seconds take the cookie away. */
export function setCookie(
  { socket }: IncomingMessage,
  name: string,
  value: string,
  { path, seconds }: { readonly path: string; readonly seconds: number },
): string {
  const secure = socket instanceof TLSSocket ? '; Secure' : '';
  return `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
