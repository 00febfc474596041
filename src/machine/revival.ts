import { BackOff } from '../base/back-off.js';
import type { Clock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import type { Display } from '../display/display.js';
import type { Engine, EngineStateChange } from '../engine/engine.js';
import { Announcement } from '../paint/announcement.js';

/**
 * - 'never': the first end is the last
 * - 'on-crash': a guest that powered off stays off
 * - 'always': only who was told to end stays so
 */
export type RestartPolicy = 'never' | 'on-crash' | 'always';

export interface RevivalOptions {
  readonly policy: RestartPolicy;
  /** A new engine for the next life of the same machine. */
  readonly nextEngine: () => Promise<Engine>;
}

interface RevivalSink {
  /** The guest is gone and will be started again; `reason` says why and when. */
  waiting(reason: string): void;
  /** Now. Rejects when it did not come up. */
  again(next: () => Promise<Engine>): Promise<void>;
}

const SECOND_MS = 1_000;

/** Brings a guest back that has ended, after a wait that grows with each fall, and tells on its screen. */
export class Revival {
  /** How often it was done. */
  count = 0;
  readonly #options: RevivalOptions;
  readonly #clock: Clock;
  readonly #sink: RevivalSink;
  readonly #backOff: BackOff;
  readonly #announcement: Announcement;
  #hasRun = false;
  #endExpected = false;
  #phase: 'alive' | 'waiting' | 'starting' | 'over' = 'alive';
  #cancelTick = (): void => {};

  constructor(options: RevivalOptions, clock: Clock, display: Display, sink: RevivalSink) {
    this.#options = options;
    this.#clock = clock;
    this.#sink = sink;
    this.#backOff = new BackOff(clock);
    this.#announcement = new Announcement(display);
  }

  /** Somebody has asked the guest to power off: if it does, it stays off. */
  expectEnd(): void {
    this.#endExpected = true;
  }

  /** Whether this change is no longer the engine's to tell, because the guest comes back from it. */
  catches({ state, reason }: EngineStateChange): boolean {
    if (this.#phase === 'over') return false;
    if (state === 'running' || state === 'paused') {
      this.#hasRun = true;
      this.#phase = 'alive';
      this.#backOff.succeeded();
      return false;
    }
    // A start that fails ends in 'off', in 'crashed', or in neither: it is `again` that rejects.
    if (this.#phase === 'starting') return state === 'off' || state === 'crashed';
    if (this.#phase === 'waiting') return true;
    if (!this.#hasRun || !this.#comesBackFrom(state)) return false;
    this.#wait(state === 'crashed' ? `the guest crashed: ${reason ?? 'nobody knows why'}` : 'the guest powered off');
    return true;
  }

  /** Does not wait any longer. */
  hurry(): void {
    if (this.#phase === 'waiting') void this.#again();
  }

  /** It does not come back. */
  cancel(): void {
    this.#phase = 'over';
    this.#backOff.cancel();
    this.#cancelTick();
  }

  #comesBackFrom(state: EngineStateChange['state']): boolean {
    const { policy } = this.#options;
    if (state === 'crashed') return policy !== 'never';
    return state === 'stopped' && policy === 'always' && !this.#endExpected;
  }

  #wait(what: string): void {
    this.#phase = 'waiting';
    const seconds = Math.ceil(this.#backOff.after(() => void this.#again()) / SECOND_MS);
    this.#sink.waiting(`${what}; starting it again in ${seconds} s`);
    this.#count(what, seconds);
  }

  #count(what: string, seconds: number): void {
    if (this.#phase !== 'waiting') return;
    this.#announcement.show(`${what}\nstarting it again in ${seconds} s`);
    this.#cancelTick = this.#clock.after(SECOND_MS, () => this.#count(what, Math.max(1, seconds - 1)));
  }

  async #again(): Promise<void> {
    this.#phase = 'starting';
    this.#endExpected = false;
    this.#backOff.cancel();
    this.#cancelTick();
    this.#announcement.clear();
    this.count++;
    try {
      await this.#sink.again(this.#options.nextEngine);
    } catch (error) {
      // One that ran for a moment has fallen already.
      if (!this.#isStarting) return;
      this.#wait(`the guest did not start: ${messageOf(error)}`);
    }
  }

  /** Said apart: the compiler does not expect it to change while something is awaited. */
  get #isStarting(): boolean {
    return this.#phase === 'starting';
  }
}
