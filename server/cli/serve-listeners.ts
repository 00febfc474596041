import type { Server } from 'node:net';
import { hostname } from 'node:os';
import { UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { RDP, RFB, RFB_REPEATER } from '../broker/protocols.js';
import { METRICS_TYPE, metrics } from '../service/metrics.js';
import type { Addresses } from '../service/operations/parts.js';
import { formatAddress, type ListenAddress, listen, parseListenAddress } from '../transport/listen.js';
import type { TlsIdentity } from '../transport/transport.js';
import { consoleUpgrade } from '../web/console.js';
import { pages } from '../web/pages.js';
import { createWebPort, type WebRoutes } from '../web/port.js';
import type { ServeOptions } from './serve-options.js';
import type { ServeParts } from './serve-parts.js';

export interface ServeAddresses {
  readonly rdp: ListenAddress | null;
  readonly vnc: ListenAddress | null;
  readonly repeater: ListenAddress | null;
  readonly http: ListenAddress | null;
}

/** Throws UserError (usage). */
export function serveAddresses({ rdp, vnc, repeater, http }: ServeOptions): ServeAddresses {
  return {
    rdp: parseListenAddress(rdp, 'rdp'),
    vnc: parseListenAddress(vnc, 'vnc'),
    repeater: parseListenAddress(repeater, 'repeater'),
    http: parseListenAddress(http, 'http'),
  };
}

export interface ServeListeners {
  readonly bound: ServeAddresses;
  close(): void;
}

/** Opens all listeners, or none: the first that cannot listen closes the others and rejects with a UserError. */
export async function openListeners(
  wanted: ServeAddresses,
  parts: ServeParts,
  tls: TlsIdentity,
  log: Logger,
): Promise<ServeListeners> {
  const closers: (() => void)[] = [];
  const close = (): void => {
    for (const closer of closers.splice(0)) closer();
  };
  const open = async (option: keyof ServeAddresses, make: () => { server: Server; close(): void }) => {
    const address = wanted[option];
    if (address === null) return null;
    const { server, close: closeServer } = make();
    const bound = await listen(server, address, option);
    closers.push(closeServer);
    return bound;
  };
  const stream = (protocol: Parameters<ServeParts['broker']['createServer']>[0]) => () => {
    const server = parts.broker.createServer(protocol);
    return { server, close: () => void server.close() };
  };
  try {
    const bound = {
      rdp: await open('rdp', stream(RDP)),
      vnc: await open('vnc', stream(RFB)),
      repeater: await open('repeater', stream(RFB_REPEATER as typeof RDP)),
      http: await open('http', () => createWebPort(tls, log, webRoutes(parts, log))),
    };
    return { bound, close };
  } catch (error) {
    close();
    throw error;
  }
}

function webRoutes({ api, accounts, broker, service, failedLogins }: ServeParts, log: Logger): WebRoutes[] {
  const open = broker.acceptWebSocket.bind(broker);
  return [
    { handle: (request, response) => api.handle(request, response) },
    { upgrade: consoleUpgrade({ accounts, sessions: broker, log, open }) },
    {
      async handle(request, response) {
        if (request.url === '/health') response.end('ok\n');
        else if (request.url === '/metrics') {
          response.setHeader('content-type', METRICS_TYPE);
          response.end(await metrics({ service, failedLogins, inLobby: () => broker.visits.length }));
        } else return false;
        return true;
      },
    },
    pages('index.html'),
  ];
}

/** Where others reach what listens here: a wildcard is replaced by the host's name. */
export function publicAddresses({ rdp, vnc, http }: ServeAddresses, publicHost: string | undefined): Addresses {
  const text = (address: ListenAddress | null): string | null => {
    if (address === null) return null;
    const isWildcard = address.host === '0.0.0.0' || address.host === '::';
    return formatAddress({ ...address, host: publicHost ?? (isWildcard ? hostname() : address.host) });
  };
  return { rdp: text(rdp), vnc: text(vnc), http: text(http) };
}

/** Throws UserError: somebody has to be able to come in somehow. */
export function checkServes({ rdp, vnc, http }: ServeAddresses): void {
  if (rdp === null && vnc === null && http === null) throw new UserError('everything is off: nobody could connect', 2);
}
