import pino from 'pino';
import { systemClock } from '../../src/base/clock.js';
import { Problem, UserError } from '../../src/base/errors.js';
import { hardwareId } from '../../src/catalog/hardware.js';
import { readEntry } from '../../src/catalog/read-entry.js';
import { keepRunningOnBugs } from '../bugs.js';
import { resumeRdp } from '../rdp/session.js';
import { resumeRfb } from '../rfb/session.js';
import { tellVisitors } from '../session/demo-visitors.js';
import { openStateDir } from '../state-dir.js';
import { engineFor } from '../vm/engine.js';
import { whenHomeless } from '../vm/homeless.js';
import { runVm } from '../vm/process.js';
import { logTo } from './log-destination.js';

export interface MachineArgs {
  /** In the catalog. */
  readonly folder: string;
  /** Private socket to serve it on. */
  readonly socket: string;
  /** For what is known of this host. */
  readonly stateDir: string;
  /** Its definition has just been found to be one: it is not checked again, which would take 9 MB and a tenth of a second. */
  readonly isChecked: boolean;
}

/** Told apart from a failure to start, which is 1. */
const EXIT_CRASHED = 3;

/**
 * Runs one machine of the catalog until its guest has ended. Sets exit code 3 where it has crashed; rejects, for exit
 * code 1, where it did not start.
 */
export async function machine(args: MachineArgs): Promise<void> {
  const entry = await readEntry(args.folder, args.isChecked);
  const { config, problem, name } = entry;
  if (config === undefined) throw new Problem('invalid-definition', problem ?? `${name} has no definition`);
  const log = pino(logTo(1)).child({ machine: name });
  const around = { stateDir: openStateDir(args.stateDir), log };
  keepRunningOnBugs(log);
  let hardware = hardwareId(config);
  const { signal, end: turnOff } = terminated();
  const engine = await engineFor(entry, around, entry.stored.saved);
  const stopLooking = whenHomeless(args.folder, systemClock, () => {
    log.error({ folder: args.folder }, 'the folder of this machine is gone: it is turned off');
    turnOff();
  });
  const end = await runVm({
    name,
    socket: args.socket,
    share: config.console?.share ?? 'shared',
    restart: config.restart ?? 'on-crash',
    engine,
    // Its disks may have moved on to others meanwhile, and a state is good for one start only.
    nextEngine: async () => {
      const next = await readEntry(args.folder);
      if (next.config !== undefined) hardware = hardwareId(next.config);
      return engineFor(next, around, null);
    },
    hardware: () => hardware,
    resume: { rdp: resumeRdp, rfb: resumeRfb },
    clock: systemClock,
    log,
    signal,
    prepare: (vm, sessions) => {
      if (config.demo === true) tellVisitors(vm, sessions);
    },
  }).finally(stopLooking);
  if (end === 'crashed') process.exitCode = EXIT_CRASHED;
}

/** A service's SIGTERM. What a terminal sends to all that was started in it is not for us: machines outlive it. */
function terminated(): { readonly signal: AbortSignal; end(): void } {
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  const controller = new AbortController();
  const end = (): void => controller.abort(new UserError('ended before it had started'));
  process.on('SIGTERM', end);
  return { signal: controller.signal, end };
}
