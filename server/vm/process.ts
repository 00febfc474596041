import type { Socket } from 'node:net';
import type { Clock } from '../../src/base/clock.js';
import { messageOf, Problem } from '../../src/base/errors.js';
import type { Logger } from '../../src/base/log.js';
import type { SharePolicy } from '../../src/catalog/config.js';
import type { Engine, EngineStateChange } from '../../src/engine/engine.js';
import { Machine } from '../../src/machine/machine.js';
import type { RestartPolicy } from '../../src/machine/revival.js';
import { Throttle } from '../auth/throttle.js';
import type { ControlHandlers } from '../ipc/control-server.js';
import type { Hello } from '../session/handover.js';
import type { Host } from '../session/host.js';
import type { CloseReason } from '../session/session.js';
import { SessionList } from '../session/session-list.js';
import { ControlRoom } from './control-room.js';
import { Door } from './door.js';
import { operations, TURNED_OFF } from './operations.js';
import { Typist } from './typist.js';
import { type Resume, Visitors } from './visitors.js';

/** Clients read their goodbye or go back to the broker within this time, or are cut off. */
const LEAVE_MS = 3_000;

export interface VmOptions {
  readonly name: string;
  readonly socket: string;
  readonly share: SharePolicy;
  readonly restart: RestartPolicy;
  readonly engine: Engine;
  readonly nextEngine: () => Promise<Engine>;
  /** What the present engine's hardware is called. */
  readonly hardware: () => string;
  readonly resume: Resume;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ends the machine as pulling the plug does. */
  readonly signal: AbortSignal;
  /** The machine and those at it, before it starts. */
  readonly prepare?: (machine: Machine, sessions: SessionList) => void;
}

/** How the machine's last life ended. */
export type VmEnd = 'ended' | 'crashed';

interface Ending {
  readonly end: VmEnd;
  readonly reason: CloseReason;
  /** For the people at the screen. */
  readonly text: string;
}

/**
 * Runs one machine behind its private socket. Resolves when it has ended and nothing is left. Rejects when it does not
 * start at all.
 */
export function runVm(options: VmOptions): Promise<VmEnd> {
  return new Vm(options).run();
}

/** The guest, its screen, those whom the broker sends, and those who watch over it. */
class Vm {
  readonly #options: VmOptions;
  readonly #machine: Machine;
  readonly #sessions: SessionList;
  readonly #room: ControlRoom;
  readonly #visitors: Visitors;
  readonly #over = new AbortController();
  #hasStarted = false;
  readonly #ending: Promise<Ending>;
  /** The first to say so decides how it ends. */
  #end!: (ending: Ending) => void;

  constructor(options: VmOptions) {
    const { name, engine, nextEngine, restart: policy, share, resume, clock, log } = options;
    this.#options = options;
    this.#machine = new Machine(name, engine, { policy, nextEngine }, clock);
    this.#sessions = new SessionList(share);
    this.#room = new ControlRoom(this.#machine.display, clock, log);
    const host = hostFor(this.#machine, this.#sessions, options);
    this.#visitors = new Visitors(host, resume, (event) => this.#room.tell(event));
    this.#ending = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async run(): Promise<VmEnd> {
    const { socket, signal, log, prepare } = this.#options;
    this.#watch();
    prepare?.(this.#machine, this.#sessions);
    const handlers = this.#operations();
    const arrive = (hello: Hello, from: Socket): void => {
      if (hello.kind === 'control') this.#room.arrive(from, handlers);
      else this.#visitors.arrive(from, hello);
    };
    const door = await Door.open(socket, arrive, log);
    try {
      const started = this.#machine.start(signal).then(() => {
        this.#hasStarted = true;
      });
      const ending = await Promise.race([this.#ending, started.then(() => this.#ending)]);
      await this.#finish(ending);
      return ending.end;
    } catch (error) {
      // Of a start that fails engines say more by rejecting than by their state.
      const reason = messageOf(error);
      this.#room.tell({ event: 'state', state: 'crashed', reason });
      await this.#finish({ end: 'crashed', reason: 'guest-stopped', text: `the machine did not start: ${reason}` });
      throw error;
    } finally {
      await door.close();
    }
  }

  #watch(): void {
    const { log, signal } = this.#options;
    this.#machine.onState.on((change) => {
      log.info(change, 'state');
      this.#room.tell({ event: 'state', ...change });
      const ending = endingOf(change);
      // An engine that cannot start says so by rejecting; that it is off then is not what matters.
      if (ending !== undefined && (this.#hasStarted || change.state !== 'off')) this.#end(ending);
    });
    whenQuiet(this.#sessions, () => this.#room.tell({ event: 'sessions', sessions: this.#visitors.list() }));
    const told = (): void =>
      this.#end({ end: 'ended', reason: 'shutdown', text: 'the machine was turned off by its host' });
    if (signal.aborted) told();
    else signal.addEventListener('abort', told, { once: true });
  }

  #operations(): ControlHandlers {
    return operations({
      machine: this.#machine,
      sessions: this.#sessions,
      visitors: this.#visitors,
      typist: new Typist(this.#machine.input, this.#options.clock, this.#over.signal),
      startedAt: new Date().toISOString(),
      hardware: this.#options.hardware,
      looked: () => this.#room.looked(),
      end: (text) => this.#end({ end: 'ended', reason: 'guest-stopped', text }),
    });
  }

  /** Everybody is told and gets the time to leave; then nothing is left but the socket. */
  async #finish({ reason, text }: Ending): Promise<void> {
    const { clock } = this.#options;
    this.#over.abort(new Problem('unavailable', text));
    this.#sessions.closeAll(reason, text);
    await within(LEAVE_MS, this.#visitors.left(), clock);
    await this.#machine.stop();
    await within(LEAVE_MS, this.#room.close(), clock);
  }
}

/** The broker has asked for the logins; whoever gets as far as this socket has been let in. */
function hostFor(machine: Machine, sessions: SessionList, { clock, log }: VmOptions): Host {
  const nobody = async (): Promise<undefined> => undefined;
  return {
    machine,
    sessions,
    clock,
    log,
    credentials: { required: true, checkPassword: nobody, checkVncResponse: nobody },
    throttle: new Throttle(),
    tls: { cert: '', key: '' },
  };
}

function endingOf({ state, reason }: EngineStateChange): Ending | undefined {
  switch (state) {
    case 'off':
      return { end: 'ended', reason: 'guest-stopped', text: TURNED_OFF };
    case 'stopped':
      return { end: 'ended', reason: 'guest-stopped', text: reason ?? 'the guest powered off' };
    case 'crashed':
      return { end: 'crashed', reason: 'guest-stopped', text: `the guest crashed: ${reason ?? 'nobody knows why'}` };
    default:
      return undefined;
  }
}

/** Tells of a change once everything that belongs to it has happened, and of several at a time once. */
function whenQuiet({ onChange }: SessionList, tell: () => void): void {
  let due = false;
  onChange.on(() => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      tell();
    });
  });
}

async function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  let cancel = (): void => {};
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  await Promise.race([work, limit]);
  cancel();
}
