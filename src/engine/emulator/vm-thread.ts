import type { Worker } from 'node:worker_threads';
import { UserError } from '../../base/errors.js';
import type { Rect } from '../../display/rect.js';
import type { Leds } from '../../input/events.js';
import type { DiskHandle } from './disk-buffer.js';
import { Watchdog } from './watchdog.js';
import { type FromWorker, SHARED, type ToWorker } from './worker-messages.js';

export interface VmThreadEvents {
  /** The guest wants a screen of another size. Returns false where it cannot have it; nothing is painted then. */
  size(width: number, height: number): boolean;
  frame(rects: readonly Rect[]): void;
  leds(leds: Leds): void;
  absolutePointer(on: boolean): void;
  serial(text: string): void;
  log(text: string): void;
  /** At most once; the thread still has to be closed. */
  ended(how: 'poweroff' | 'reset' | 'crashed', reason: string): void;
}

interface Waiting {
  resolve(state: Uint8Array): void;
  reject(error: Error): void;
}

/** The parent's end of one worker with one machine in it. Whatever happens in there becomes an event here. */
export class VmThread {
  /** Resolves when the machine runs; rejects with a UserError when it cannot be made. */
  readonly started: Promise<void>;
  readonly #worker: Worker;
  readonly #shared: Int32Array;
  readonly #events: VmThreadEvents;
  readonly #watchdog: Watchdog;
  #settleStart: { resolve(): void; reject(error: Error): void } | undefined;
  #waiting: Waiting | undefined;
  #isOver = false;

  constructor(hangTimeoutMs: number, events: VmThreadEvents, spawn: (shared: SharedArrayBuffer) => Worker) {
    const memory = new SharedArrayBuffer(SHARED.length * Int32Array.BYTES_PER_ELEMENT);
    this.#shared = new Int32Array(memory);
    this.#events = events;
    this.#watchdog = new Watchdog(this.#shared.subarray(SHARED.heartbeat), hangTimeoutMs, () => {
      this.#finish('crashed', 'guest stopped: the emulator does not answer');
    });
    this.started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject };
    });
    // Nobody may be waiting when the machine is stopped early.
    this.started.catch(() => {});
    this.#worker = spawn(memory);
    this.#worker.on('message', (message: FromWorker) => {
      if (!this.#isOver) this.#handle(message);
    });
    this.#worker.on('error', (error) => this.#finish('crashed', `guest stopped: ${error.message}`));
    this.#worker.on('exit', () => this.#finish('crashed', 'guest stopped: the emulator ended'));
    // Unread output would be kept in memory.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    // A machine that hangs while it is made hangs, too.
    this.#watchdog.start();
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  pause(): void {
    this.#watchdog.stop();
    this.post({ type: 'pause' });
  }

  resume(): void {
    this.post({ type: 'resume' });
    this.#watchdog.start();
  }

  save(): Promise<Uint8Array> {
    return this.#ask({ type: 'save' });
  }

  async restore(state: Uint8Array): Promise<void> {
    await this.#ask({ type: 'restore', state });
  }

  async moveDisks(disks: readonly DiskHandle[]): Promise<void> {
    await this.#ask({ type: 'move-disks', disks });
  }

  /** Ends the thread wherever it is. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#settle(new UserError('the machine was stopped'));
    this.#watchdog.stop();
    await this.#worker.terminate();
  }

  async #ask(message: ToWorker): Promise<Uint8Array> {
    if (this.#isOver) throw new UserError('the machine has ended');
    if (this.#waiting !== undefined) throw new UserError('the machine is being saved or restored already');
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.post(message);
    });
  }

  #handle(message: FromWorker): void {
    switch (message.type) {
      case 'started':
        this.#settleStart?.resolve();
        this.#settleStart = undefined;
        break;
      case 'failed':
        this.#finish('crashed', `the emulator cannot make this machine: ${message.reason}`);
        break;
      case 'size':
        if (this.#events.size(message.width, message.height)) this.post({ type: 'resized' });
        break;
      case 'frame':
        Atomics.store(this.#shared, SHARED.frameInFlight, 0);
        this.#events.frame(message.rects);
        break;
      case 'leds':
        this.#events.leds(message.leds);
        break;
      case 'absolute-pointer':
        this.#events.absolutePointer(message.on);
        break;
      case 'serial':
        Atomics.sub(this.#shared, SHARED.serialInFlight, message.text.length);
        this.#events.serial(message.text);
        break;
      case 'log':
        this.#events.log(message.text);
        break;
      case 'saved':
        this.#answer((waiting) => waiting.resolve(message.state));
        break;
      case 'restored':
      case 'moved':
        this.#answer((waiting) => waiting.resolve(new Uint8Array(0)));
        break;
      case 'refused':
        this.#answer((waiting) => waiting.reject(new UserError(message.reason)));
        break;
      case 'ended':
        this.#finish(message.how, message.reason);
        break;
    }
  }

  #answer(settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) settle(waiting);
  }

  #finish(how: 'poweroff' | 'reset' | 'crashed', reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watchdog.stop();
    const isStarting = this.#settleStart !== undefined;
    this.#settle(new UserError(reason));
    // A machine that never ran is reported by `started` alone.
    if (!isStarting) this.#events.ended(how, reason);
  }

  #settle(error: Error): void {
    this.#settleStart?.reject(error);
    this.#settleStart = undefined;
    this.#answer((waiting) => waiting.reject(error));
  }
}
