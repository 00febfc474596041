import { join } from 'node:path';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import { OneAtATime } from '../../src/base/one-at-a-time.js';
import type { Catalog } from '../../src/catalog/catalog.js';
import type { MachineConfig } from '../../src/catalog/config.js';
import type { MachineEntry, Snapshot } from '../../src/catalog/entry.js';
import { hardwareId } from '../../src/catalog/hardware.js';
import type { PowerAction } from '../../src/engine/engine.js';
import type { MachineState } from '../api/views.js';
import { ComeBack } from './come-back.js';
import { costOf } from './host-memory.js';
import { MachineProcess } from './machine-process.js';
import type { Starts } from './starts.js';

/** A start that takes longer lets others begin: two that hang are not to keep a host from starting anything. */
const TURN_MS = 30_000;

export interface MachineSurroundings {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly log: Logger;
  /** Throws Problem 'host-full' where a guest of this memory is too much now. */
  readonly admit: (memoryMiB: number) => void;
  readonly starts: Pick<Starts, 'take'>;
  /** Of the private sockets. */
  readonly runtimeFolder: string;
  /** Program and arguments of a machine's process. */
  readonly command: (folder: string, socket: string) => readonly [string, ...string[]];
  /** MiB that a guest gets. */
  readonly memoryOf: (config: MachineConfig) => number;
}

/** One machine of the catalog with its process, if it has one: what can be done with it, one thing at a time. */
export class ManagedMachine {
  readonly name: string;
  readonly process: MachineProcess;
  readonly onChange = new Emitter<void>();
  readonly #around: MachineSurroundings;
  /** From where no service before this one has got to: browsers keep pictures by their numbers. */
  #screens = Date.now();
  readonly #turn = new OneAtATime();
  readonly #comeBack: ComeBack;
  #waiting = new AbortController();
  #busy: 'waiting' | 'saving' | 'stopping' | undefined;
  /** The guest gives back what a balloon takes. */
  #balloonMiB: number | undefined;

  constructor(name: string, around: MachineSurroundings) {
    this.name = name;
    this.#around = around;
    const log = around.log.child({ machine: name });
    const socket = join(around.runtimeFolder, `${name}.sock`);
    const { folder } = this.entry;
    this.process = new MachineProcess({
      name,
      folder,
      socket,
      logFile: this.logFile,
      command: around.command(folder, socket),
      clock: around.clock,
      log,
    });
    this.#comeBack = new ComeBack({
      clock: around.clock,
      log,
      isWanted: () => this.process.state === 'crashed' && this.#mayRestart(),
      start: () =>
        this.#turn.run(async () => {
          if (this.process.state === 'crashed') await this.#start();
        }),
    });
    this.process.onDeath.on(() => this.#comeBack.fell());
    this.process.onChange.on(() => this.onChange.emit());
    this.process.onEvent.on(({ event }) => {
      if (event === 'screen') this.#screens++;
    });
  }

  get entry(): MachineEntry {
    return this.#around.catalog.entry(this.name);
  }
  /** Throws Problem 'invalid-definition'. */
  get config(): MachineConfig {
    const { config, problem } = this.entry;
    if (config === undefined) throw new Problem('invalid-definition', problem ?? `${this.name} has no definition`);
    return config;
  }
  get logFile(): string {
    return join(this.entry.folder, 'log');
  }

  get state(): MachineState {
    if (this.#busy !== undefined) return this.#busy === 'waiting' ? 'starting' : this.#busy;
    const { state } = this.process;
    if (state !== 'off') return state;
    const { config, stored } = this.entry;
    if (config === undefined) return 'invalid';
    if (config.template === true) return 'template';
    return stored.saved === null ? 'off' : 'saved';
  }
  /** Which picture its screen shows: counted before anybody else hears that there is another. */
  get screens(): number {
    return this.#screens;
  }
  get reason(): string | undefined {
    if (this.#busy === 'waiting') return 'waits for its turn to start';
    const { reason } = this.process;
    const { plan } = this.#comeBack;
    return plan === undefined ? reason : `${reason}; ${plan}`;
  }
  /** Whether it runs in some way: its disks are in use. */
  get isUp(): boolean {
    return this.process.isAlive || this.process.state === 'starting';
  }
  /** What of the host's memory it has been promised. */
  get promisedMiB(): number {
    return this.isUp ? costOf(this.#balloonMiB ?? this.memoryMiB) : 0;
  }
  get memoryMiB(): number {
    const { config } = this.entry;
    return config === undefined ? 0 : this.#around.memoryOf(config);
  }

  start(): Promise<void> {
    return this.#turn.run(() => this.#start());
  }

  /** Starts it, or lets it go on, whatever it takes; nothing where it runs. For whoever wants its screen. */
  wake(): Promise<void> {
    return this.#turn.run(async () => {
      if (this.process.state === 'paused') await this.#power('resume');
      else if (this.process.hangs) throw this.#hung;
      else if (!this.isUp) await this.#start();
    });
  }

  async #start(): Promise<void> {
    const { config } = this;
    if (config.template === true)
      throw new Problem('wrong-state', `${this.name} is a template; clone it to get a machine`);
    if (this.process.hangs) throw this.#hung;
    if (this.isUp) throw new Problem('wrong-state', `${this.name} is ${this.process.state} already`);
    this.#comeBack.cancel();
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    const turn = await this.#while('waiting', () => this.#around.starts.take(signal));
    // Whatever takes longer does not wait for a processor.
    const cancel = this.#around.clock.after(TURN_MS, turn);
    const saved = await this.#startNow().finally(() => {
      cancel();
      turn();
    });
    this.#comeBack.succeeded();
    if (saved !== null) await this.#tidy();
    // Its screen has got a size meanwhile.
    await this.process.refresh();
    this.onChange.emit();
  }

  /** The saved state that it goes on from. */
  async #startNow(): Promise<string | null> {
    const { catalog, admit } = this.#around;
    const { saved } = (await catalog.prepare(this.name)).stored;
    // In one turn with the start: of two that fit one by one only, the second finds the first promised.
    admit(this.memoryMiB);
    this.#balloonMiB = undefined;
    await this.process.start();
    return saved;
  }

  /** The guest has used its state up by going on from it: what is on record is only the name. */
  async #tidy(): Promise<void> {
    await this.#around.catalog.setSaved(this.name, null).catch((error: unknown) => {
      this.#around.log.warn({ machine: this.name, reason: messageOf(error) }, 'a used state stays on record');
    });
  }

  power(action: Exclude<PowerAction, 'off'>): Promise<void> {
    return this.#turn.run(() => this.#power(action));
  }

  async #power(action: PowerAction): Promise<void> {
    await this.process.request('power', { action });
  }

  /** One that starts, or waits to, is stopped at once: its start may take for ever. */
  stop(): Promise<void> {
    if (this.process.state === 'starting') return this.#stop();
    if (this.#busy !== 'waiting') return this.#turn.run(() => this.#stop());
    this.#waiting.abort(new Problem('wrong-state', `${this.name} was stopped while it waited to start`));
    return this.#turn.run(() => this.giveUp());
  }

  async #stop(): Promise<void> {
    if (!this.isUp) {
      // A machine that waits to be started again by policy is let go of.
      if (this.process.state !== 'crashed') throw new Problem('wrong-state', `${this.name} is not running`);
    }
    this.#comeBack.cancel();
    await this.#while('stopping', () => this.process.stop());
  }

  save(): Promise<void> {
    return this.#turn.run(async () => {
      if (!this.isUp) throw new Problem('wrong-state', `${this.name} is not running`);
      await this.#mustFit();
      const stateFile = await this.#around.catalog.savedStateFile(this.name);
      await this.#while('saving', () => this.process.save(stateFile));
      await this.#around.catalog.setSaved(this.name, stateFile);
    });
  }

  discard(): Promise<void> {
    return this.#turn.run(async () => {
      if (this.entry.stored.saved === null) throw new Problem('wrong-state', `${this.name} has no saved state`);
      if (this.isUp) throw new Problem('wrong-state', `${this.name} is running`);
      await this.#around.catalog.setSaved(this.name, null);
    });
  }

  balloon(memoryMiB: number): Promise<void> {
    return this.#turn.run(async () => {
      const most = this.memoryMiB;
      if (memoryMiB > most)
        throw new Problem('bad-request', `${this.name} has ${most} MiB; a balloon cannot give more`);
      await this.process.request('balloon', { memoryMiB });
      this.#balloonMiB = memoryMiB;
    });
  }

  /** Running machines go on meanwhile, but for the moment that writing their state takes. */
  takeSnapshot(name: string, description: string): Promise<Snapshot> {
    return this.#turn.run(async () => {
      const { catalog } = this.#around;
      const running = this.isUp;
      if (running) await this.#mustFit();
      const pending = await catalog.beginSnapshot(this.name, { name, description, running });
      try {
        if (running) {
          const { stateFile, overlays } = pending;
          await this.process.request('snapshot', { stateFile: stateFile!, overlays });
        }
      } catch (error) {
        await catalog.abandonSnapshot(pending);
        throw error;
      }
      return catalog.commitSnapshot(pending);
    });
  }

  /** A state goes on with the hardware that it is of, and with no other: it would be lost. */
  async #mustFit(): Promise<void> {
    await this.process.refresh();
    const { hardware } = this.process.status ?? {};
    if (hardware === undefined || hardware === hardwareId(this.config)) return;
    throw new Problem(
      'wrong-state',
      `${this.name} was defined anew while it runs, and its state would not fit: restart it, or define it as it was, first`,
    );
  }

  /** Back to a snapshot. It runs again if it ran when the snapshot was taken and runs now, or `andStart` says so. */
  restore(id: string, andStart: boolean): Promise<void> {
    return this.#turn.run(async () => {
      const { catalog } = this.#around;
      const wasUp = this.isUp;
      if (!catalog.snapshots(this.name).some((snapshot) => snapshot.id === id)) {
        throw new Problem('no-such-snapshot', `${this.name} has no snapshot ${id}`);
      }
      if (wasUp || this.process.state === 'crashed') await this.#stop();
      await catalog.restore(this.name, id);
      if (wasUp || (andStart && this.entry.stored.saved !== null)) await this.#start();
    });
  }

  removeSnapshot(id: string): Promise<void> {
    return this.#turn.run(() => this.#around.catalog.removeSnapshot(this.name, id));
  }

  /** A machine that is off stays off, whatever its policy. */
  async giveUp(): Promise<void> {
    this.#comeBack.cancel();
    if (!this.isUp) await this.process.stop();
  }

  /** Lets go of the process, which goes on. */
  close(): void {
    this.#comeBack.close();
    this.process.close();
  }

  /** Anything else that must not meet a start or a stop. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.run(work);
  }

  async #while<T>(busy: 'waiting' | 'saving' | 'stopping', work: () => Promise<T>): Promise<T> {
    this.#busy = busy;
    this.onChange.emit();
    try {
      return await work();
    } finally {
      this.#busy = undefined;
      this.onChange.emit();
    }
  }

  get #hung(): Problem {
    return new Problem(
      'unavailable',
      `the process of ${this.name} does not answer; wait, or end it: vitrine stop ${this.name}`,
    );
  }

  #mayRestart(): boolean {
    const { config } = this.entry;
    return config !== undefined && (config.restart ?? 'on-crash') !== 'never';
  }
}
