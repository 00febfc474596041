import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import { LIMITS } from '../limits.js';
import type { TlsIdentity } from '../transport/transport.js';
import { refuseUpgrade } from './upgrade.js';

export interface WebServer {
  /** To be put on a port by the caller. */
  readonly server: Server;
  close(): void;
}

/** A part of what a web port serves. False: it is for somebody else, and nothing has been done. */
export interface WebRoutes {
  handle?(request: IncomingMessage, response: ServerResponse): boolean | Promise<boolean>;
  upgrade?(request: IncomingMessage, socket: Socket, head: Buffer): boolean;
}

const TLS_HANDSHAKE = 0x16;

/**
 * One port that speaks both HTTP and HTTPS: the first byte of a connection tells which. Browsers give pages all they
 * need only on HTTPS or on localhost. The first of `routes` that knows a request answers it.
 */
export function createWebPort(identity: TlsIdentity, log: Logger, routes: readonly WebRoutes[]): WebServer {
  const patience = { requestTimeout: LIMITS.handshakeMs, connectionsCheckingInterval: LIMITS.firstByteMs };
  const http = createHttpServer(patience);
  const tls = { ...identity, minVersion: 'TLSv1.2', handshakeTimeout: LIMITS.handshakeMs } as const;
  const https = createHttpsServer({ ...patience, ...tls });
  for (const inner of [http, https]) {
    // They listen nowhere, and it is on this event that Node begins to look for requests that do not end.
    inner.emit('listening');
    inner.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // All of it is written; whoever takes none of it meanwhile is not there.
      response.once('prefinish', () => response.setTimeout(LIMITS.unreadAnswerMs, () => response.destroy()));
      void answer(routes, request, response, log);
    });
    inner.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
        // To the one that has the connection already.
        inner.emit(inner === https ? 'secureConnection' : 'connection', withoutUpgrade(request, socket, head));
      } else if (!routes.some((each) => each.upgrade?.(request, socket, head) === true))
        refuseUpgrade(socket, '404 Not Found');
    });
  }
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
      // Not at once: a goodbye may still be on the way.
      for (const socket of open) socket.destroySoon();
      http.close();
      https.close();
    },
  };
}

/**
 * Java's client, and curl where it is told to, ask for HTTP/2 along with what they want. Who cannot give it answers as if
 * they had not (RFC 9110 7.8); Node has stopped reading for good, and is given the request again.
 */
function withoutUpgrade({ method, url, rawHeaders }: IncomingMessage, socket: Socket, head: Buffer): Socket {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (!/^(upgrade|http2-settings|connection)$/i.test(rawHeaders[i]!))
      lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  }
  socket.pause();
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  process.nextTick(() => socket.resume());
  return socket;
}

async function answer(
  routes: readonly WebRoutes[],
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  try {
    for (const each of routes) if ((await each.handle?.(request, response)) === true) return;
    response.writeHead(404).end();
  } catch (error) {
    log.error({ err: error }, `bug: ${messageOf(error)}; please report it`);
    response.destroy();
  }
}
