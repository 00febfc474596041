import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import type { EngineState } from '../../src/engine/engine.js';
import type { ControlEvent, ControlOp, ControlOperations, VmSession, VmStatus } from '../ipc/control.js';
import { type ControlConnection, connectControl } from '../ipc/control-client.js';
import { complaintIn } from './machine-log.js';
import { exists, follow, kill, type Spawned, spawnDetached } from './spawn.js';

/** From spawn to an answering socket; the guest's own start has no limit but its engine's. */
const ANSWER_MS = 30_000;
/** A process that is there already answers at once, or hangs. */
const ADOPT_MS = 5_000;
const POLL_MS = 20;
/** A process that was told to end gets this long before it is killed. */
const END_MS = 10_000;
/** A list of machines does not wait longer for one that hangs. */
const REFRESH_MS = 2_000;

export type ProcessState = 'off' | 'starting' | 'running' | 'paused' | 'crashed';

export interface MachineProcessOptions {
  readonly name: string;
  readonly socket: string;
  /** What the process writes goes here. */
  readonly logFile: string;
  /** Program and arguments that run the machine on `socket`. */
  readonly command: readonly [string, ...string[]];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * One machine's process as the service sees it. The process is nobody's child: it outlives the service, and is found
 * again by its socket. One that ends as it should removes the socket, so a socket without a process behind it means
 * that somebody killed it.
 */
export class MachineProcess {
  readonly onChange = new Emitter<void>();
  readonly onEvent = new Emitter<ControlEvent>();
  /** It ended without a word while it ran. */
  readonly onDeath = new Emitter<void>();
  readonly #options: MachineProcessOptions;
  /** Until it runs. */
  #spawned: Spawned | undefined;
  #control: ControlConnection | undefined;
  #state: ProcessState = 'off';
  #reason: string | undefined;
  #status: VmStatus | undefined;
  #sessions: readonly VmSession[] = [];
  /** The service wants it to end: its end is no crash. */
  #ending = false;
  #closed = false;
  #starting: Promise<void> | undefined;
  #engineState: EngineState | undefined;

  constructor(options: MachineProcessOptions) {
    this.#options = options;
  }

  get state(): ProcessState {
    return this.#state;
  }
  /** Why it is in this state, where there is something to say. */
  get reason(): string | undefined {
    return this.#reason;
  }
  /** As it was when it was last asked for: when the guest began to run, and by `refresh`. */
  get status(): VmStatus | undefined {
    return this.#state === 'off' || this.#state === 'crashed' ? undefined : this.#status;
  }
  get sessions(): readonly VmSession[] {
    return this.#sessions;
  }
  get socket(): string {
    return this.#options.socket;
  }
  get isAlive(): boolean {
    return this.#control !== undefined;
  }

  /** Looks for a process that is there already. */
  async adopt(): Promise<void> {
    const { socket, log } = this.#options;
    const control = await connectControl(socket).catch(() => undefined);
    const starting = control === undefined ? this.#leftStarting() : undefined;
    if (starting !== undefined) {
      log.info({ pid: starting.pid }, 'found starting');
      this.#begin(starting).catch(() => {});
      return;
    }
    if (control === undefined) {
      if (!existsSync(socket)) return;
      this.#died('its process was killed while the service was away');
      return;
    }
    try {
      await this.#attach(control, ADOPT_MS);
      log.info({ pid: this.#status?.pid }, 'found running');
    } catch (error) {
      this.#set('crashed', messageOf(error));
      log.error({ reason: messageOf(error) }, 'a process that hangs serves this machine');
    }
  }

  /** Resolves when the guest runs. Rejects with Problem 'failed'; nothing is left of the process then. */
  start(): Promise<void> {
    const { command, logFile } = this.#options;
    if (this.#starting !== undefined) return this.#starting;
    const spawned = spawnDetached(command, logFile);
    // Until it has opened its socket, nothing else tells another service of it.
    writeFileSync(this.#marker, String(spawned.pid), { mode: 0o600 });
    return this.#begin(spawned);
  }

  #begin(spawned: Spawned): Promise<void> {
    this.#starting = this.#follows(spawned).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  get #marker(): string {
    return `${this.#options.socket}.new`;
  }

  /** What a service that was killed has started a moment before. */
  #leftStarting(): Spawned | undefined {
    if (!existsSync(this.#marker)) return undefined;
    const { socket, logFile } = this.#options;
    return follow(Number(readFileSync(this.#marker, 'utf8')), socket, logFile);
  }

  async #follows(spawned: Spawned): Promise<void> {
    this.#ending = false;
    this.#status = undefined;
    this.#set('starting');
    this.#spawned = spawned;
    try {
      await this.#attach(await this.#answered(spawned), ANSWER_MS);
      // Another one answers where a service was killed in the moment of a start. Ours gives way, before that one ends
      // and makes room for it.
      if (!this.#answers(spawned)) spawned.kill();
      await this.#running(spawned);
    } catch (error) {
      // It goes on without us.
      if (this.#closed) throw error;
      // Who has answered once is given the time to tell people and to tidy up.
      const cancel = this.#options.clock.after(this.#status === undefined ? 0 : END_MS, () => spawned.kill());
      await spawned.ended;
      cancel();
      this.#control?.close();
      await this.#forgetSocket();
      if (this.#ending) {
        this.#set('off');
        throw new Problem('wrong-state', `${this.#options.name} was stopped while it started`);
      }
      this.#set('crashed', messageOf(error));
      throw error instanceof Problem ? error : new Problem('failed', messageOf(error));
    } finally {
      this.#spawned = undefined;
      if (!this.#closed) rmSync(this.#marker, { force: true });
    }
  }

  /** Pulls the plug, wherever it is. Resolves when the process is gone. */
  async stop(): Promise<void> {
    const control = this.#control;
    this.#ending = true;
    if (control === undefined) {
      this.#spawned?.kill();
      await this.#starting?.catch(() => {});
      this.#set('off');
      return;
    }
    const gone = this.#gone(control);
    // One that refuses is about to end, or is killed.
    control.request('power', { action: 'off' }).catch(() => {});
    await gone;
    await this.#starting?.catch(() => {});
  }

  /** Writes the guest's state and ends the process. Rejects where that did not work: then it goes on. */
  async save(stateFile: string): Promise<void> {
    const control = this.#control;
    if (control === undefined) throw this.#notRunning();
    this.#ending = true;
    try {
      await control.request('saveState', { stateFile });
    } catch (error) {
      if (this.#control === control) {
        this.#ending = false;
        throw error;
      }
    }
    await this.#gone(control);
  }

  async request<O extends ControlOp>(
    op: O,
    params: ControlOperations[O]['params'],
  ): Promise<ControlOperations[O]['result']> {
    if (this.#control === undefined) throw this.#notRunning();
    return this.#control.request(op, params);
  }

  /** Asks a process that runs how it is. One that does not answer is as it was. */
  async refresh(): Promise<void> {
    const control = this.#control;
    if (control === undefined) return;
    const status = await this.#within(REFRESH_MS, control.request('status', {})).catch(() => undefined);
    if (status === undefined || this.#control !== control) return;
    this.#status = status;
    this.#sessions = status.sessions;
  }

  /** Lets go of the process, which goes on. */
  close(): void {
    this.#closed = true;
    this.#control?.close();
  }

  async #answered({ ended }: Spawned): Promise<ControlConnection> {
    const { clock, socket } = this.#options;
    const endMs = clock.now() + ANSWER_MS;
    let complaint: string | undefined;
    void ended.then((text) => {
      complaint = text;
    });
    for (;;) {
      if (this.#closed) throw new Problem('unavailable', 'the service ends');
      const control = await connectControl(socket).catch(() => undefined);
      if (control !== undefined) return control;
      if (complaint !== undefined) throw new Problem('failed', complaint);
      if (clock.now() > endMs) throw new Problem('failed', 'its process does not answer');
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    }
  }

  async #attach(control: ControlConnection, limitMs: number): Promise<void> {
    this.#control = control;
    this.#engineState = undefined;
    control.onEvent.on((event) => this.#handle(event));
    control.onClose.on(() => this.#lost(control));
    try {
      const status = await this.#within(limitMs, control.request('status', {}));
      this.#status = status;
      this.#sessions = status.sessions;
      this.#follow(status.state, status.reason);
    } catch (error) {
      if (this.#control === control) this.#control = undefined;
      control.close();
      throw error;
    }
  }

  /** Waits out the guest's start. */
  async #running(spawned: Spawned): Promise<void> {
    const end = this.#answers(spawned) ? spawned.ended : new Promise<never>(() => {});
    while (this.#state === 'starting') {
      const complaint = await Promise.race([this.onChange.next(), end]);
      if (complaint !== undefined) throw new Problem('failed', this.#reason ?? complaint);
    }
    if (this.#state === 'crashed' || this.#state === 'off') {
      throw new Problem('failed', this.#reason ?? 'the guest ended at once');
    }
  }

  #answers({ pid }: Spawned): boolean {
    return this.#status?.pid === pid;
  }

  #handle(event: ControlEvent): void {
    if (event.event === 'state') this.#follow(event.state, event.reason);
    if (event.event === 'sessions') {
      this.#sessions = event.sessions;
      this.onChange.emit();
    }
    this.onEvent.emit(event);
  }

  #follow(state: EngineState, reason: string | undefined): void {
    this.#engineState = state;
    if (state === 'running' || state === 'paused' || state === 'starting') this.#set(state, reason);
    else if (reason !== undefined) this.#reason = reason;
  }

  #lost(control: ControlConnection): void {
    if (this.#control !== control) return;
    this.#control = undefined;
    this.#sessions = [];
    if (this.#closed) return;
    // What was said on the way to an end that was asked for is over with it.
    if (this.#ending) this.#set('off');
    else if (this.#engineState === 'off' || this.#engineState === 'stopped') this.#set('off', this.#reason);
    else if (this.#engineState === 'crashed') this.#set('crashed', this.#reason);
    else this.#died(complaintIn(this.#options.logFile) ?? 'its process was killed');
  }

  #died(reason: string): void {
    this.#set('crashed', reason);
    this.#options.log.warn({ reason }, 'the machine’s process has died');
    // A start that fails is told to whoever asked for it.
    if (this.#starting === undefined) this.onDeath.emit();
  }

  /** Resolves when nothing is left of a process that is about to end; it is killed if it takes too long. */
  async #gone(control: ControlConnection): Promise<void> {
    const { clock } = this.#options;
    const pid = this.#status?.pid;
    const closed = control.isClosed ? Promise.resolve() : control.onClose.next();
    const cancel = clock.after(END_MS, () => {
      if (pid !== undefined) kill(pid);
      this.#spawned?.kill();
      control.close();
    });
    await closed;
    // It closes its connections before it removes its socket, which the next one needs.
    while (pid !== undefined && exists(pid)) await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    cancel();
    await this.#forgetSocket();
  }

  /** Of a process that we have ended: what is left of one that was killed would mean that somebody else did. */
  async #forgetSocket(): Promise<void> {
    const { socket } = this.#options;
    const somebody = await connectControl(socket).catch(() => undefined);
    if (somebody === undefined) rmSync(socket, { force: true });
    else somebody.close();
  }

  #notRunning(): Problem {
    const what = this.#state === 'starting' ? 'still starting' : 'not running';
    return new Problem('wrong-state', `${this.#options.name} is ${what}`);
  }

  async #within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
    let cancel = (): void => {};
    const late = new Promise<never>((_, reject) => {
      cancel = this.#options.clock.after(limitMs, () => reject(new Problem('failed', 'its process does not answer')));
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  #set(state: ProcessState, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
    this.onChange.emit();
  }
}
