import type { Clock } from '../../src/base/clock.js';
import { messageOf } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { MachineEntry } from '../../src/catalog/entry.js';
import type { ManagedMachine } from './managed-machine.js';

/** A machine that is rolled back at logout waits this long for its user to come back: connections break. */
const LOGOUT_MS = 15_000;
const MINUTE_MS = 60_000;

export interface IdleActions {
  /** The user of an ephemeral machine has left for good. */
  loggedOut(machine: ManagedMachine): Promise<void>;
}

interface Plan {
  /** Tells it from another one. */
  readonly what: string;
  readonly afterMs: number;
  act(): Promise<void>;
}

/** Watches for machines that nobody looks at, and does with them what their definitions say. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #actions: IdleActions;
  /** Machines that run with nobody connected: what they wait for, and the timer's end. */
  readonly #waiting = new Map<ManagedMachine, { readonly what: string; readonly cancel: () => void }>();
  /** Machines that somebody was connected to. */
  readonly #visited = new WeakSet<ManagedMachine>();

  constructor(clock: Clock, log: Logger, actions: IdleActions) {
    this.#clock = clock;
    this.#log = log;
    this.#actions = actions;
  }

  /** Something about `machine`, or its definition, has changed. */
  look(machine: ManagedMachine): void {
    const seen = machine.process.sessions.length > 0;
    if (seen) this.#visited.add(machine);
    if (seen || !this.#mayRest(machine)) {
      this.forget(machine);
      return;
    }
    const plan = this.#plan(machine);
    if (this.#waiting.get(machine)?.what === plan?.what) return;
    this.forget(machine);
    if (plan === undefined) return;
    const cancel = this.#clock.after(plan.afterMs, () => {
      this.#waiting.delete(machine);
      plan.act().catch((error: unknown) => {
        this.#log.warn({ machine: machine.name, reason: messageOf(error) }, 'an idle machine could not be put to rest');
      });
    });
    this.#waiting.set(machine, { what: plan.what, cancel });
  }

  /** It was there before this service was: nobody knows who has been at it. */
  found(machine: ManagedMachine): void {
    this.#visited.add(machine);
    this.look(machine);
  }

  forget(machine: ManagedMachine): void {
    this.#waiting.get(machine)?.cancel();
    this.#waiting.delete(machine);
  }

  close(): void {
    for (const { cancel } of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }

  /** One that is to be rolled back is so, too, when its user has turned it off. */
  #mayRest({ process: { state }, entry }: ManagedMachine): boolean {
    return state === 'running' || (isEphemeral(entry) && state !== 'starting');
  }

  #plan(machine: ManagedMachine): Plan | undefined {
    const { config } = machine.entry;
    if (isEphemeral(machine.entry)) {
      if (!this.#visited.has(machine)) return undefined;
      return { what: 'log out', afterMs: LOGOUT_MS, act: () => this.#actions.loggedOut(machine) };
    }
    if (config?.idle === undefined) return undefined;
    const { action, afterMinutes } = config.idle;
    const act = {
      pause: () => machine.power('pause'),
      save: () => machine.save(),
      shutdown: () => machine.power('shutdown'),
    };
    return {
      what: `${action} after ${afterMinutes} min`,
      afterMs: afterMinutes * MINUTE_MS,
      act: () => {
        this.#log.info({ machine: machine.name, action }, 'nobody is connected');
        return act[action]();
      },
    };
  }
}

function isEphemeral({ config }: MachineEntry): boolean {
  return config?.origin?.ephemeral === true;
}
