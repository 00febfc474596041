import { type Clock, systemClock } from '../../base/clock.js';
import { UserError } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';
import { type Logger, silentLog } from '../../base/log.js';
import type { Display } from '../../display/display.js';
import { fitsFramebuffer } from '../../display/framebuffer.js';
import type { Leds, PointerEvent, ScanCode } from '../../input/events.js';
import type { Engine, EngineCapabilities, EngineState, EngineStateChange, PowerAction } from '../engine.js';
import { refuse } from '../not-supported.js';
import { Guest } from './guest.js';

/** Smaller than this and the card's parts overlap. */
const MIN_WIDTH = 320;
const MIN_HEIGHT = 200;
const DEFAULT_FPS = 10;
const MAX_FPS = 60;

export interface PatternOptions {
  readonly width?: number;
  readonly height?: number;
  /** Steps a second of what moves, at most 60; 0 starts with everything at rest (F5 then moves it at 10). */
  readonly fps?: number;
  readonly log?: Logger;
  readonly clock?: Clock;
}

/** `--engine pattern`: a test card that moves and echoes keys and pointer, for development and tests. */
export class PatternEngine implements Engine {
  readonly kind = 'pattern';
  readonly accel = null;
  readonly capabilities: EngineCapabilities = {
    power: new Set<PowerAction>(['pause', 'resume', 'reset', 'shutdown', 'off']),
    absolutePointer: true,
    resize: true,
    saveState: false,
    balloon: false,
  };
  readonly onState = new Emitter<EngineStateChange>();
  readonly onLeds = new Emitter<Leds>();
  readonly #width: number;
  readonly #height: number;
  readonly #animated: boolean;
  readonly #stepMs: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  #state: EngineState = 'off';
  #display: Display | undefined;
  #guest: Guest | undefined;
  #cancelStep: (() => void) | undefined;

  /** Throws UserError for a size or a pace that cannot be. */
  constructor(options: PatternOptions = {}) {
    const { width = 1024, height = 768, fps = DEFAULT_FPS, log = silentLog, clock = systemClock } = options;
    if (!isPossible(width, height)) throw new UserError(`the test card cannot be ${width}x${height}`);
    if (!(fps >= 0 && fps <= MAX_FPS)) throw new UserError(`the test card moves 0 to ${MAX_FPS} times a second`);
    this.#width = width;
    this.#height = height;
    this.#animated = fps > 0;
    this.#stepMs = 1000 / (fps > 0 ? fps : DEFAULT_FPS);
    this.#clock = clock;
    this.#log = log;
  }

  get state(): EngineState {
    return this.#state;
  }
  /** The line typed since the last Enter, as a US keyboard makes it. */
  get typed(): string {
    return this.#guest?.typed ?? '';
  }

  async start(display: Display, signal?: AbortSignal): Promise<void> {
    if (this.#display !== undefined) throw new Error('an engine starts once');
    signal?.throwIfAborted();
    this.#display = display;
    this.#setState('starting');
    this.#boot(display);
    this.#log.info({ width: this.#width, height: this.#height }, 'test card is up');
    this.#setState('running');
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#end('off');
  }

  key(code: ScanCode, down: boolean): void {
    if (this.#state === 'running') this.#guest?.key(code, down);
  }

  pointer(event: PointerEvent): void {
    if (this.#state === 'running') this.#guest?.pointer(event);
  }

  async power(action: PowerAction): Promise<void> {
    const wanted: EngineState = action === 'resume' ? 'paused' : 'running';
    const fits = this.#state === wanted || (this.#state === 'paused' && action !== 'pause');
    if (!fits) throw new UserError(`cannot ${action} a machine that is ${this.#state}`);
    switch (action) {
      case 'pause':
        this.#cancel();
        return this.#setState('paused');
      case 'resume':
        this.#setState('running');
        return this.#schedule();
      case 'reset':
        this.#boot(this.#display!);
        return this.#schedule();
      case 'shutdown':
        // A paused guest does not see its power button.
        if (this.#state === 'running') this.#end('stopped', 'the guest powered off');
        return;
      case 'off':
        return this.#end('off');
    }
  }

  async requestSize(width: number, height: number): Promise<boolean> {
    if (this.#state !== 'running' || !isPossible(width, height)) return false;
    this.#guest?.setMode(width, height);
    return true;
  }

  saveState(): Promise<void> {
    return refuse('the test card', 'be saved');
  }
  snapshot(): Promise<void> {
    return refuse('the test card', 'be saved');
  }
  balloon(): Promise<void> {
    return refuse('the test card', 'give memory back');
  }

  #boot(display: Display): void {
    this.#cancel();
    this.#guest = new Guest(display, this.#width, this.#height, this.#animated, {
      leds: (leds) => this.onLeds.emit(leds),
      motion: () => this.#schedule(),
      ended: (how, reason) => this.#end(how, reason),
    });
  }

  /** Arms the next step if something moves; at rest there is no timer. */
  #schedule(): void {
    if (this.#state !== 'running' || this.#cancelStep !== undefined || !this.#guest?.isMoving) return;
    this.#cancelStep = this.#clock.after(this.#stepMs, () => {
      this.#cancelStep = undefined;
      if (!this.#guest?.isMoving) return;
      this.#guest.step();
      this.#schedule();
    });
  }

  #end(state: 'off' | 'stopped' | 'crashed', reason?: string): void {
    this.#cancel();
    this.#guest = undefined;
    if (this.#state !== 'off') this.#setState(state, reason);
  }

  #cancel(): void {
    this.#cancelStep?.();
    this.#cancelStep = undefined;
  }

  #setState(state: EngineState, reason?: string): void {
    this.#state = state;
    this.onState.emit(reason === undefined ? { state } : { state, reason });
  }
}

function isPossible(width: number, height: number): boolean {
  const whole = Number.isInteger(width) && Number.isInteger(height);
  return whole && width >= MIN_WIDTH && height >= MIN_HEIGHT && fitsFramebuffer(width, height);
}
