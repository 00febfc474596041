/** Shortest time between two frames: 60 a second. */
const FRAME_MS = 1000 / 60;
/** How long after an input the guest's answer is looked for without waiting. */
const HASTE_MS = 50;

/**
 * Decides when the worker looks at the guest's screen: after a slice of the guest, at most 60 times a second, but after
 * every slice from an input until something was painted. A guest at rest costs no timer.
 */
export class FramePacer {
  readonly #look: () => 'frame' | 'nothing' | 'busy';
  #lastMs = Number.NEGATIVE_INFINITY;
  #hasteUntilMs = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param look paints and sends what changed; 'busy' when the last frame is still on its way */
  constructor(look: () => 'frame' | 'nothing' | 'busy') {
    this.#look = look;
  }

  /** The guest ran: its screen may have changed. */
  slice(): void {
    if (this.#timer !== undefined && this.#hasteUntilMs < 0) return;
    const nowMs = performance.now();
    const waitMs = this.#lastMs + FRAME_MS - nowMs;
    if (waitMs <= 0 || nowMs < this.#hasteUntilMs) this.#fire(nowMs);
    else this.#arm(waitMs);
  }

  /** Somebody pressed a key or moved the pointer. */
  hasten(): void {
    this.#hasteUntilMs = performance.now() + HASTE_MS;
  }

  /** The guest stands still, or has a new screen: what it painted last is shown, as soon as that can be. */
  now(): void {
    this.#fire(performance.now());
  }

  #fire(nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastMs = nowMs;
    const seen = this.#look();
    if (seen === 'frame' || nowMs >= this.#hasteUntilMs) this.#hasteUntilMs = Number.NEGATIVE_INFINITY;
    // The guest may halt now and not run another slice for long.
    if (seen === 'busy') this.#arm(FRAME_MS);
  }

  #arm(waitMs: number): void {
    this.#timer ??= setTimeout(() => this.#fire(performance.now()), waitMs);
  }
}
