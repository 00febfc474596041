import { existsSync } from 'node:fs';
import { messageOf, Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import type { EngineState } from '../../src/engine/engine.js';
import type { ControlEvent, ControlOp, ControlOperations, VmSession, VmStatus } from '../ipc/control.js';
import { type ControlConnection, connectControl } from '../ipc/control-client.js';
import { ANSWER_MS, Launch, type LaunchOptions } from './launch.js';
import { complaintIn } from './machine-log.js';
import { END_MS, forgetSocket, whenGone, whenLeft } from './process-end.js';
import { ProcessLink, within } from './process-link.js';
import { findServer } from './spawn.js';

/** A process that is there already answers at once, or hangs. */
const ADOPT_MS = 5_000;
/** A list of machines does not wait longer for one that hangs. */
const REFRESH_MS = 2_000;
export type ProcessState = 'off' | 'starting' | 'running' | 'paused' | 'crashed';

export interface MachineProcessOptions extends LaunchOptions {
  readonly name: string;
  /** The machine's, which its process has been told. */
  readonly folder: string;
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
  #launch: Launch | undefined;
  #link: ProcessLink | undefined;
  #state: ProcessState = 'off';
  #reason: string | undefined;
  #status: VmStatus | undefined;
  #sessions: readonly VmSession[] = [];
  /** The service wants it to end: its end is no crash. */
  #ending = false;
  readonly #closed = new AbortController();
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
    return this.#link !== undefined;
  }
  /** It is there, has its disks open, and has not said a word. */
  get hangs(): boolean {
    return this.isAlive && this.#state === 'crashed';
  }

  /** Looks for a process that is there already. */
  async adopt(): Promise<void> {
    const { socket, log } = this.#options;
    const control = await connectControl(socket).catch(() => undefined);
    if (control !== undefined) return this.#adopt(control);
    const launch = Launch.left(this.#options);
    if (launch !== undefined) {
      log.info({ pid: launch.pid }, 'found starting');
      this.#begin(launch).catch(() => {});
    } else if (existsSync(socket)) this.#died('its process was killed while the service was away');
  }

  async #adopt(control: ControlConnection): Promise<void> {
    const { clock, log } = this.#options;
    const link = this.#attach(control);
    // One that comes round is as good as one that was never away.
    const found = this.#greet(link).then(() => log.info({ pid: this.#status?.pid }, 'found running'));
    try {
      await within(ADOPT_MS, found, clock);
    } catch (error) {
      if (this.#link !== link) return;
      this.#set('crashed', messageOf(error));
      log.error({ reason: messageOf(error) }, 'a process that hangs serves this machine');
    }
  }

  /** Resolves when the guest runs. Rejects with Problem 'failed'; nothing is left of the process then. */
  async start(): Promise<void> {
    const last = this.#link === undefined ? this.#status?.pid : undefined;
    if (last !== undefined && this.#starting === undefined) await whenLeft(last, this.#options.clock);
    await (this.#starting ?? this.#begin(Launch.begin(this.#options)));
  }

  #begin(launch: Launch): Promise<void> {
    this.#starting = this.#follows(launch).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #follows(launch: Launch): Promise<void> {
    const { clock, name, socket } = this.#options;
    this.#ending = false;
    this.#status = undefined;
    this.#set('starting');
    this.#launch = launch;
    try {
      const link = this.#attach(await launch.answered(this.#closed.signal));
      await within(ANSWER_MS, this.#greet(link), clock);
      // Another one answers where a service was killed in the moment of a start. Ours gives way, before that one ends
      // and makes room for it.
      if (!this.#answers(launch)) launch.kill();
      await this.#running(launch);
    } catch (error) {
      // It goes on without us.
      if (this.#closed.signal.aborted) throw error;
      // Who has answered once is given the time to tell people and to tidy up.
      const cancel = clock.after(this.#status === undefined ? 0 : END_MS, () => launch.kill());
      await launch.ended;
      cancel();
      this.#detach();
      await forgetSocket(socket);
      if (this.#ending) {
        this.#set('off');
        throw new Problem('wrong-state', `${name} was stopped while it started`);
      }
      this.#set('crashed', messageOf(error));
      throw error instanceof Problem ? error : new Problem('failed', messageOf(error));
    } finally {
      this.#launch = undefined;
      if (!this.#closed.signal.aborted) launch.over();
    }
  }

  /** Pulls the plug, wherever it is. Resolves when the process is gone. */
  async stop(): Promise<void> {
    const link = this.#link;
    if (this.hangs && this.#pid === undefined) {
      throw new Problem('failed', `the process of ${this.#options.name} hangs and cannot be found; end it by hand`);
    }
    this.#ending = true;
    if (link === undefined) {
      this.#launch?.kill();
      await this.#starting?.catch(() => {});
      this.#set('off');
      return;
    }
    const gone = this.#gone(link);
    // One that refuses is about to end, or is killed.
    link.control.request('power', { action: 'off' }).catch(() => {});
    await gone;
    await this.#starting?.catch(() => {});
  }

  /** Writes the guest's state and ends the process. Rejects where that did not work: then it goes on. */
  async save(stateFile: string): Promise<void> {
    const link = this.#link;
    if (link === undefined) throw this.#notRunning();
    this.#ending = true;
    try {
      await link.request('saveState', { stateFile });
    } catch (error) {
      if (this.#link === link) {
        this.#ending = false;
        throw error;
      }
    }
    await this.#gone(link);
  }

  async request<O extends ControlOp>(
    op: O,
    params: ControlOperations[O]['params'],
  ): Promise<ControlOperations[O]['result']> {
    if (this.#link === undefined) throw this.#notRunning();
    return this.#link.request(op, params);
  }

  /** Asks a process that runs how it is. One that does not answer is as it was. */
  async refresh(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return;
    const status = await within(REFRESH_MS, link.status(), this.#options.clock).catch(() => undefined);
    if (status !== undefined && this.#link === link) this.#learn(status);
  }

  /** Lets go of the process, which goes on. */
  close(): void {
    this.#closed.abort(new Problem('unavailable', 'the service lets go of it'));
    this.#link?.control.close();
  }

  #attach(control: ControlConnection): ProcessLink {
    const link = new ProcessLink(control, this.#options.clock);
    this.#link = link;
    this.#engineState = undefined;
    control.onEvent.on((event) => this.#handle(event));
    control.onClose.on(() => this.#lost(link));
    return link;
  }

  #detach(): void {
    const link = this.#link;
    this.#link = undefined;
    this.#sessions = [];
    link?.control.close();
  }

  async #greet(link: ProcessLink): Promise<void> {
    const status = await link.status();
    if (this.#link !== link) return;
    this.#learn(status);
    this.#follow(status.state, status.reason);
  }

  #learn(status: VmStatus): void {
    this.#status = status;
    this.#sessions = status.sessions;
  }

  /** Waits out the guest's start. */
  async #running(launch: Launch): Promise<void> {
    const end = this.#answers(launch) ? launch.ended : new Promise<never>(() => {});
    while (this.#state === 'starting') {
      const complaint = await Promise.race([this.onChange.next(), end]);
      if (complaint !== undefined) throw new Problem('failed', this.#reason ?? complaint);
    }
    if (this.#state === 'crashed' || this.#state === 'off') {
      throw new Problem('failed', this.#reason ?? 'the guest ended at once');
    }
  }

  #answers({ pid }: Launch): boolean {
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

  #lost(link: ProcessLink): void {
    if (this.#link !== link) return;
    this.#detach();
    if (this.#closed.signal.aborted) return;
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

  /** One that has never answered is looked for. */
  get #pid(): number | undefined {
    const { folder, socket } = this.#options;
    return this.#status?.pid ?? this.#launch?.pid ?? findServer(folder, socket);
  }

  #gone({ control }: ProcessLink): Promise<void> {
    const { socket, clock } = this.#options;
    return whenGone({ control, pid: this.#pid, socket, clock });
  }

  #notRunning(): Problem {
    const what = this.#state === 'starting' ? 'still starting' : 'not running';
    return new Problem('wrong-state', `${this.#options.name} is ${what}`);
  }

  #set(state: ProcessState, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
    this.onChange.emit();
  }
}
