import type { MachineConfig } from '../../src/catalog/config.js';
import { DEFAULT_MEMORY_MIB } from '../../src/machine/definition.js';
import { EMULATOR_MEMORY_MIB } from '../vm/engine.js';

/** As the demo's engine gives it. */
const DEMO_MEMORY_MIB = 64;

/** What a machine will run on, for lists and sums; the machine's process decides when it starts. */
export class EnginePlan {
  readonly #hasQemu: boolean;

  constructor(hasQemu: boolean) {
    this.#hasQemu = hasQemu;
  }

  readonly engineOf = (config: MachineConfig | undefined): string => {
    const { engine = 'auto', demo = false } = config ?? {};
    if (engine !== 'auto') return engine;
    return demo || !this.#hasQemu ? 'emulator' : 'qemu';
  };

  /** MiB that a guest gets whose definition does not say. */
  readonly defaultMemoryMiB = (config: MachineConfig): number => {
    if (config.demo === true) return DEMO_MEMORY_MIB;
    return this.engineOf(config) === 'emulator' ? EMULATOR_MEMORY_MIB : DEFAULT_MEMORY_MIB;
  };
}
