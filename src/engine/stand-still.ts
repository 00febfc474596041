import { messageOf, Problem } from '../base/errors.js';
import type { EngineState } from './engine.js';

/** The engine, as far as somebody who saves its guest is concerned. */
export interface Standing {
  state(): EngineState;
  pause(reason: string): Promise<void>;
  resume(): Promise<void>;
}

/** Holds a guest still while its state is being written; one at a time. */
export class StandStill {
  readonly #engine: Standing;
  #isActive = false;

  constructor(engine: Standing) {
    this.#engine = engine;
  }

  /** The guest is neither to be resumed nor to be reset at present. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Does `work` while the guest stands still. Rejects with Problem, and leaves the guest as it was. */
  async during(work: () => Promise<void>, then: 'stays paused' | 'goes on'): Promise<void> {
    const before = this.#engine.state();
    if (before !== 'running' && before !== 'paused') {
      throw new Problem('wrong-state', `the machine is ${before}; only one that runs or is paused has a state to save`);
    }
    if (this.#isActive) throw new Problem('busy', "the machine's state is being saved already");
    this.#isActive = true;
    let goesOn = before === 'running';
    try {
      if (goesOn) await this.#engine.pause('its state is being saved');
      await work();
      goesOn &&= then === 'goes on';
    } catch (error) {
      throw error instanceof Problem ? error : new Problem('failed', `the state was not saved: ${messageOf(error)}`);
    } finally {
      this.#isActive = false;
      if (goesOn && this.#engine.state() === 'paused') await this.#engine.resume();
    }
  }
}
