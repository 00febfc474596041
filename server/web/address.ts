import type { IncomingMessage } from 'node:http';

/** What a request asks for, undecoded. `URL` would throw for some of what strangers send, `//` for one. */
export function addressOf({ url = '/' }: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const at = url.indexOf('?');
  return at < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, at), query: new URLSearchParams(url.slice(at + 1)) };
}
