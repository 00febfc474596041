import { createServer, type Server, type Socket } from 'node:net';
import { type ClientMessage, ClientMessages } from '../../../protocols/rfb/client-messages.js';
import { ServerInit } from '../../../protocols/rfb/init.js';
import { BGRX } from '../../../protocols/rfb/pixel-format.js';
import { CHALLENGE_BYTES, SECURITY_TYPE } from '../../../protocols/rfb/security.js';
import { ServerHandshake } from '../../../protocols/rfb/server-handshake.js';
import { encode } from '../../../protocols/wire/codec.js';
import { Emitter } from '../../../src/base/events.js';
import { vncResponse } from '../../../src/base/vnc-response.js';

export interface ScriptedServerOptions {
  width?: number;
  height?: number;
  password?: string;
  /** Turns every client away with these words. */
  refusal?: string;
  /** Instead of the handshake. */
  greeting?: Uint8Array;
  port?: number;
}

/** An RFB server that does the handshake, then sends what a test says and remembers what the client says. */
export class ScriptedServer {
  readonly options: ScriptedServerOptions;
  readonly messages: ClientMessage[] = [];
  readonly #onMessage = new Emitter<ClientMessage>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #current: Socket | undefined;

  private constructor(options: ScriptedServerOptions) {
    this.options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async listen(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(options);
    await new Promise<void>((resolve) => server.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  send(...parts: Uint8Array[]): void {
    for (const bytes of parts) this.#current?.write(bytes);
  }

  /** The next message for which `test` holds, among those not looked at yet. */
  async expect(test: (message: ClientMessage) => boolean): Promise<ClientMessage> {
    for (;;) {
      const found = this.messages.findIndex(test);
      if (found >= 0) return this.messages.splice(found, 1)[0]!;
      await this.#onMessage.next();
    }
  }

  /** Cuts every connection, but goes on listening. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.disconnect();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.setNoDelay(true);
    const { password, refusal, greeting } = this.options;
    if (greeting !== undefined) {
      socket.write(greeting);
      return;
    }
    const challenge = new Uint8Array(CHALLENGE_BYTES).fill(7);
    const handshake = new ServerHandshake({
      securityTypes: [password === undefined ? SECURITY_TYPE.none : SECURITY_TYPE.vncAuth],
      challenge,
      refusal,
    });
    const messages = new ClientMessages();
    let ready = false;
    const run = (step: ReturnType<ServerHandshake['step']>): void => {
      for (const bytes of step.send) socket.write(bytes);
      for (const event of step.events) {
        if (event.type === 'login') {
          const { attempt } = event;
          const response = attempt.kind === 'response' ? attempt.response : new Uint8Array(0);
          const right = password === undefined || Buffer.from(vncResponse(challenge, password)).equals(response);
          run(handshake.verdict(right, 'wrong password'));
        } else if (event.type === 'client-init') {
          const { width = 64, height = 48 } = this.options;
          socket.write(encode(ServerInit, { width, height, format: BGRX, name: 'scripted' }));
          ready = true;
          this.#current = socket;
          feed(event.rest);
        } else socket.end();
      }
    };
    const feed = (bytes: Uint8Array): void => {
      for (const message of messages.feed(bytes)) {
        this.messages.push(message);
        this.#onMessage.emit(message);
      }
    };
    socket.on('data', (bytes) => {
      if (ready) feed(bytes);
      else run(handshake.step(bytes));
    });
    socket.write(handshake.greeting());
  }
}
