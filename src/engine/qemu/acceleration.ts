import type { Accel } from '../../machine/definition.js';

/** How a guest's CPU is run, settled. */
export interface Acceleration {
  /** For -accel. */
  readonly accel: Exclude<Accel, 'auto'>;
  /** For -cpu. */
  readonly cpu: string;
}
