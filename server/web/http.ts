import { TLSSocket } from 'node:tls';
import { Proven, type Tickets } from '../auth/tickets.js';
import type { Host } from '../session/host.js';
import type { Session } from '../session/session.js';
import { isLoopback } from '../transport/listen.js';
import type { Transport } from '../transport/transport.js';
import { WebSocketTransport } from '../transport/websocket.js';
import { addressOf } from './address.js';
import { webLogin } from './login.js';
import { isAllowedOrigin } from './origin.js';
import { pages } from './pages.js';
import { createWebPort, type WebRoutes, type WebServer } from './port.js';
import { refuseUpgrade, Upgrader } from './upgrade.js';

/** Runs an RFB session over a WebSocket; passed in because web/ does not choose protocols. */
export type ServeStream = (transport: Transport, host: Host) => Session;

/** One machine's web port: the page with noVNC at `/` and the RFB stream at `/websockify`. */
export function createWebServer(host: Host, tickets: Tickets, serve: ServeStream): WebServer {
  return createWebPort(host.tls, host.log, [machineRoutes(host, tickets, serve), pages('console.html')]);
}

/** What the page asks about the machine, and its screen. */
function machineRoutes(host: Host, tickets: Tickets, serve: ServeStream): WebRoutes {
  const upgrader = new Upgrader();
  return {
    handle(request, response) {
      if (request.url !== '/machine.json') return false;
      response.setHeader('content-type', 'application/json');
      response.setHeader('cache-control', 'no-cache');
      response.end(JSON.stringify({ name: host.machine.name, loginRequired: host.credentials.required }));
      return true;
    },
    upgrade(request, socket, head) {
      if (addressOf(request).path !== '/websockify') return false;
      const remote = socket.remoteAddress ?? 'unknown';
      if (!isAllowedOrigin(request, host.credentials.required)) {
        host.log.warn(
          { origin: request.headers.origin, host: request.headers.host },
          'websocket of another origin refused',
        );
        refuseUpgrade(socket, '403 Forbidden');
      } else if (!host.sessions.hasRoomFor(remote)) refuseUpgrade(socket, '503 Service Unavailable');
      else {
        const login = webLogin(request, tickets);
        upgrader.accept(request, socket, head, login?.cookie, (webSocket) => {
          const credentials = login === undefined ? host.credentials : new Proven(login.identity);
          const isPrivate = socket instanceof TLSSocket || isLoopback(remote);
          serve(new WebSocketTransport(webSocket, remote, isPrivate), { ...host, credentials });
        });
      }
      return true;
    },
  };
}
