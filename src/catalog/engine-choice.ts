import { Problem } from '../base/errors.js';
import { DEMO_MEMORY_MIB } from '../engine/emulator/demo/image.js';
import { DEFAULT_MEMORY_MIB } from '../machine/definition.js';
import type { MachineConfig } from './config.js';
import { emulatorLacks } from './emulator-lacks.js';

export interface EngineChoice {
  readonly engine: 'emulator' | 'qemu';
  /** Why it cannot run the machine after all. */
  readonly problem?: Problem;
}

/** The emulator's guests are small ones, and their memory is its process's own. */
export const EMULATOR_MEMORY_MIB = 512;

/** The demo is the emulator's own guest; all else goes to QEMU, and to the emulator only where there is no QEMU. */
export function chooseEngine(config: MachineConfig, hasQemu: boolean): EngineChoice {
  const { engine = 'auto' } = config;
  if (engine === 'qemu') return { engine };
  const lacks = emulatorLacks(config);
  const why = `the embedded emulator has no ${lacks}`;
  if (engine === 'emulator') {
    return lacks === undefined ? { engine } : { engine, problem: new Problem('invalid-definition', why) };
  }
  if (lacks === undefined && (config.demo === true || !hasQemu)) return { engine: 'emulator' };
  if (hasQemu) return { engine: 'qemu' };
  return {
    engine: 'qemu',
    problem: new Problem('not-supported', `QEMU is not installed on this host, and ${why}`),
  };
}

/** MiB that the guest gets. */
export function memoryOf({ memory, demo }: MachineConfig, engine: EngineChoice['engine']): number {
  if (memory !== undefined) return memory;
  if (demo === true) return DEMO_MEMORY_MIB;
  return engine === 'emulator' ? EMULATOR_MEMORY_MIB : DEFAULT_MEMORY_MIB;
}
