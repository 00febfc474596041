import type { Clock } from '../../src/base/clock.js';
import { Problem } from '../../src/base/errors.js';
import type { ControlOp, ControlOperations, VmStatus } from '../ipc/control.js';
import type { ControlConnection } from '../ipc/control-client.js';

/** How often a process is looked at that takes its time. */
const LOOK_MS = 10_000;
/** One that is well says how it is sooner, whatever else it does. */
const HANG_MS = 20_000;

/** A control connection to a process that may hang: whoever asks it something waits as long as it lives, and no longer. */
export class ProcessLink {
  readonly control: ControlConnection;
  readonly #clock: Clock;
  #asked: Promise<VmStatus> | undefined;

  constructor(control: ControlConnection, clock: Clock) {
    this.control = control;
    this.#clock = clock;
  }

  /** Some things take minutes, so it is not the answer that has a limit. Rejects with Problem 'failed' where it hangs. */
  request<O extends ControlOp>(op: O, params: ControlOperations[O]['params']): Promise<ControlOperations[O]['result']> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      let cancel = (): void => {};
      const look = (): void => {
        if (isOver) return;
        cancel = this.#clock.after(LOOK_MS, () => within(HANG_MS, this.#word(), this.#clock).then(look, reject));
      };
      const over = (): void => {
        isOver = true;
        cancel();
      };
      look();
      this.control.request(op, params).then(resolve, reject).finally(over);
    });
  }

  /** Resolves when it says something, whatever it is. */
  #word(): Promise<unknown> {
    return this.status().catch(() => {});
  }

  /** How it is. Many who ask at the same time ask once: of one that hangs they may be very many. */
  status(): Promise<VmStatus> {
    this.#asked ??= this.control.request('status', {}).finally(() => {
      this.#asked = undefined;
    });
    return this.#asked;
  }
}

/** Rejects with Problem 'failed' where a process does not answer in time. */
export async function within<T>(limitMs: number, answer: Promise<T>, clock: Clock): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(limitMs, () => reject(new Problem('failed', 'its process does not answer')));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}
