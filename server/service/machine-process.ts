import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import { Emitter } from '../../src/base/events.js';
import type { Logger } from '../../src/base/log.js';
import type { EngineState } from '../../src/engine/engine.js';
import type { ControlEvent, ControlOp, ControlOperations, VmSession, VmStatus } from '../ipc/control.js';
import { type ControlConnection, connectControl } from '../ipc/control-client.js';
import { BackOff } from './back-off.js';
import { complaintIn, trimLog } from './machine-log.js';

/** From spawn to an answering socket; the guest's own start has no limit but its engine's. */
const ANSWER_MS = 30_000;
const POLL_MS = 20;
/** A process that was told to end gets this long before it is killed. */
const END_MS = 10_000;

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
  /** Whether a process that died without a word is to be started again. */
  readonly restarts: () => boolean;
}

/**
 * One machine's process as the service sees it. The process is nobody's child: it outlives the service, and is found
 * again by its socket. One that ends as it should removes the socket, so a socket without a process behind it means
 * that somebody killed it.
 */
export class MachineProcess {
  readonly onChange = new Emitter<void>();
  readonly onEvent = new Emitter<ControlEvent>();
  readonly #options: MachineProcessOptions;
  readonly #backOff: BackOff;
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
    this.#backOff = new BackOff(options.clock);
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

  /** Looks for a process that is there already; brings one back that was killed meanwhile, if that is the policy. */
  async adopt(): Promise<void> {
    if (!existsSync(this.#options.socket)) return;
    const control = await connectControl(this.#options.socket).catch(() => undefined);
    if (control !== undefined) {
      await this.#attach(control);
      this.#options.log.info({ pid: this.#status?.pid }, 'found running');
    } else this.#died('its process was killed while the service was away');
  }

  /** Resolves when the guest runs. Rejects with Problem 'failed'. */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    this.#backOff.cancel();
    this.#ending = false;
    this.#set('starting');
    try {
      const exited = this.#spawn();
      await this.#attach(await this.#answered(exited));
      await this.#running(exited);
    } catch (error) {
      this.#set('crashed', messageOf(error));
      throw error instanceof Problem ? error : new Problem('failed', messageOf(error));
    }
  }

  /** Ends the process: by `op`, and by force where that does not help. Resolves when it is gone. */
  async end(op: () => Promise<unknown>): Promise<void> {
    this.#backOff.cancel();
    const pid = this.#status?.pid;
    const control = this.#control;
    if (control === undefined) {
      this.#set('off');
      return;
    }
    this.#ending = true;
    const gone = control.onClose.next();
    try {
      await op();
    } catch (error) {
      // What could not be saved goes on; only a process that has gone meanwhile is no failure.
      if (this.#control === control) {
        this.#ending = false;
        throw error;
      }
    }
    const cancel = this.#options.clock.after(END_MS, () => {
      if (pid !== undefined && this.#control === control) kill(pid);
    });
    await gone;
    cancel();
  }

  async request<O extends ControlOp>(
    op: O,
    params: ControlOperations[O]['params'],
  ): Promise<ControlOperations[O]['result']> {
    if (this.#control === undefined) {
      throw new Problem(
        'wrong-state',
        `${this.#options.name} is ${this.#state === 'starting' ? 'still starting' : 'not running'}`,
      );
    }
    return this.#control.request(op, params);
  }

  /** Asks a process that runs how it is. One that does not answer is as it was. */
  async refresh(): Promise<void> {
    const control = this.#control;
    if (control === undefined) return;
    const status = await control.request('status', {}).catch(() => undefined);
    if (status === undefined || this.#control !== control) return;
    this.#status = status;
    this.#sessions = status.sessions;
  }

  /** Lets go of the process, which goes on. */
  close(): void {
    this.#closed = true;
    this.#backOff.cancel();
    this.#control?.close();
  }

  /** Resolves, when the process has ended, to what it complained of. */
  #spawn(): Promise<string> {
    const { command, logFile } = this.#options;
    trimLog(logFile);
    const log = openSync(logFile, 'a', 0o600);
    try {
      const [program, ...args] = command;
      const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
      child.unref();
      return new Promise((resolve) => {
        child.once('error', (error) => resolve(messageOf(error)));
        child.once('exit', (code, signal) => resolve(complaintIn(logFile) ?? `its process ended (${signal ?? code})`));
      });
    } finally {
      closeSync(log);
    }
  }

  async #answered(exited: Promise<string>): Promise<ControlConnection> {
    const endMs = this.#options.clock.now() + ANSWER_MS;
    let complaint: string | undefined;
    void exited.then((text) => {
      complaint = text;
    });
    for (;;) {
      const control = await connectControl(this.#options.socket).catch(() => undefined);
      if (control !== undefined) return control;
      if (complaint !== undefined) throw new Problem('failed', complaint);
      if (this.#options.clock.now() > endMs) throw new Problem('failed', 'its process does not answer');
      await new Promise<void>((resolve) => void this.#options.clock.after(POLL_MS, resolve));
    }
  }

  async #attach(control: ControlConnection): Promise<void> {
    this.#control = control;
    this.#engineState = undefined;
    control.onEvent.on((event) => this.#handle(event));
    control.onClose.on(() => this.#lost(control));
    const status = await control.request('status', {});
    this.#status = status;
    this.#sessions = status.sessions;
    this.#follow(status.state, status.reason);
  }

  /** Waits out the guest's start. */
  async #running(exited: Promise<string>): Promise<void> {
    while (this.#state === 'starting') {
      const complaint = await Promise.race([this.onChange.next(), exited]);
      if (complaint !== undefined) throw new Problem('failed', this.#reason ?? complaint);
    }
    if (this.#state === 'crashed' || this.#state === 'off') {
      throw new Problem('failed', this.#reason ?? 'the guest ended at once');
    }
    if (this.#control !== undefined) this.#status = await this.#control.request('status', {});
    this.#backOff.succeeded();
    this.onChange.emit();
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
    if (this.#ending || this.#engineState === 'off' || this.#engineState === 'stopped') this.#set('off', this.#reason);
    else if (this.#engineState === 'crashed') this.#set('crashed', this.#reason);
    else this.#died(complaintIn(this.#options.logFile) ?? 'its process was killed');
  }

  /** Without a word: by policy it comes back after a while. */
  #died(reason: string): void {
    this.#set('crashed', reason);
    this.#options.log.warn({ reason }, 'the machine’s process has died');
    if (!this.#options.restarts() || this.#starting !== undefined) return;
    const delayMs = this.#backOff.after(() => {
      this.start().catch((error: unknown) => {
        this.#options.log.error({ reason: messageOf(error) }, 'the machine could not be started again');
        if (this.#state === 'crashed' && !this.#closed) this.#died(messageOf(error));
      });
    });
    this.#reason = `${reason}; starting it again in ${Math.ceil(delayMs / 1000)} s`;
    this.onChange.emit();
  }

  #set(state: ProcessState, reason?: string): void {
    this.#state = state;
    this.#reason = reason;
    this.onChange.emit();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}
