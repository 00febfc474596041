import { type ClientMessage, ClientMessages } from '../../protocols/rfb/client-messages.js';
import { ServerInit } from '../../protocols/rfb/init.js';
import { BGRX } from '../../protocols/rfb/pixel-format.js';
import { encode } from '../../protocols/wire/codec.js';
import type { Machine } from '../../src/machine/machine.js';
import type { RfbClientState } from '../session/handover.js';
import type { Meter } from '../session/meter.js';
import type { Transport } from '../transport/transport.js';
import { type ClientState, packClientState } from './client-state.js';
import { RfbInput } from './input.js';
import { Updates } from './update.js';

export interface RunningOptions {
  readonly machine: Machine;
  readonly transport: Transport;
  readonly meter: Meter;
  /** An update could not be made. */
  readonly onError: (error: unknown) => void;
  /** The client has asked for the picker; without it the chord is the guest's. */
  readonly onChord?: (() => void) | undefined;
  /** What another session has left; without it the client waits for ServerInit. */
  readonly state?: ClientState | undefined;
}

/** A client that is through with the handshake: its messages go to the machine, the machine's screen goes to it. */
export class Running {
  readonly #messages: ClientMessages;
  readonly #updates: Updates;
  readonly #input: RfbInput;
  #watches = false;
  #closed = false;

  constructor(options: RunningOptions) {
    const { machine, transport, meter, onChord, state } = options;
    if (state === undefined) {
      const { width, height } = machine.display;
      const init = encode(ServerInit, { width, height, format: BGRX, name: machine.name });
      meter.sentBytes += init.length;
      transport.write(init);
    }
    this.#messages = new ClientMessages(state?.extendedButtons);
    this.#input = new RfbInput(machine.input, machine.display, onChord, state?.down);
    this.#updates = new Updates(options);
  }

  /** Throws DecodeError for what cannot be understood. */
  handleData(bytes: Uint8Array): void {
    for (const message of this.#messages.feed(bytes)) {
      this.#handle(message);
      // What is left is the next one's where somebody else goes on.
      if (this.#closed) return;
    }
  }

  handleDrain(): void {
    this.#updates.handleDrain();
  }

  setRights(rights: 'view' | 'control'): void {
    this.#watches = rights === 'view';
    this.#input.setMuted(this.#watches);
  }

  /** Ends between two messages, in both directions. */
  detach(): { readonly client: RfbClientState; readonly rest: Uint8Array } {
    const { extendedButtons } = this.#messages;
    const client = packClientState({ ...this.#updates.detach(), extendedButtons, down: this.#input.down });
    const rest = this.#messages.takeRest();
    this.close();
    return { client, rest };
  }

  close(): void {
    this.#closed = true;
    this.#updates.close();
    this.#input.close();
  }

  #handle(message: ClientMessage): void {
    switch (message.type) {
      case 'set-pixel-format':
        this.#updates.setPixelFormat(message.format);
        break;
      case 'set-encodings':
        this.#updates.setEncodings(message.encodings);
        break;
      case 'framebuffer-update-request':
        this.#updates.request(message);
        break;
      case 'key':
        this.#input.keysym(message.keysym, message.down);
        break;
      case 'qemu-key':
        this.#input.qemuKey(message.keycode, message.keysym, message.down);
        break;
      case 'pointer':
        this.#input.pointer(message.buttons, message.x, message.y);
        break;
      case 'set-desktop-size':
        if (this.#watches) this.#updates.refuseDesktopSize();
        else this.#updates.setDesktopSize(message);
        break;
      case 'enable-continuous-updates':
      case 'fence':
        // Neither was announced; who sends them all the same gets no answer.
        break;
    }
  }
}
