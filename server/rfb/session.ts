import { type ClientMessage, ClientMessages } from '../../protocols/rfb/client-messages.js';
import { ServerInit } from '../../protocols/rfb/init.js';
import { BGRX } from '../../protocols/rfb/pixel-format.js';
import { encode } from '../../protocols/wire/codec.js';
import { DecodeError } from '../../protocols/wire/errors.js';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { EngineState } from '../../src/engine/engine.js';
import type { Identity } from '../auth/credentials.js';
import type { Host } from '../session/host.js';
import { Meter } from '../session/meter.js';
import type { CloseReason, Session } from '../session/session.js';
import type { Transport } from '../transport/transport.js';
import { Connect } from './connect.js';
import { RfbInput } from './input.js';
import { Updates } from './update.js';

/** Serves RFB on a transport that was just accepted. */
export function serveRfb(transport: Transport, host: Host): Session {
  return new RfbSession(transport, host);
}

/** One client from accept to close: first `#connect` has its bytes, then the running session. */
class RfbSession implements Session {
  readonly protocol = 'rfb';
  readonly remote: string;
  readonly meter = new Meter();
  readonly #transport: Transport;
  readonly #host: Host;
  readonly #log: Logger;
  readonly #connect: Connect;
  readonly #unsubscribe: () => void;
  readonly #messages = new ClientMessages();
  #identity: Identity | undefined;
  #input: RfbInput | undefined;
  #updates: Updates | undefined;
  #ended = false;

  constructor(transport: Transport, host: Host) {
    this.#transport = transport;
    this.#host = host;
    this.remote = transport.remote;
    this.#log = host.log.child({ protocol: this.protocol, remote: this.remote });
    transport.onData = (bytes) => this.#guard(() => this.#handleData(bytes));
    transport.onDrain = () => this.#updates?.handleDrain();
    transport.onClose = (reason) => this.#end(reason);
    this.#unsubscribe = host.machine.onState.on(({ state }) => this.#handleState(state));
    host.sessions.add(this);
    this.#connect = new Connect(transport, host, this.meter, {
      handleArrival: async () => undefined,
      handleLogin: (identity) => {
        this.#identity = identity;
        const refusal = host.sessions.admit(this);
        if (refusal !== undefined) this.#identity = undefined;
        return refusal;
      },
      handleReady: (rest) => this.#run(rest),
      handleRefused: (reason) => {
        this.#log.info({ reason }, 'turned away');
        transport.end();
      },
      handleTimeout: () => transport.destroy('no handshake in time'),
      handleError: (error) => this.#fail(error),
    });
    this.#handleState(host.machine.state);
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  /** RFB has no goodbye: what has been sent is flushed, then the connection closes. */
  close(reason: CloseReason): void {
    this.#log.debug({ reason }, 'closing');
    this.#release();
    this.#transport.end();
  }

  setRights(): void {}
  detach(): undefined {}

  #handleData(bytes: Uint8Array): void {
    if (this.#updates === undefined) this.#connect.handleData(bytes);
    else for (const message of this.#messages.feed(bytes)) this.#handle(message);
  }

  #run(rest: Uint8Array): void {
    const { machine } = this.#host;
    const { width, height } = machine.display;
    this.#transport.write(encode(ServerInit, { width, height, format: BGRX, name: machine.name }));
    this.#updates = new Updates(machine, this.#transport, (error) => this.#fail(error));
    this.#input = new RfbInput(machine.input, machine.display);
    this.#log.info({ user: this.#identity?.user }, 'client connected');
    this.#handleData(rest);
  }

  #handle(message: ClientMessage): void {
    const updates = this.#updates;
    const input = this.#input;
    if (updates === undefined || input === undefined || this.#ended) return;
    switch (message.type) {
      case 'set-pixel-format':
        updates.setPixelFormat(message.format);
        break;
      case 'set-encodings':
        updates.setEncodings(message.encodings);
        break;
      case 'framebuffer-update-request':
        updates.request(message);
        break;
      case 'key':
        input.keysym(message.keysym, message.down);
        break;
      case 'qemu-key':
        input.qemuKey(message.keycode, message.keysym, message.down);
        break;
      case 'pointer':
        input.pointer(message.buttons, message.x, message.y);
        break;
      case 'set-desktop-size':
        updates.setDesktopSize(message);
        break;
      case 'enable-continuous-updates':
      case 'fence':
        // Neither was announced; who sends them all the same gets no answer.
        break;
    }
  }

  #handleState(state: EngineState): void {
    if (state === 'stopped' || state === 'crashed') this.close('guest-stopped');
  }

  #guard(action: () => void): void {
    if (this.#ended) return;
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The client's fault is told at info, ours at error; either way only this session ends. */
  #fail(error: unknown): void {
    if (error instanceof DecodeError) this.#log.info({ reason: error.message }, 'protocol error');
    else this.#log.error({ error }, 'session failed');
    this.#transport.destroy(messageOf(error));
  }

  #end(reason: string): void {
    if (this.#updates !== undefined) this.#log.info({ reason }, 'client gone');
    this.#release();
    this.#host.sessions.remove(this);
  }

  /** Lets go of machine, timers and what is held down; the transport may still be saying goodbye. */
  #release(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsubscribe();
    this.#connect.close();
    this.#updates?.close();
    this.#input?.close();
  }
}
