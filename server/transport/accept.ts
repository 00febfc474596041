import { createServer, type Server } from 'node:net';
import type { Host } from '../session/host.js';
import type { Session } from '../session/session.js';
import { TcpTransport } from './tcp.js';
import type { UpgradableTransport } from './transport.js';

/** A TCP server that hands each connection to a protocol. Over the limits a connection is closed unanswered. */
export function createStreamServer(host: Host, serve: (transport: UpgradableTransport, host: Host) => Session): Server {
  return createServer((socket) => {
    // A reset before the transport listens must not surface as an uncaught error.
    socket.on('error', () => {});
    if (!host.sessions.hasRoom) {
      host.log.warn({ remote: socket.remoteAddress }, 'too many connections, one is refused');
      socket.destroy();
      return;
    }
    serve(new TcpTransport(socket), host);
  });
}
