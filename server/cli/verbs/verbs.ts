import type { CommandModule } from 'yargs';
import { CONSOLE_VERBS } from './consoles.js';
import { DOCTOR } from './doctor.js';
import { HOST_VERBS } from './host.js';
import { MACHINE_VERBS } from './machines.js';
import { PEOPLE_VERBS } from './people.js';
import { SNAPSHOT_VERBS } from './snapshots.js';
import { WAIT } from './wait.js';

/** The commands that ask the service, in the order of the help. */
export const VERBS: readonly CommandModule<object, object>[] = [
  ...MACHINE_VERBS,
  ...SNAPSHOT_VERBS,
  ...CONSOLE_VERBS,
  WAIT,
  ...HOST_VERBS,
  ...PEOPLE_VERBS,
  DOCTOR,
];
