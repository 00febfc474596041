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
    const transport = new TcpTransport(socket);
    if (host.sessions.hasRoomFor(transport.remote)) serve(transport, host);
    else {
      host.log.debug({ remote: transport.remote }, 'too many connections without a login, one is refused');
      transport.destroy('too many connections');
    }
  });
}
