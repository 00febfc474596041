import { availableParallelism } from 'node:os';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import type { Catalog } from '../../src/catalog/catalog.js';
import type { HostMemory } from './host-memory.js';
import { IdleWatch } from './idle.js';
import { type MachineSurroundings, ManagedMachine } from './managed-machine.js';
import { Pools } from './pool.js';
import { sameName } from './roles.js';
import { Starts } from './starts.js';

export interface ServiceOptions extends Omit<MachineSurroundings, 'admit' | 'starts'> {
  readonly memory: HostMemory;
  /** Resolves when nobody logs in just now. */
  readonly loginsDone: () => Promise<void>;
}

/** Machines that start at the same time: as many as there are processors, and more than one that hangs. */
const STARTS = Math.max(2, availableParallelism());

/** What happens to machines, for whoever shows them. */
export type MachineEvent = { readonly type: 'changed' | 'gone' | 'sessions' | 'screen'; readonly machine: string };

/** Knows which machines there are and which run, and keeps it that way. */
export class Service {
  readonly catalog: Catalog;
  readonly memory: HostMemory;
  readonly pools: Pools;
  readonly clock: Clock;
  readonly log: Logger;
  readonly startedAt = new Date();
  readonly onMachine = new Emitter<MachineEvent>();
  readonly #options: ServiceOptions;
  readonly #machines = new Map<string, ManagedMachine>();
  readonly #starts: Starts;
  readonly #idle: IdleWatch;
  readonly #offCatalog: () => void;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.catalog = options.catalog;
    this.memory = options.memory;
    this.clock = options.clock;
    this.log = options.log;
    this.pools = new Pools(options.catalog);
    this.#starts = new Starts(STARTS, options.loginsDone, options.clock);
    this.#idle = new IdleWatch(options.clock, options.log, { loggedOut: (machine) => this.#rollBackForGood(machine) });
    for (const { name } of this.catalog.entries()) this.#add(name);
    this.#offCatalog = this.catalog.onChange.on((name) => this.#follow(name));
  }

  /** Finds the machines that run already. Those that are to start with the service begin to: nobody waits for them. */
  async open(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.process.adopt()));
    for (const machine of this.machines) this.#idle.found(machine);
    for (const machine of this.machines) {
      const { config } = machine.entry;
      if (config?.autostart !== true || config.template === true || machine.isUp) continue;
      machine.start().catch((error: unknown) => {
        this.log.error({ machine: machine.name, reason: messageOf(error) }, 'autostart failed');
      });
    }
  }

  get machines(): readonly ManagedMachine[] {
    return [...this.#machines.values()];
  }

  /** Throws Problem 'no-such-machine'. */
  machine(name: string): ManagedMachine {
    const found = this.#machines.get(name.toLowerCase());
    if (found === undefined) throw new Problem('no-such-machine', `there is no machine ${name}`);
    return found;
  }

  /** MiB that running guests have been promised. */
  get promisedMiB(): number {
    return this.machines.reduce((sum, machine) => sum + machine.promisedMiB, 0);
  }

  async remove(name: string): Promise<void> {
    const machine = this.machine(name);
    await machine.exclusively(async () => {
      if (machine.isUp) throw new Problem('wrong-state', `${machine.name} is running; stop it first`);
      await machine.giveUp();
      await this.catalog.remove(machine.name);
    });
  }

  /** Lets go of all machines, which go on. */
  close(): void {
    this.#offCatalog();
    this.#idle.close();
    for (const machine of this.machines) machine.close();
  }

  #add(name: string): ManagedMachine {
    const machine: ManagedMachine = new ManagedMachine(name, {
      ...this.#options,
      admit: (memoryMiB) => this.memory.admit(memoryMiB, this.promisedMiB),
      starts: this.#starts,
    });
    this.#machines.set(name.toLowerCase(), machine);
    machine.onChange.on(() => {
      this.#idle.look(machine);
      this.onMachine.emit({ type: 'changed', machine: machine.name });
    });
    machine.process.onEvent.on(({ event }) => {
      if (event === 'sessions' || event === 'screen') this.onMachine.emit({ type: event, machine: machine.name });
    });
    return machine;
  }

  #follow(name: string): void {
    const known = this.#machines.get(name.toLowerCase());
    const exists = this.catalog.entries().some((entry) => sameName(entry.name, name));
    if (exists) {
      const machine = known ?? this.#add(name);
      this.#idle.look(machine);
      this.onMachine.emit({ type: 'changed', machine: machine.name });
    } else if (known !== undefined) {
      this.#idle.forget(known);
      known.close();
      this.#machines.delete(name.toLowerCase());
      this.onMachine.emit({ type: 'gone', machine: known.name });
    }
  }

  /** What an ephemeral machine's user did is forgotten; the next login makes a new one. */
  async #rollBackForGood(machine: ManagedMachine): Promise<void> {
    this.log.info({ machine: machine.name, user: machine.entry.config?.origin?.user }, 'logged out: rolled back');
    if (machine.isUp) await machine.stop();
    await this.remove(machine.name);
  }
}
