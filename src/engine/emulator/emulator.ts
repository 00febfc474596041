import { rm } from 'node:fs/promises';
import { messageOf, Problem, UserError } from '../../base/errors.js';
import { Emitter } from '../../base/events.js';
import { type Logger, silentLog } from '../../base/log.js';
import type { Display } from '../../display/display.js';
import { fitsFramebuffer } from '../../display/framebuffer.js';
import type { Leds, PointerEvent, ScanCode } from '../../input/events.js';
import type {
  Engine,
  EngineCapabilities,
  EngineState,
  EngineStateChange,
  PowerAction,
  SnapshotFiles,
} from '../engine.js';
import { refuse } from '../not-supported.js';
import { StandStill } from '../stand-still.js';
import { type StateFacts, useUp } from '../state-file.js';
import { type Media, openMedia } from './media.js';
import { checkOptions, type EmulatorLimits, type EmulatorOptions } from './options.js';
import { SerialLines } from './serial-lines.js';
import { compileV86, spawnWorker } from './spawn.js';
import { factsOf, readState, writeState } from './state-file.js';
import { VmThread, type VmThreadEvents } from './vm-thread.js';

/** A guest that resets itself at once and again is given this much time between its lives. */
const MIN_LIFE_MS = 1000;

/**
 * `--engine emulator`: a PC in this process, one worker thread for each machine. Slower than QEMU by an order of
 * magnitude, but it needs nothing installed and no rights.
 */
export class EmulatorEngine implements Engine {
  readonly kind = 'emulator';
  readonly accel = null;
  readonly onState = new Emitter<EngineStateChange>();
  readonly onLeds = new Emitter<Leds>();
  /** Lines that the guest wrote to COM1, without their ends. */
  readonly onSerial = new Emitter<string>();
  readonly #options: EmulatorOptions;
  readonly #limits: EmulatorLimits;
  readonly #log: Logger;
  readonly #standStill: StandStill;
  readonly #serial = new SerialLines((line) => this.onSerial.emit(line));
  #state: EngineState = 'off';
  #display: Display | undefined;
  #media: Media | undefined;
  #thread: VmThread | undefined;
  #absolutePointer = false;
  #bootedAtMs = 0;
  #cancelReset: (() => void) | undefined;
  #resetting: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  /** Throws UserError (usage) for numbers out of range and combinations that cannot be. */
  constructor(options: EmulatorOptions) {
    this.#limits = checkOptions(options);
    this.#options = options;
    this.#log = options.log ?? silentLog;
    this.#standStill = new StandStill({
      state: () => this.#state,
      pause: async (reason) => this.#pause(reason),
      resume: async () => this.#resume(),
    });
  }

  get state(): EngineState {
    return this.#state;
  }
  get capabilities(): EngineCapabilities {
    return {
      power: new Set<PowerAction>(['pause', 'resume', 'reset', 'off']),
      absolutePointer: this.#absolutePointer,
      resize: false,
      saveState: true,
      balloon: false,
    };
  }

  async start(display: Display, signal?: AbortSignal): Promise<void> {
    if (this.#display !== undefined) throw new Error('an engine starts once');
    signal?.throwIfAborted();
    this.#display = display;
    this.#setState('starting');
    const aborted = (): void => void this.stop();
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      const media = await openMedia(this.#options, this.#limits.memoryBytes);
      this.#media = media;
      const { resumeFrom } = this.#options;
      const state = resumeFrom === undefined ? undefined : await readState(resumeFrom, this.#facts);
      if (this.#stopped === undefined) await this.#boot(display, media, state);
      if (this.#stopped !== undefined) await media.close();
    } catch (error) {
      await this.stop();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', aborted);
    }
    signal?.throwIfAborted();
    if (this.#stopped !== undefined) throw new UserError('the machine was stopped while it started');
    this.#setState('running');
    this.#log.info({ memoryBytes: this.#limits.memoryBytes }, 'emulator runs');
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#end('off');
    await this.#stopped;
    if (this.#state !== 'off') this.#setState('off');
  }

  key(code: ScanCode, down: boolean): void {
    if (this.#state === 'running') this.#thread?.post({ type: 'key', code, down });
  }

  pointer(event: PointerEvent): void {
    const display = this.#display;
    if (this.#state !== 'running' || display === undefined) return;
    this.#thread?.post({ type: 'pointer', event, width: display.width, height: display.height });
  }

  /** Types into the guest's COM1. Ignored unless running. */
  serialWrite(text: string): void {
    if (this.#state === 'running') this.#thread?.post({ type: 'serial', text });
  }

  async power(action: PowerAction): Promise<void> {
    if (!this.capabilities.power.has(action)) throw new UserError(`the emulator cannot ${action}`);
    const fits = action === 'resume' ? ['paused'] : action === 'pause' ? ['running'] : ['running', 'paused'];
    if (!fits.includes(this.#state)) throw new UserError(`cannot ${action} a machine that is ${this.#state}`);
    if (this.#standStill.isActive && action !== 'off')
      throw new Problem('busy', `cannot ${action}: the state is being saved`);
    switch (action) {
      case 'pause':
        return this.#pause();
      case 'resume':
        return this.#resume();
      case 'reset':
        return this.#reset();
      case 'off':
        return this.stop();
    }
  }

  /** A guest's screen has the size that the guest gives it. */
  async requestSize(): Promise<boolean> {
    return false;
  }

  async saveState(file: string): Promise<void> {
    await this.#rebooted();
    return this.#standStill.during(async () => writeState(file, await this.capture(), this.#facts), 'stays paused');
  }

  async snapshot({ stateFile, overlays }: SnapshotFiles): Promise<void> {
    await this.#rebooted();
    return this.#standStill.during(async () => {
      const thread = this.#running();
      // The answer also says that the guest stands still.
      const state = await thread.save();
      const growth = await this.#media!.grow(overlays);
      try {
        await writeState(stateFile, state, this.#facts);
        // The state is there, so the snapshot is: what the guest writes from now on belongs to the copies. Where there is
        // no guest any more, there is none.
        await thread.moveDisks(growth.disks).catch(async (error) => {
          await rm(stateFile, { force: true });
          throw error;
        });
      } catch (error) {
        await growth.discard();
        throw error;
      }
      await growth.accept();
    }, 'goes on');
  }

  balloon(): Promise<void> {
    return refuse('the emulator', "change a guest's memory");
  }

  /** Everything that the machine is, while it runs on. Rejects with a UserError when it cannot be had. */
  async capture(): Promise<Uint8Array> {
    return this.#running().save();
  }

  /** Puts the machine back to a state captured with the same options and media. */
  async restore(state: Uint8Array): Promise<void> {
    return this.#running().restore(state);
  }

  get #facts(): StateFacts {
    return factsOf(this.#limits, this.#media?.disks ?? []);
  }

  #pause(reason?: string): void {
    this.#setState('paused', reason);
    this.#thread?.pause();
  }

  #resume(): void {
    this.#setState('running');
    this.#thread?.resume();
  }

  #running(): VmThread {
    const thread = this.#thread;
    if (thread === undefined || (this.#state !== 'running' && this.#state !== 'paused')) {
      throw new UserError(`the machine is ${this.#state}`);
    }
    return thread;
  }

  async #boot(display: Display, media: Media, state?: Uint8Array): Promise<void> {
    const wasm = await compileV86();
    if (this.#stopped !== undefined) return;
    this.#bootedAtMs = performance.now();
    this.#absolutePointer = false;
    const thread = new VmThread(this.#limits.hangTimeoutMs, this.#events(display), (shared) =>
      spawnWorker({
        wasm,
        shared,
        framebuffer: display.framebuffer.memory.buffer,
        memoryBytes: this.#limits.memoryBytes,
        vgaMemoryBytes: this.#limits.vgaMemoryBytes,
        cpuCap: this.#limits.cpuCap,
        images: media.images,
        ...(media.cdrom === undefined ? {} : { cdrom: media.cdrom }),
        disks: media.disks,
        ...(state === undefined ? {} : { state }),
      }),
    );
    this.#thread = thread;
    await thread.started.catch((error) => {
      if (state === undefined || this.#stopped !== undefined) throw error;
      throw new Problem('failed', `cannot go on from the saved state ${this.#options.resumeFrom}: ${messageOf(error)}`);
    });
    if (state !== undefined && this.#stopped === undefined) {
      await useUp(this.#options.resumeFrom!, async () => thread.resume());
    }
  }

  #events(display: Display): VmThreadEvents {
    return {
      size: (width, height) => {
        // The worker asks for nothing else, but the display's bound is the display's to keep.
        if (!fitsFramebuffer(width, height)) return false;
        display.resize(width, height);
        return true;
      },
      frame: (rects) => {
        for (const rect of rects) display.damage(rect);
        display.commit();
      },
      leds: (leds) => this.onLeds.emit(leds),
      absolutePointer: (on) => {
        this.#absolutePointer = on;
      },
      serial: (text) => this.#serial.add(text),
      log: (text) => this.#log.debug({ text }, 'emulator'),
      ended: (how, reason) => this.#guestEnded(how, reason),
    };
  }

  #guestEnded(how: 'poweroff' | 'reset' | 'crashed', reason: string): void {
    if (this.#stopped !== undefined) return;
    this.#log.info({ how, reason }, 'guest ended');
    if (how !== 'reset') {
      this.#stopped = this.#end(how === 'poweroff' ? 'stopped' : 'crashed', reason);
      return;
    }
    const waitMs = Math.max(0, this.#bootedAtMs + MIN_LIFE_MS - performance.now());
    const timer = setTimeout(() => void this.#reset(), waitMs);
    this.#cancelReset = () => clearTimeout(timer);
  }

  /** A guest between two lives has no state that could go on. */
  async #rebooted(): Promise<void> {
    if (this.#cancelReset !== undefined || this.#resetting !== undefined) await this.#reset();
  }

  /** A machine that was reset is a new one: v86 cannot start one over. Disks keep what was written. */
  #reset(): Promise<void> {
    this.#resetting ??= this.#replaceThread().finally(() => {
      this.#resetting = undefined;
    });
    return this.#resetting;
  }

  async #replaceThread(): Promise<void> {
    this.#cancelReset?.();
    this.#cancelReset = undefined;
    const old = this.#thread;
    this.#thread = undefined;
    await old?.close();
    if (this.#stopped !== undefined || this.#display === undefined || this.#media === undefined) return;
    try {
      await this.#boot(this.#display, this.#media);
      if (this.#state === 'paused') this.#setState('running');
    } catch (error) {
      if (this.#stopped === undefined) this.#guestEnded('crashed', messageOf(error));
    }
  }

  async #end(state: 'off' | 'stopped' | 'crashed', reason?: string): Promise<void> {
    this.#cancelReset?.();
    const thread = this.#thread;
    this.#thread = undefined;
    // Input and power are refused from here on, and nobody hears of the end before it has come.
    if (state === 'off' && this.#state !== 'off') this.#state = 'off';
    await thread?.close();
    await this.#media?.close();
    if (this.#display !== undefined) this.#setState(state, reason);
  }

  #setState(state: EngineState, reason?: string): void {
    this.#state = state;
    this.onState.emit(reason === undefined ? { state } : { state, reason });
  }
}
