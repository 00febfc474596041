import { UserError } from '../../base/errors.js';
import type { Address } from './connection.js';

const DEFAULT_PORT = 5900;

export interface Attachment {
  readonly address: Address;
  readonly password: string | undefined;
}

/** Reads rfb://HOST, rfb://HOST:PORT or rfb://:PASSWORD@HOST:PORT. Throws UserError, whose message never has the password. */
export function parseAttachUrl(text: string): Attachment {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'rfb:' || url.hostname === '') return wrong('expected rfb://HOST:PORT');
  if (url.username !== '') return wrong('a VNC server knows no user names; write rfb://:PASSWORD@HOST:PORT');
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return wrong('nothing may follow the port');
  }
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
  if (port === 0) return wrong('port 0 is not a port to connect to');
  const password = url.password === '' ? undefined : decoded(url.password);
  return { address: { host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')), port }, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong('a percent sign must be followed by two hex digits');
  }
}

function wrong(why: string): never {
  throw new UserError(`cannot attach: ${why}`, 2);
}
