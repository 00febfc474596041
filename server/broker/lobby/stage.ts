import type { Clock } from '../../../src/base/clock.js';
import { Machine } from '../../../src/machine/machine.js';
import { LIMITS } from '../../limits.js';
import { LobbyEngine, type LobbySize } from './engine.js';
import type { Screen } from './screen.js';

/**
 * What one client sees of the broker. The machine behind it is made when somebody looks: a client that goes straight
 * to its own machine costs no framebuffer here.
 */
export class Stage {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #idle: () => void;
  #screen: Screen;
  #size: LobbySize | undefined;
  #open: { readonly engine: LobbyEngine; readonly machine: Machine } | undefined;
  #lastInputMs = 0;
  #cancelIdle: () => void = () => {};

  /** @param idle nobody has touched anything for a long time */
  constructor(name: string, clock: Clock, first: Screen, idle: () => void) {
    this.#name = name;
    this.#clock = clock;
    this.#screen = first;
    this.#idle = idle;
  }

  get screen(): Screen {
    return this.#screen;
  }

  /** What the client has asked for; good for a machine that is yet to be made. */
  set size(size: LobbySize | undefined) {
    this.#size = size;
  }

  get machine(): Machine {
    this.#open ??= this.#make();
    return this.#open.machine;
  }

  show(screen: Screen): void {
    const before = this.#screen;
    this.#screen = screen;
    if (this.#open === undefined) before.close?.();
    else this.#open.engine.show(screen);
  }

  /** Nobody looks any more. Another machine is made for whoever does later. */
  close(): void {
    this.#cancelIdle();
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) this.#screen.close?.();
    // Stopping it is closing it: there is nothing that could fail.
    else void open.machine.stop();
  }

  #make(): { readonly engine: LobbyEngine; readonly machine: Machine } {
    const engine = new LobbyEngine(this.#clock, this.#screen, this.#size);
    const machine = new Machine(this.#name, engine, undefined, this.#clock);
    engine.onInput.on(() => {
      this.#lastInputMs = this.#clock.now();
    });
    this.#lastInputMs = this.#clock.now();
    this.#watch();
    void machine.start();
    return { engine, machine };
  }

  #watch(): void {
    const leftMs = this.#lastInputMs + LIMITS.lobbyIdleMs - this.#clock.now();
    if (leftMs <= 0) this.#idle();
    else this.#cancelIdle = this.#clock.after(leftMs, () => this.#watch());
  }
}
