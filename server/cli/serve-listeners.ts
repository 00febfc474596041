import type { Server } from 'node:net';
import { hostname } from 'node:os';
import { UserError } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { type MetricsReaders, metricsRoute } from '../api/metrics-route.js';
import type { MachineDetails } from '../api/views.js';
import { OwnPorts } from '../broker/own-ports.js';
import { RDP, RFB, RFB_REPEATER } from '../broker/protocols.js';
import { metrics } from '../service/metrics.js';
import type { Addresses } from '../service/operations/parts.js';
import { ownPortsIn } from '../service/own-ports.js';
import { formatAddress, type ListenAddress, listen, parseListenAddress } from '../transport/listen.js';
import type { TlsIdentity } from '../transport/transport.js';
import { addressOf } from '../web/address.js';
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
  /** The machines' own. */
  readonly ownPorts: OwnPorts;
  close(): void;
}

/** Opens all listeners, or none: the first that cannot listen closes the others and rejects with a UserError. */
export async function openListeners(
  wanted: ServeAddresses,
  parts: ServeParts,
  tls: TlsIdentity,
  readers: MetricsReaders,
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
      http: await open('http', () => createWebPort(tls, log, webRoutes(parts, readers, log))),
    };
    const ownPorts = await openOwnPorts(parts, log, (closer) => closers.push(closer));
    return { bound, ownPorts, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Open while definitions ask for them. */
async function openOwnPorts(
  { broker, catalog }: ServeParts,
  log: Logger,
  atEnd: (closer: () => void) => void,
): Promise<OwnPorts> {
  const ports = new OwnPorts(
    ({ machine, protocol }) => broker.createServer(protocol === 'rdp' ? RDP : RFB, machine),
    log,
  );
  const follow = (): Promise<void> => ports.follow(ownPortsIn(catalog.entries()));
  atEnd(catalog.onChange.on(() => void follow()));
  atEnd(() => ports.close());
  await follow();
  return ports;
}

function webRoutes(
  { api, accounts, broker, service, failedLogins }: ServeParts,
  readers: MetricsReaders,
  log: Logger,
): WebRoutes[] {
  const open = broker.acceptWebSocket.bind(broker);
  const inLobby = () => broker.visits.length;
  return [
    { handle: (request, response) => api.handle(request, response) },
    { upgrade: consoleUpgrade({ accounts, sessions: broker, log, open }) },
    metricsRoute(() => metrics({ service, failedLogins, inLobby }), accounts, readers),
    {
      handle(request, response) {
        if (addressOf(request).path !== '/health') return false;
        response.end('ok\n');
        return true;
      },
    },
    pages('index.html'),
  ];
}

/** Where others reach what listens here: a wildcard is replaced by the host's name. */
export function publicAddresses({ rdp, vnc, http }: ServeAddresses, publicHost: string | undefined): Addresses {
  return { rdp: publicly(rdp, publicHost), vnc: publicly(vnc, publicHost), http: publicly(http, publicHost) };
}

/** Likewise for what listens for one machine alone. */
export function publicOwnPorts(
  ports: OwnPorts | undefined,
  machine: string,
  publicHost: string | undefined,
): MachineDetails['ports'] {
  const text = (protocol: 'rdp' | 'vnc') => publicly(ports?.addressOf(machine, protocol) ?? null, publicHost);
  return { rdp: text('rdp'), vnc: text('vnc') };
}

function publicly(address: ListenAddress | null, publicHost: string | undefined): string | null {
  if (address === null) return null;
  const isWildcard = address.host === '0.0.0.0' || address.host === '::';
  return formatAddress({ ...address, host: publicHost ?? (isWildcard ? hostname() : address.host) });
}

/** Throws UserError: somebody has to be able to come in somehow. */
export function checkServes({ rdp, vnc, http }: ServeAddresses): void {
  if (rdp === null && vnc === null && http === null) throw new UserError('everything is off: nobody could connect', 2);
}
