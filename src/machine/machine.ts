import { Emitter } from '../base/events.js';
import { Display } from '../display/display.js';
import type { Engine, EngineState, EngineStateChange, PowerAction } from '../engine/engine.js';
import { Input } from '../input/input.js';

/** Size of the screen before the guest has said what it wants. */
const INITIAL_WIDTH = 640;
const INITIAL_HEIGHT = 480;

/** A virtual machine as servers see it: an engine, the screen it paints, the input it takes. */
export class Machine {
  readonly name: string;
  readonly engine: Engine;
  readonly display = new Display(INITIAL_WIDTH, INITIAL_HEIGHT);
  readonly input: Input;
  readonly onState = new Emitter<EngineStateChange>();

  constructor(name: string, engine: Engine) {
    this.name = name;
    this.engine = engine;
    this.input = new Input({
      key: (code, down) => engine.key(code, down),
      pointer: (event) => engine.pointer(event),
      hasten: () => this.display.hasten(),
    });
    engine.onLeds.on((leds) => this.input.setLeds(leds));
    engine.onState.on((change) => this.onState.emit(change));
  }

  get state(): EngineState {
    return this.engine.state;
  }

  /** Resolves when the guest runs. Rejects as Engine.start does. */
  start(signal?: AbortSignal): Promise<void> {
    return this.engine.start(this.display, signal);
  }

  /** Resolves with the first picture, at once if there is one already. */
  async firstFrame(signal?: AbortSignal): Promise<void> {
    if (!this.display.hasFrame) await this.display.onFrame.next(signal);
  }

  power(action: PowerAction): Promise<void> {
    return this.engine.power(action);
  }

  requestSize(width: number, height: number): Promise<boolean> {
    return this.engine.requestSize(width, height);
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    this.display.close();
  }
}
