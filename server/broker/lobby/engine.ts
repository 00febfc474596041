import type { Clock } from '../../../src/base/clock.js';
import { Problem } from '../../../src/base/errors.js';
import { Emitter } from '../../../src/base/events.js';
import type { Display } from '../../../src/display/display.js';
import { fitsFramebuffer } from '../../../src/display/framebuffer.js';
import type { Engine, EngineCapabilities, EngineState, EngineStateChange } from '../../../src/engine/engine.js';
import { ARROW } from '../../../src/engine/pattern/arrow.js';
import type { Leds, PointerEvent, ScanCode } from '../../../src/input/events.js';
import { Canvas } from '../../../src/paint/canvas.js';
import { LIMITS } from '../../limits.js';
import type { Screen } from './screen.js';

export const LOBBY_WIDTH = 1024;
export const LOBBY_HEIGHT = 768;
/** Smaller than this and the lobby's parts overlap. */
const MIN_WIDTH = 320;
const MIN_HEIGHT = 240;
/** From one drawing to the next at least, and so many times as long as it takes: other clients' turns come in between. */
const DRAW_MS = 16;
const DRAW_SHARE = 4;

export interface LobbySize {
  readonly width: number;
  readonly height: number;
}

/**
 * What the broker shows to one client, as an engine: so the protocols serve it like any guest. It draws straight into
 * the framebuffer, only when something is different; what really changed is the display's business.
 */
export class LobbyEngine implements Engine {
  readonly kind = 'lobby';
  readonly accel = null;
  readonly capabilities: EngineCapabilities = {
    power: new Set(),
    absolutePointer: true,
    resize: true,
    saveState: false,
    balloon: false,
  };
  readonly onState = new Emitter<EngineStateChange>();
  readonly onLeds = new Emitter<Leds>();
  /** Somebody pressed something or moved the pointer. */
  readonly onInput = new Emitter<void>();
  readonly #clock: Clock;
  #size: LobbySize;
  readonly #held = new Set<ScanCode>();
  #buttons = 0;
  #inputs = { sinceMs: 0, count: 0 };
  #state: EngineState = 'off';
  #display: Display | undefined;
  #canvas: Canvas | undefined;
  #screen: Screen;
  #isStale = false;
  #offChange: () => void = () => {};
  /** Set while it is too early to draw again. */
  #cancelDraw: (() => void) | undefined;
  #cancelStep: () => void = () => {};

  /** @param size what the client asked for; a size that cannot be becomes the nearest that can */
  constructor(clock: Clock, first: Screen, size: LobbySize = { width: LOBBY_WIDTH, height: LOBBY_HEIGHT }) {
    this.#clock = clock;
    this.#screen = first;
    const wanted = { width: Math.max(MIN_WIDTH, size.width), height: Math.max(MIN_HEIGHT, size.height) };
    const isScreen = fitsFramebuffer(wanted.width, wanted.height);
    this.#size = isScreen ? shrunk(wanted) : { width: LOBBY_WIDTH, height: LOBBY_HEIGHT };
  }

  get state(): EngineState {
    return this.#state;
  }

  async start(display: Display, signal?: AbortSignal): Promise<void> {
    if (this.#display !== undefined) throw new Error('an engine starts once');
    signal?.throwIfAborted();
    this.#display = display;
    display.setCursor(ARROW);
    this.#state = 'running';
    this.#draw();
    this.onState.emit({ state: 'running' });
    this.#enter();
  }

  async stop(): Promise<void> {
    if (this.#state === 'off') return;
    this.#leave();
    this.#cancelDraw?.();
    this.#state = 'off';
    this.onState.emit({ state: 'off' });
  }

  /** Puts another screen in the place of the present one, which is over. */
  show(screen: Screen): void {
    this.#leave();
    this.#screen = screen;
    this.#enter();
    this.#drawSoon();
  }

  key(code: ScanCode, down: boolean): void {
    if (!this.#takesInput()) return;
    const repeated = this.#held.has(code);
    if (down) this.#held.add(code);
    else this.#held.delete(code);
    this.onInput.emit();
    if (down) this.#screen.key(code, repeated);
  }

  pointer(event: PointerEvent): void {
    if (!this.#takesInput()) return;
    const before = this.#buttons;
    this.#buttons = event.buttons;
    this.onInput.emit();
    this.#screen.pointer(event, event.buttons & ~before, before & ~event.buttons);
  }

  power(): Promise<void> {
    return notSupported();
  }
  saveState(): Promise<void> {
    return notSupported();
  }
  snapshot(): Promise<void> {
    return notSupported();
  }
  balloon(): Promise<void> {
    return notSupported();
  }

  async requestSize(width: number, height: number): Promise<boolean> {
    if (this.#state !== 'running' || width < MIN_WIDTH || height < MIN_HEIGHT) return false;
    if (!fitsFramebuffer(width, height) || width * height > LIMITS.lobbyPixels) return false;
    this.#size = { width, height };
    this.#drawSoon();
    return true;
  }

  #takesInput(): boolean {
    const nowMs = this.#clock.now();
    if (nowMs - this.#inputs.sinceMs >= LIMITS.lobbyInputsMs) this.#inputs = { sinceMs: nowMs, count: 0 };
    return this.#state === 'running' && ++this.#inputs.count <= LIMITS.lobbyInputs;
  }

  /** At once after a pause; what changes sooner is drawn together, however fast somebody's keys come. */
  #drawSoon(): void {
    if (this.#cancelDraw !== undefined) {
      this.#isStale = true;
      return;
    }
    this.#isStale = false;
    const startMs = this.#clock.now();
    this.#draw();
    const pauseMs = Math.max(DRAW_MS, DRAW_SHARE * (this.#clock.now() - startMs));
    this.#cancelDraw = this.#clock.after(pauseMs, () => {
      this.#cancelDraw = undefined;
      if (this.#isStale) this.#drawSoon();
    });
  }

  #draw(): void {
    const { width, height } = this.#size;
    if (this.#canvas?.width !== width || this.#canvas.height !== height) {
      const display = this.#display!;
      display.resize(width, height);
      this.#canvas = new Canvas(width, height, display.framebuffer.words);
    }
    this.#screen.draw(this.#canvas);
    this.#present();
  }

  #schedule(): void {
    const { stepMs } = this.#screen;
    if (stepMs === undefined) return;
    this.#cancelStep = this.#clock.after(stepMs, () => {
      this.#screen.step?.(this.#canvas!);
      this.#present();
      this.#schedule();
    });
  }

  #present(): void {
    const display = this.#display!;
    for (const rect of this.#canvas!.takeDirty()) display.damage(rect);
    display.commit();
  }

  #enter(): void {
    this.#offChange = this.#screen.onChange.on(() => this.#drawSoon());
    this.#schedule();
  }

  #leave(): void {
    this.#cancelStep();
    this.#offChange();
    this.#screen.close?.();
  }
}

/** Of the same shape, as often halved as it takes. */
function shrunk({ width, height }: LobbySize): LobbySize {
  const fits = width * height <= LIMITS.lobbyPixels;
  return fits ? { width, height } : shrunk({ width: width >> 1, height: height >> 1 });
}

async function notSupported(): Promise<never> {
  throw new Problem('not-supported', 'there is no guest in the lobby');
}
