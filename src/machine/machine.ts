import { type Clock, systemClock } from '../base/clock.js';
import { UserError } from '../base/errors.js';
import { Emitter } from '../base/events.js';
import { Display } from '../display/display.js';
import type { Engine, EngineState, EngineStateChange, PowerAction } from '../engine/engine.js';
import { Input } from '../input/input.js';
import { Revival, type RevivalOptions } from './revival.js';

/** Size of the screen before the guest has said what it wants. */
const INITIAL_WIDTH = 640;
const INITIAL_HEIGHT = 480;

/**
 * A virtual machine as servers see it: an engine, the screen it paints, the input it takes. It can have several lives:
 * an engine that ended is replaced by a new one where the machine's policy says so, and viewers stay.
 */
export class Machine {
  readonly name: string;
  readonly display: Display;
  readonly input: Input;
  /** Between two lives the machine is 'starting', with the reason; the end of the last one is 'stopped' or 'crashed'. */
  readonly onState = new Emitter<EngineStateChange>();
  readonly #revival: Revival | undefined;
  readonly #end = new AbortController();
  #engine: Engine;
  #ignoreEngine: () => void;
  /** What it is while no engine says. */
  #between: EngineStateChange | undefined;
  #reason: string | undefined;

  /** @param revival without it the first end is the last */
  constructor(name: string, engine: Engine, revival?: RevivalOptions, clock: Clock = systemClock) {
    this.name = name;
    this.#engine = engine;
    this.display = new Display(INITIAL_WIDTH, INITIAL_HEIGHT, clock);
    this.input = new Input(
      {
        key: (code, down) => this.#engine.key(code, down),
        pointer: (event) => this.#engine.pointer(event),
        hasten: () => this.display.hasten(),
      },
      clock,
    );
    this.#ignoreEngine = this.#follow(engine);
    if (revival !== undefined) {
      this.#revival = new Revival(revival, clock, this.display, {
        waiting: (reason) => this.#tell({ state: 'starting', reason }),
        again: (next) => this.#startAgain(next),
      });
    }
  }

  /** The present one; another after each restart. */
  get engine(): Engine {
    return this.#engine;
  }
  get state(): EngineState {
    return this.#between?.state ?? this.#engine.state;
  }
  /** Why it is in this state, where there is something to say. */
  get reason(): string | undefined {
    return this.#reason;
  }
  /** How often the guest was started again by policy. */
  get restarts(): number {
    return this.#revival?.count ?? 0;
  }

  /** Resolves when the guest runs. Rejects as Engine.start does. */
  start(signal?: AbortSignal): Promise<void> {
    return this.#engine.start(this.display, signal);
  }

  /** Resolves with the first picture, at once if there is one already. */
  async firstFrame(signal?: AbortSignal): Promise<void> {
    if (!this.display.hasFrame) await this.display.onFrame.next(signal);
  }

  async power(action: PowerAction): Promise<void> {
    // Where there is no guest, what can be had is not to wait for the next, or to have none.
    if (this.#between !== undefined && action === 'reset') return this.#revival?.hurry();
    if (this.state === 'starting' && action === 'off') return this.#giveUp();
    if (action === 'shutdown') this.#revival?.expectEnd();
    if (action === 'off') this.#revival?.cancel();
    return this.#engine.power(action);
  }

  requestSize(width: number, height: number): Promise<boolean> {
    return this.#engine.requestSize(width, height);
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('stopped'));
    this.#revival?.cancel();
    await this.#engine.stop();
    this.display.close();
  }

  #follow(engine: Engine): () => void {
    const offs = [
      engine.onLeds.on((leds) => this.input.setLeds(leds)),
      engine.onState.on((change) => this.#handle(change)),
    ];
    return () => {
      for (const off of offs) off();
    };
  }

  #handle(change: EngineStateChange): void {
    if (this.#end.signal.aborted || this.#revival?.catches(change) !== true) this.#tell(change);
  }

  #tell(change: EngineStateChange): void {
    this.#between = change.state === this.#engine.state ? undefined : change;
    this.#reason = change.reason;
    this.onState.emit(change);
  }

  /** Rejects when the new engine cannot be made or does not start. */
  async #startAgain(next: () => Promise<Engine>): Promise<void> {
    this.#ignoreEngine();
    await this.#engine.stop();
    const engine = await next();
    if (this.#end.signal.aborted) return;
    this.#engine = engine;
    this.#ignoreEngine = this.#follow(engine);
    await engine.start(this.display, this.#end.signal);
  }

  async #giveUp(): Promise<void> {
    this.#end.abort(new UserError('turned off before it ran'));
    this.#revival?.cancel();
    this.#ignoreEngine();
    await this.#engine.stop();
    this.#tell({ state: 'off' });
  }
}
