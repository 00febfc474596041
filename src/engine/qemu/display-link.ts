import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';
import type { Logger } from '../../base/log.js';
import type { Display } from '../../display/display.js';
import type { Leds } from '../../input/events.js';
import { RfbClient } from '../rfb/client.js';
import type { Address } from '../rfb/connection.js';

/** Pauses before each new attempt. */
const RETRY_MS = [50, 500, 2_000];
/** A connection that lasted this long counts as sound: the next loss begins with the first pause again. */
const SOUND_MS = 1_000;

/**
 * The connection to QEMU's VNC server. Losing it is no reason to lose the guest, however often: QEMU drops a viewer to
 * which it owes more than five pictures of the present size, as it does when a guest goes from a large screen to a small
 * one. Only where it cannot be made again, in a few attempts, it is lost.
 */
export class DisplayLink {
  readonly onLeds = new Emitter<Leds>();
  /** It could not be made again; the reason of the last loss. */
  readonly onLost = new Emitter<string>();
  readonly #address: Address;
  readonly #display: Display;
  readonly #log: Logger;
  readonly #end = new AbortController();
  #rfb: RfbClient | undefined;
  /** Connections one after the other that did not last. */
  #hastyLosses = 0;

  constructor(address: Address, display: Display, log: Logger) {
    this.#address = address;
    this.#display = display;
    this.#log = log;
  }

  /** The connection for input; undefined while there is none. */
  get rfb(): RfbClient | undefined {
    return this.#rfb;
  }

  /** Resolves when updates flow. Rejects as RfbClient.connect does. */
  async connect(signal?: AbortSignal): Promise<void> {
    const rfb = new RfbClient({ address: this.#address, log: this.#log });
    rfb.onLeds.on((leds) => this.onLeds.emit(leds));
    await rfb.connect(
      this.#display,
      signal === undefined ? this.#end.signal : AbortSignal.any([signal, this.#end.signal]),
    );
    if (this.#end.signal.aborted) {
      // Closed in the very moment that it connected.
      await rfb.close();
      throw this.#end.signal.reason;
    }
    const since = performance.now();
    rfb.onClose.on((reason) => {
      this.#hastyLosses = performance.now() - since > SOUND_MS ? 0 : this.#hastyLosses + 1;
      void this.#again(reason);
    });
    this.#rfb = rfb;
  }

  async close(): Promise<void> {
    this.#end.abort(new Error('closed'));
    const rfb = this.#rfb;
    this.#rfb = undefined;
    await rfb?.close();
  }

  async #again(reason: string): Promise<void> {
    this.#rfb = undefined;
    let last = reason;
    for (let attempt = 0; attempt < RETRY_MS.length; attempt++) {
      const pauseMs = RETRY_MS[Math.min(this.#hastyLosses + attempt, RETRY_MS.length - 1)];
      try {
        await delay(pauseMs, undefined, { signal: this.#end.signal });
        await this.connect();
        this.#log.warn({ reason }, 'the connection to the screen was made again');
        return;
      } catch (error) {
        if (this.#end.signal.aborted) return;
        last = messageOf(error);
      }
    }
    this.onLost.emit(last);
  }
}
