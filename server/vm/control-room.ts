import type { Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.js';
import type { Logger } from '../../src/base/log.js';
import type { Display } from '../../src/display/display.js';
import type { ControlEvent } from '../ipc/control.js';
import { type ControlHandlers, ControlPeer } from '../ipc/control-server.js';
import { ScreenWatch } from './screen-watch.js';

/** Those who watch over this machine: everybody hears everything. */
export class ControlRoom {
  readonly #peers = new Set<ControlPeer>();
  readonly #watch: ScreenWatch;
  readonly #log: Logger;

  constructor(display: Display, clock: Clock, log: Logger) {
    this.#log = log;
    this.#watch = new ScreenWatch(display, clock, () => this.tell({ event: 'screen' }));
  }

  /** @param socket whose hello has been read */
  arrive(socket: Socket, handlers: ControlHandlers): void {
    const peer = new ControlPeer(socket, handlers, this.#log);
    this.#peers.add(peer);
    peer.gone.addEventListener('abort', () => {
      this.#peers.delete(peer);
      if (this.#peers.size === 0) this.#watch.end();
    });
    this.#watch.begin();
  }

  tell(event: ControlEvent): void {
    for (const peer of this.#peers) peer.tell(event);
  }

  /** Somebody has the picture as it is now. */
  looked(): void {
    if (this.#peers.size > 0) this.#watch.looked();
  }

  /** Lets everybody go once what they asked has been answered. */
  async close(): Promise<void> {
    await Promise.all([...this.#peers].map((peer) => peer.close()));
  }
}
