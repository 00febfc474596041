import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withDeadline } from '../../base/deadline.js';
import { messageOf, Problem, UserError } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';
import type { Logger } from '../../base/log.js';
import type { Display } from '../../display/display.js';
import { BUTTON, type Leds, type PointerEvent, type ScanCode } from '../../input/events.js';
import type { Accel, MachineDefinition } from '../../machine/definition.js';
import type {
  Engine,
  EngineCapabilities,
  EngineState,
  EngineStateChange,
  PowerAction,
  SnapshotFiles,
} from '../engine.js';
import { StandStill } from '../stand-still.js';
import { checkFacts, openStateFile, useUp } from '../state-file.js';
import { chooseAccel } from './accel.js';
import { findQemu } from './binary.js';
import { DisplayLink } from './display-link.js';
import type { Exit } from './guarded-process.js';
import { Memo } from './memo.js';
import { QemuProcess } from './qemu-process.js';
import { type QmpEvent, QmpRefusal } from './qmp-client.js';
import { factsOf, machineType, readQemuState, writeQemuState } from './saved-state.js';
import { planSwitch, switchDisks } from './snapshot-disks.js';

export interface QemuEngineOptions {
  /** Where it is remembered what QEMU and the host can do; without it that is found out at every start. */
  readonly stateDir?: string;
  readonly log: Logger;
  /** Folders to look for QEMU in, as in PATH, which is the default. */
  readonly searchPath?: string;
  /** A state that another instance of this machine has written, to go on from; it is used up by that. */
  readonly resumeFrom?: string;
}

/** In which states an action makes sense, and the monitor's command for it; 'off' is `stop`. */
const ACTIONS: Readonly<Record<PowerAction, { command?: string; from: readonly EngineState[] }>> = {
  pause: { command: 'stop', from: ['running'] },
  resume: { command: 'cont', from: ['paused'] },
  reset: { command: 'system_reset', from: ['running', 'paused'] },
  shutdown: { command: 'system_powerdown', from: ['running'] },
  off: { from: ['starting', 'running', 'paused'] },
};
const POWER: ReadonlySet<PowerAction> = new Set(['pause', 'resume', 'reset', 'shutdown', 'off']);
/** QEMU answers in a millisecond unless its disks or network shares hang. */
const ANSWER_MS = 10_000;

/** Buttons that RFB's byte has no room for, by QEMU's names. */
const EXTRA_BUTTONS = [
  [BUTTON.back, 'side'],
  [BUTTON.forward, 'extra'],
] as const;

/** QEMU has no way to save these devices, whatever they do. */
function canBeSaved({ disks, sharedFolders }: MachineDefinition): boolean {
  return !disks.some(({ bus }) => bus === 'nvme') && !sharedFolders.some(({ via }) => via === 'virtiofs');
}

/** A guest in a QEMU process of our own: pixels, keys and pointer over its VNC server, the rest over its monitor. */
export class QemuEngine implements Engine {
  readonly kind = 'qemu';
  readonly onState = new Emitter<EngineStateChange>();
  readonly onLeds = new Emitter<Leds>();
  readonly #machine: MachineDefinition;
  readonly #options: QemuEngineOptions;
  readonly #end = new AbortController();
  readonly #standStill: StandStill;
  #state: EngineState = 'off';
  #accel: string | null = null;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  #process: QemuProcess | undefined;
  #link: DisplayLink | undefined;
  #extraButtons = 0;
  /** Why the guest ended or stands still, as QEMU's events said it. */
  #shutdownReason: string | undefined;
  #ioError: string | undefined;
  #lostScreen: string | undefined;

  constructor(machine: MachineDefinition, options: QemuEngineOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#standStill = new StandStill({
      state: () => this.#state,
      pause: () => this.#tell('save', 'stop'),
      resume: () => this.#tell('go on', 'cont'),
    });
  }

  get state(): EngineState {
    return this.#state;
  }
  get accel(): string | null {
    return this.#accel;
  }
  get capabilities(): EngineCapabilities {
    const rfb = this.#link?.rfb;
    return {
      power: POWER,
      absolutePointer: rfb?.absolutePointer ?? true,
      resize: rfb?.canResize ?? false,
      saveState: canBeSaved(this.#machine),
      balloon: this.#machine.balloon,
    };
  }

  start(display: Display, signal?: AbortSignal): Promise<void> {
    if (this.#starting !== undefined || this.#stopping !== undefined) {
      return Promise.reject(new Error('an engine starts once'));
    }
    this.#starting = this.#start(display, signal);
    return this.#starting;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  key(code: ScanCode, down: boolean): void {
    if (this.#state === 'running') this.#link?.rfb?.key(code, down);
  }

  pointer(event: PointerEvent): void {
    if (this.#state !== 'running') return;
    this.#link?.rfb?.pointer({ ...event, buttons: event.buttons & (BUTTON.left | BUTTON.middle | BUTTON.right) });
    const changed = event.buttons ^ this.#extraButtons;
    this.#extraButtons = event.buttons;
    const events = EXTRA_BUTTONS.filter(([bit]) => changed & bit).map(([bit, button]) => ({
      type: 'btn',
      data: { down: (event.buttons & bit) !== 0, button },
    }));
    // A guest without a device for them: QEMU refuses, and nothing is lost.
    if (events.length > 0) this.#process?.qmp.execute('input-send-event', { events }).catch(() => {});
  }

  async power(action: PowerAction): Promise<void> {
    const { command, from } = ACTIONS[action];
    if (!from.includes(this.#state)) throw new UserError(`cannot ${action}: the machine is ${this.#state}`);
    if (command === undefined || this.#process === undefined) return this.stop();
    if (this.#standStill.isActive) throw new Problem('busy', `cannot ${action}: the machine's state is being saved`);
    await this.#tell(action, command);
  }

  async requestSize(width: number, height: number): Promise<boolean> {
    return this.#state === 'running' && ((await this.#link?.rfb?.requestSize(width, height)) ?? false);
  }

  saveState(file: string): Promise<void> {
    return this.#standStill.during(async () => void (await this.#writeState(file)), 'stays paused');
  }

  snapshot({ stateFile, overlays }: SnapshotFiles): Promise<void> {
    return this.#standStill.during(async () => {
      const plan = planSwitch(this.#machine.disks, overlays);
      const qemu = await this.#writeState(stateFile);
      // Last, and all or none: a guest that writes to overlays whose snapshot does not count would lose its disks.
      await switchDisks(qemu.qmp, plan).catch(async (error) => {
        await rm(stateFile, { force: true });
        throw error;
      });
    }, 'goes on');
  }

  async balloon(memoryMiB: number): Promise<void> {
    if (!this.capabilities.balloon) throw new Problem('not-supported', 'this machine has no balloon device');
    if (this.#state !== 'running') throw new Problem('wrong-state', `the machine is ${this.#state}`);
    await this.#tell('change the balloon', 'balloon', { value: memoryMiB * 2 ** 20 });
  }

  /** Has the monitor do something that it does at once. Rejects with Problem. */
  async #tell(what: string, command: string, args?: Readonly<Record<string, unknown>>): Promise<void> {
    const qemu = this.#process;
    if (qemu === undefined) throw new Problem('wrong-state', `cannot ${what}: the machine is ${this.#state}`);
    try {
      await withDeadline(ANSWER_MS, 'qemu does not answer', this.#end.signal, (limit) =>
        qemu.orDeath(qemu.qmp.execute(command, args), limit),
      );
    } catch (error) {
      throw new Problem('failed', `cannot ${what}: ${messageOf(error)}`);
    }
  }

  async #writeState(file: string): Promise<QemuProcess> {
    const { log } = this.#options;
    const qemu = this.#process!;
    const startedMs = performance.now();
    const facts = { ...factsOf(this.#machine), ...qemu.accel, machine: await machineType(qemu.qmp) };
    await writeQemuState(qemu, file, facts, this.#end.signal, log);
    log.info({ file, ms: Math.round(performance.now() - startedMs) }, "the guest's state is written");
    return qemu;
  }

  async #start(display: Display, outer?: AbortSignal): Promise<void> {
    const signal = outer === undefined ? this.#end.signal : AbortSignal.any([outer, this.#end.signal]);
    const { stateDir, log, searchPath } = this.#options;
    const memo = new Memo(stateDir === undefined ? undefined : join(stateDir, 'qemu.json'));
    this.#setState('starting');
    try {
      if (process.platform === 'win32') {
        throw new UserError(
          'the qemu engine needs Linux or macOS; here use --engine emulator, or --attach to a QEMU with -vnc',
        );
      }
      const saved = await this.#saved();
      const binary = await findQemu(memo, searchPath);
      // A state goes on in the way it was begun: its guest has seen that processor.
      const accel = await chooseAccel(saved?.accel ?? this.#machine.accel, binary, { memo, log, signal });
      this.#accel = accel.accel;
      signal.throwIfAborted();
      const qemu = await QemuProcess.start(binary, this.#machine, accel, signal, saved?.machineType);
      this.#process = qemu;
      void qemu.exited.then((exit) => this.#exited(qemu, exit));
      log.info({ qemu: binary.version, accel: accel.accel }, 'QEMU is up');
      if (saved !== undefined) await readQemuState(qemu, saved.file, signal);
      const link = new DisplayLink({ path: qemu.vncPath }, display, log);
      this.#link = link;
      link.onLeds.on((leds) => this.onLeds.emit(leds));
      link.onLost.on((reason) => {
        this.#lostScreen = reason;
        void qemu.end();
      });
      await qemu.orDeath(link.connect(signal), signal);
      qemu.qmp.onEvent.on((event) => this.#handle(event));
      const run = async (): Promise<void> => void (await qemu.orDeath(qemu.qmp.execute('cont'), signal));
      if (saved === undefined) await run();
      else await useUp(saved.file.path, run, (error) => error instanceof QmpRefusal);
      this.#setState('running');
    } catch (error) {
      await this.#release();
      this.#setState('off', messageOf(error));
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** The state to go on from, if there is one: it fits. */
  async #saved() {
    const { resumeFrom } = this.#options;
    if (resumeFrom === undefined) return undefined;
    const file = await openStateFile(resumeFrom, 'qemu');
    checkFacts(file, factsOf(this.#machine));
    return { file, accel: file.facts.accel as Accel, machineType: String(file.facts.machine) };
  }

  async #stop(): Promise<void> {
    this.#end.abort(new Error('stopped'));
    await this.#starting?.catch(() => {});
    await this.#release();
    if (this.#state !== 'off') this.#setState('off');
  }

  async #release(): Promise<void> {
    await Promise.all([this.#link?.close(), this.#process?.end()]);
  }

  /** QEMU is gone. While it starts or is being stopped, whoever does that says what has become of it. */
  async #exited(qemu: QemuProcess, exit: Exit): Promise<void> {
    await this.#link?.close();
    if (this.#state === 'starting' || this.#state === 'off' || this.#state === 'crashed') return;
    if (this.#stopping !== undefined) return;
    const end = qemu.describeEnd(exit);
    if (this.#lostScreen !== undefined) this.#setState('crashed', `lost the guest's screen: ${this.#lostScreen}`);
    else if (exit.status !== 0) this.#setState('crashed', end);
    else if (this.#shutdownReason === 'guest-panic') this.#setState('crashed', "the guest's kernel panicked");
    else if (this.#shutdownReason?.startsWith('guest-')) this.#setState('stopped', 'the guest powered off');
    else this.#setState('crashed', 'qemu was ended from outside');
  }

  #handle({ name, data }: QmpEvent): void {
    const { log } = this.#options;
    switch (name) {
      case 'STOP':
        void this.#stoodStill();
        break;
      case 'RESUME':
        this.#ioError = undefined;
        if (this.#state === 'paused' && !this.#standStill.isActive) this.#setState('running');
        break;
      case 'RESET':
        log.info({ byGuest: data.guest === true }, 'the guest was reset');
        break;
      case 'SHUTDOWN':
        this.#shutdownReason = String(data.reason);
        break;
      case 'BLOCK_IO_ERROR':
        // What QEMU lets the guest deal with is not why anybody pauses it later.
        if (data.action === 'stop') this.#ioError = String(data.reason);
        break;
    }
  }

  /** The guest's CPUs do not run any more: we asked for it, or something is wrong. */
  async #stoodStill(): Promise<void> {
    const paused = (reason?: string): void => {
      if (this.#state === 'running') this.#setState('paused', reason);
    };
    // Shutting down stops them too; the end of the process follows.
    if (this.#shutdownReason !== undefined) return;
    if (this.#ioError !== undefined) paused(`a disk of the guest failed: ${this.#ioError}`);
    else paused(this.#standStill.isActive ? 'its state is being saved' : undefined);
    const answer = await this.#process?.qmp.execute('query-status').catch(() => undefined);
    if ((answer as { status?: unknown } | undefined)?.status !== 'internal-error') return;
    this.#setState('crashed', `${this.#accel} cannot go on with this guest`);
    void this.#process?.end();
  }

  #setState(state: EngineState, reason?: string): void {
    this.#state = state;
    this.onState.emit(reason === undefined ? { state } : { state, reason });
  }
}
