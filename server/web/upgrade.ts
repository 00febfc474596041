import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../limits.js';

/** Turns requests into WebSockets that carry RFB. */
export class Upgrader {
  readonly #cookies = new WeakMap<IncomingMessage, string>();
  readonly #server = new WebSocketServer({
    noServer: true,
    // noVNC asks for none or for 'binary'.
    handleProtocols: (offered) => (offered.has('binary') ? 'binary' : false),
    maxPayload: LIMITS.rfbMessageBytes,
    perMessageDeflate: false,
  });

  constructor() {
    this.#server.on('headers', (headers, request) => {
      const cookie = this.#cookies.get(request);
      if (cookie !== undefined) headers.push(`Set-Cookie: ${cookie}`);
    });
  }

  /** @param cookie a Set-Cookie header to answer with */
  accept(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    cookie: string | undefined,
    opened: (webSocket: WebSocket) => void,
  ): void {
    if (cookie !== undefined) this.#cookies.set(request, cookie);
    this.#server.handleUpgrade(request, socket, head, opened);
  }
}

/** Ends a request for a WebSocket with an answer of HTTP's. Whoever is refused does not keep the connection by not closing it. */
export function refuseUpgrade(socket: Socket, status: string): void {
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
