import { UserError } from '../../src/base/errors.js';
import type { Tickets } from '../auth/tickets.js';
import { serveRdp } from '../rdp/session.js';
import { serveRfb } from '../rfb/session.js';
import type { Host } from '../session/host.js';
import { createStreamServer } from '../transport/accept.js';
import { isLoopback, type ListenAddress, listen, parseListenAddress } from '../transport/listen.js';
import { createWebServer } from '../web/http.js';
import type { RunOptions } from './options.js';

/** Where to listen, parsed; null is off. */
export interface Addresses {
  readonly rdp: ListenAddress | null;
  readonly vnc: ListenAddress | null;
  readonly http: ListenAddress | null;
}

export interface Servers extends Addresses {
  close(): void;
}

/** Throws UserError for what cannot be parsed, and for an open door that was not asked for. */
export function chooseAddresses(options: Pick<RunOptions, 'rdp' | 'vnc' | 'http' | 'auth' | 'insecure'>): Addresses {
  const addresses: Addresses = {
    rdp: parseListenAddress(options.rdp, 'rdp'),
    vnc: parseListenAddress(options.vnc, 'vnc'),
    http: parseListenAddress(options.http, 'http'),
  };
  const open = Object.values(addresses).find((a: ListenAddress | null) => a !== null && !isLoopback(a.host));
  if (open !== undefined && options.auth === 'none' && !options.insecure) {
    throw new UserError(
      `--auth none with an address that others can reach (${open?.host}): set a password, or add --insecure if you mean it`,
      2,
    );
  }
  return addresses;
}

/** Opens all listeners, or none: the first that cannot listen closes the others and rejects with a UserError. */
export async function openServers(addresses: Addresses, host: Host, tickets: Tickets): Promise<Servers> {
  const closers: (() => void)[] = [];
  const close = (): void => {
    for (const closer of closers.splice(0)) closer();
  };
  const stream = async (option: 'rdp' | 'vnc', serve: Parameters<typeof createStreamServer>[1]) => {
    const address = addresses[option];
    if (address === null) return null;
    const server = createStreamServer(host, serve);
    closers.push(() => void server.close());
    return listen(server, address, option);
  };
  const web = async () => {
    if (addresses.http === null) return null;
    const { server, close: closeWeb } = createWebServer(host, tickets, serveRfb);
    closers.push(closeWeb);
    return listen(server, addresses.http, 'http');
  };
  try {
    return { rdp: await stream('rdp', serveRdp), vnc: await stream('vnc', serveRfb), http: await web(), close };
  } catch (error) {
    close();
    throw error;
  }
}
