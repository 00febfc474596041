import { createHash } from 'node:crypto';
import type { MachineConfig } from './config.js';
import { formatConfig } from './yaml.js';

/** What is not hardware: a snapshot that is restored does not bring back whoever had access then. */
const NOT_HARDWARE: ReadonlySet<string> = new Set([
  'description',
  'console',
  'restart',
  'autostart',
  'idle',
  'template',
  'pool',
  'origin',
  'access',
] as const satisfies readonly (keyof MachineConfig)[]);

const only = (config: MachineConfig, isHardware: boolean): MachineConfig =>
  Object.fromEntries(Object.entries(config).filter(([key]) => NOT_HARDWARE.has(key) !== isHardware));

/** `present` with the hardware of `then`. */
export function withHardware(present: MachineConfig, then: MachineConfig): MachineConfig {
  return { ...only(present, false), ...only(then, true) };
}

/** The same for the same hardware: a guest's state fits no other. */
export function hardwareId(config: MachineConfig): string {
  return createHash('sha256')
    .update(formatConfig(only(config, true)))
    .digest('hex')
    .slice(0, 16);
}
