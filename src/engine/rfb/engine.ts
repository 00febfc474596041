import { type Clock, systemClock } from '../../base/clock.js';
import { messageOf, UserError } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';
import type { Logger } from '../../base/log.js';
import type { Display } from '../../display/display.js';
import type { Leds, PointerEvent, ScanCode } from '../../input/events.js';
import type { Engine, EngineCapabilities, EngineState, EngineStateChange, PowerAction } from '../engine.js';
import { refuse } from '../not-supported.js';
import { type Attachment, parseAttachUrl } from './attach-url.js';
import { RfbClient } from './client.js';
import { nameOf } from './connection.js';
import { LoginRefused } from './login.js';

/** Waits between attempts to connect again. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 10_000;

export interface RfbEngineOptions {
  readonly log: Logger;
  /** Used where the URL has none. */
  readonly password?: string;
  readonly clock?: Clock;
}

/**
 * `--engine rfb`: the screen of any VNC server as a machine. It can be looked at and operated, but not powered.
 *
 * A first connection that fails is an error of the user's. A connection that is lost later is not the end: the state
 * becomes 'starting', viewers keep their sessions and the last picture, and the server is tried again until it is
 * back or `stop` is called. Only a server that is back and does not let us in any more ends it ('crashed').
 */
export class RfbEngine implements Engine {
  readonly kind = 'rfb';
  readonly accel = null;
  readonly capabilities: EngineCapabilities;
  readonly onState = new Emitter<EngineStateChange>();
  readonly onLeds = new Emitter<Leds>();
  readonly #attachment: Attachment;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #state: EngineState = 'off';
  #display: Display | undefined;
  #client: RfbClient | undefined;
  #cancelRetry: (() => void) | undefined;

  /** Throws UserError for a URL that cannot be understood. */
  constructor(attach: string, options: RfbEngineOptions) {
    const { address, password = options.password } = parseAttachUrl(attach);
    this.#attachment = { address, password };
    this.#log = options.log;
    this.#clock = options.clock ?? systemClock;
    const current = () => this.#client;
    this.capabilities = {
      power: new Set<PowerAction>(['off']),
      get absolutePointer() {
        return current()?.absolutePointer ?? true;
      },
      get resize() {
        return current()?.canResize ?? false;
      },
      saveState: false,
      balloon: false,
    };
  }

  get state(): EngineState {
    return this.#state;
  }

  async start(display: Display, signal?: AbortSignal): Promise<void> {
    if (this.#display !== undefined) throw new Error('an engine starts once');
    this.#display = display;
    this.#setState('starting');
    const either = signal === undefined ? this.#ended.signal : AbortSignal.any([signal, this.#ended.signal]);
    try {
      await this.#connect(display, either);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#ended.abort(new UserError('stopped'));
    this.#cancelRetry?.();
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
    if (this.#state !== 'off') this.#setState('off');
  }

  key(code: ScanCode, down: boolean): void {
    if (this.#state === 'running') this.#client?.key(code, down);
  }

  pointer(event: PointerEvent): void {
    if (this.#state === 'running') this.#client?.pointer(event);
  }

  async power(action: PowerAction): Promise<void> {
    if (action !== 'off') throw new UserError(`cannot ${action} a machine that is only attached to over VNC`);
    if (this.#state === 'off') throw new UserError('cannot disconnect a machine that is off');
    await this.stop();
  }

  async requestSize(width: number, height: number): Promise<boolean> {
    return this.#state === 'running' && (await this.#client?.requestSize(width, height)) === true;
  }

  saveState(): Promise<void> {
    return refuse('a machine that is only attached to over VNC', 'be saved');
  }
  snapshot(): Promise<void> {
    return refuse('a machine that is only attached to over VNC', 'be saved');
  }
  balloon(): Promise<void> {
    return refuse('a machine that is only attached to over VNC', 'give memory back');
  }

  async #connect(display: Display, signal: AbortSignal): Promise<void> {
    const { address, password } = this.#attachment;
    const client = new RfbClient({ address, log: this.#log, ...(password === undefined ? {} : { password }) });
    this.#client = client;
    client.onLeds.on((leds) => this.onLeds.emit(leds));
    await client.connect(display, signal);
    client.onClose.on((reason) => this.#handleLoss(display, reason));
    this.#setState('running');
  }

  #handleLoss(display: Display, reason: string): void {
    const server = nameOf(this.#attachment.address);
    this.#log.warn({ server, reason }, 'lost the VNC server; connecting again');
    this.#setState('starting', `the connection to ${server} was lost: ${reason}`);
    this.#retry(display, FIRST_RETRY_MS);
  }

  #retry(display: Display, waitMs: number): void {
    this.#cancelRetry = this.#clock.after(waitMs, () => {
      this.#connect(display, this.#ended.signal).catch((error: unknown) => {
        if (this.#ended.signal.aborted) return;
        if (error instanceof LoginRefused) {
          this.#client = undefined;
          this.#setState('crashed', messageOf(error));
          return;
        }
        this.#log.debug({ reason: messageOf(error) }, 'the VNC server is not back yet');
        this.#retry(display, Math.min(waitMs * 2, LONGEST_RETRY_MS));
      });
    });
  }

  #setState(state: EngineState, reason?: string): void {
    this.#state = state;
    this.onState.emit(reason === undefined ? { state } : { state, reason });
  }
}
