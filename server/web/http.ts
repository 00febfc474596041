import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { Proven, type Tickets } from '../auth/tickets.js';
import { LIMITS } from '../limits.js';
import type { Host } from '../session/host.js';
import type { Session } from '../session/session.js';
import { isLoopback } from '../transport/listen.js';
import type { Transport } from '../transport/transport.js';
import { WebSocketTransport } from '../transport/websocket.js';
import { webLogin } from './login.js';
import { isAllowedOrigin } from './origin.js';
import { refuseUpgrade, Upgrader } from './upgrade.js';

/** Runs an RFB session over a WebSocket; passed in because web/ does not choose protocols. */
export type ServeStream = (transport: Transport, host: Host) => Session;

export interface WebServer {
  /** To be put on a port by the caller. */
  readonly server: Server;
  close(): void;
}

/** What else a web port serves. False: it is for somebody else, and nothing has been done. */
export interface WebRoutes {
  handle(request: IncomingMessage, response: ServerResponse): boolean | Promise<boolean>;
  upgrade?(request: IncomingMessage, socket: Socket, head: Buffer): boolean;
}

const TLS_HANDSHAKE = 0x16;

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/**
 * The page with noVNC at `/` and the RFB stream at `/websockify`, on one port that speaks both HTTP and HTTPS:
 * the first byte of a connection tells which. Browsers give noVNC all it needs only on HTTPS or on localhost.
 */
export function createWebServer(host: Host, tickets: Tickets, serve: ServeStream, routes?: WebRoutes): WebServer {
  const patience = { requestTimeout: LIMITS.handshakeMs, connectionsCheckingInterval: LIMITS.firstByteMs };
  const http = createHttpServer(patience);
  const tls = { ...host.tls, minVersion: 'TLSv1.2', handshakeTimeout: LIMITS.handshakeMs } as const;
  const https = createHttpsServer({ ...patience, ...tls });
  // They listen nowhere, and it is on this event that Node begins to look for requests that do not end.
  for (const inner of [http, https]) inner.emit('listening');
  const handle = withRoutes(routes, requestHandler(host), host.log);
  http.on('request', handle);
  https.on('request', handle);

  const upgrader = new Upgrader();
  const upgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    if (routes?.upgrade?.(request, socket, head) === true) return;
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/websockify') {
      refuseUpgrade(socket, '404 Not Found');
    } else if (!isAllowedOrigin(request, host.credentials.required)) {
      host.log.warn(
        { origin: request.headers.origin, host: request.headers.host },
        'websocket of another origin refused',
      );
      refuseUpgrade(socket, '403 Forbidden');
    } else if (!host.sessions.hasRoomFor(socket.remoteAddress ?? 'unknown')) {
      refuseUpgrade(socket, '503 Service Unavailable');
    } else {
      const login = webLogin(request, tickets);
      upgrader.accept(request, socket, head, login?.cookie, (webSocket) => {
        const credentials = login === undefined ? host.credentials : new Proven(login.identity);
        const remote = socket.remoteAddress ?? 'unknown';
        const isPrivate = socket instanceof TLSSocket || isLoopback(remote);
        serve(new WebSocketTransport(webSocket, remote, isPrivate), { ...host, credentials });
      });
    }
  };
  http.on('upgrade', upgrade);
  https.on('upgrade', upgrade);

  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(LIMITS.firstByteMs, () => socket.destroy());
    socket.once('data', (first) => {
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? https : http).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  return {
    server,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
      http.close();
      https.close();
    },
  };
}

/** Asks `routes` first. */
function withRoutes(routes: WebRoutes | undefined, next: RequestListener, log: Logger): RequestListener {
  if (routes === undefined) return next;
  return async (request, response) => {
    try {
      if (!(await routes.handle(request, response))) next(request, response);
    } catch (error) {
      log.error({ err: error }, `bug: ${messageOf(error)}; please report it`);
      response.destroy();
    }
  };
}

/** The page's files, noVNC's from its package, and what the page asks about the machine. */
function requestHandler(host: Host): RequestListener {
  const files = (folder: string): ReturnType<typeof sirv> => sirv(folder, { etag: true, dotfiles: false });
  const page = files(join(dirname(fileURLToPath(import.meta.url)), 'page'));
  const novnc = join(dirname(fileURLToPath(import.meta.resolve('@novnc/novnc'))), '..');
  const folders = new Map([
    ['/novnc/core', files(join(novnc, 'core'))],
    ['/novnc/vendor', files(join(novnc, 'vendor'))],
  ]);
  return (request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const notFound = (): void => void response.writeHead(404).end();
    if (request.url === '/machine.json') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name: host.machine.name, loginRequired: host.credentials.required }));
      return;
    }
    for (const [prefix, serveFiles] of folders) {
      if (!request.url?.startsWith(`${prefix}/`)) continue;
      request.url = request.url.slice(prefix.length);
      return serveFiles(request, response, notFound);
    }
    page(request, response, notFound);
  };
}
