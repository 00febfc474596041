import { type Clock, systemClock } from '../base/clock.js';
import { Emitter } from '../base/events.js';
import type { Leds, PointerEvent, ScanCode } from './events.js';
import { type KeyChord, keysForCodePoint } from './layout-us.js';

/** Where input ends up: an engine, or a test. */
export interface InputSink {
  key(code: ScanCode, down: boolean): void;
  pointer(event: PointerEvent): void;
  /** Called before anything is passed on, so that the display hurries. */
  hasten(): void;
}

const LOCKS: readonly (readonly [lock: keyof Leds, code: ScanCode])[] = [
  ['capsLock', 0x3a],
  ['numLock', 0x45],
  ['scrollLock', 0x46],
];
/** A guest's light follows its key within this time, or the guest has not taken it. */
const LIGHT_MS = 1_000;
const LEFT_SHIFT = 0x2a;
const RIGHT_SHIFT = 0x36;

/**
 * One machine's keyboard and pointer, shared by all that are connected.
 * A key held by two sources goes up for the guest when the last of them lets go.
 */
export class Input {
  readonly onLeds = new Emitter<Leds>();
  #leds: Leds | undefined;
  /** Lights that the guest has been asked for and has not shown yet. */
  readonly #awaited = new Map<keyof Leds, { readonly lit: boolean; readonly sinceMs: number }>();
  readonly #sink: InputSink;
  readonly #clock: Clock;
  readonly #sources = new Set<InputSource>();

  constructor(sink: InputSink, clock: Clock = systemClock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** The guest's lights, once it has said so. */
  get leds(): Leds | undefined {
    return this.#leds;
  }

  setLeds(leds: Leds): void {
    this.#leds = leds;
    for (const [lock, { lit }] of this.#awaited) if (leds[lock] === lit) this.#awaited.delete(lock);
    this.onLeds.emit(leds);
  }

  /**
   * Opens a source for one session; close it when the session ends.
   * @param stale keys that its client holds down already, for another guest
   */
  source(stale: readonly ScanCode[] = []): InputSource {
    const source = new InputSource(this, (gone) => this.#sources.delete(gone), stale);
    this.#sources.add(source);
    return source;
  }

  /** Whether Shift makes this character now: the guest's Caps Lock inverts what it does to letters. */
  wantsShift({ shift, letter }: Pick<KeyChord, 'shift' | 'letter'>): boolean {
    return shift !== (letter && this.light('capsLock') === true);
  }

  // Called by sources only.

  /** The light as it is, or as it is about to be; undefined until the guest has said. */
  light(lock: keyof Leds): boolean | undefined {
    const awaited = this.#awaited.get(lock);
    const isDue = awaited !== undefined && this.#clock.now() - awaited.sinceMs < LIGHT_MS;
    return isDue ? awaited.lit : this.#leds?.[lock];
  }

  awaitLight(lock: keyof Leds, lit: boolean): void {
    this.#awaited.set(lock, { lit, sinceMs: this.#clock.now() });
  }

  passKey(from: InputSource, code: ScanCode, down: boolean): void {
    if (!down && this.#heldElsewhere(from, code)) return;
    this.#sink.hasten();
    this.#sink.key(code, down);
  }

  passPointer(event: PointerEvent): void {
    let buttons = 0;
    for (const source of this.#sources) buttons |= source.buttons;
    this.#sink.hasten();
    this.#sink.pointer({ ...event, buttons });
  }

  #heldElsewhere(from: InputSource, code: ScanCode): boolean {
    for (const source of this.#sources) if (source !== from && source.holds(code)) return true;
    return false;
  }
}

/** One session's hands: what it holds down is released when it is closed. */
export class InputSource {
  readonly #input: Input;
  readonly #detach: (source: InputSource) => void;
  readonly #held = new Set<ScanCode>();
  /** Down since before this source had the client: their repeats and their coming up are not for this guest. */
  readonly #stale: Set<ScanCode>;
  #buttons = 0;
  #x = 0;
  #y = 0;
  #closed = false;
  #muted = false;

  constructor(input: Input, detach: (source: InputSource) => void, stale: readonly ScanCode[]) {
    this.#input = input;
    this.#detach = detach;
    this.#stale = new Set(stale);
  }

  /** All that the client holds down, whomever it was for. */
  get down(): readonly ScanCode[] {
    return [...this.#stale, ...this.#held];
  }

  get buttons(): number {
    return this.#buttons;
  }
  holds(code: ScanCode): boolean {
    return this.#held.has(code);
  }
  isStale(code: ScanCode): boolean {
    return this.#stale.has(code);
  }

  /** Somebody who only watches: releases what is held, and drops what comes until it is lifted. */
  setMuted(muted: boolean): void {
    if (muted) this.#release();
    this.#muted = muted;
  }

  /** A key by place. A repeated `down` is the client's auto-repeat and is passed on. */
  key(code: ScanCode, down: boolean): void {
    if (this.#stale.has(code)) {
      if (!down) this.#stale.delete(code);
      return;
    }
    if (this.#closed || this.#muted) return;
    if (down) this.#held.add(code);
    else if (!this.#held.delete(code)) return;
    this.#input.passKey(this, code, down);
  }

  pointer(event: PointerEvent): void {
    if (this.#closed || this.#muted) return;
    this.#buttons = event.buttons;
    this.#x = event.x;
    this.#y = event.y;
    this.#input.passPointer(event);
  }

  /**
   * A character, typed as the keys that make it on a US keyboard. Shift is lifted or pressed around it as needed.
   * Returns false when that keyboard cannot make it.
   */
  type(codePoint: number): boolean {
    const keys = keysForCodePoint(codePoint);
    if (keys === undefined || this.#closed || this.#muted) return false;
    const shift = this.#input.wantsShift(keys);
    const shifts = [LEFT_SHIFT, RIGHT_SHIFT].filter((code) => this.#held.has(code));
    if (shift && shifts.length === 0) this.key(LEFT_SHIFT, true);
    if (!shift) for (const code of shifts) this.key(code, false);
    this.key(keys.code, true);
    this.key(keys.code, false);
    if (shift && shifts.length === 0) this.key(LEFT_SHIFT, false);
    if (!shift) for (const code of shifts) this.key(code, true);
    return true;
  }

  /**
   * Presses the lock keys whose lights differ from what the client shows; does nothing until the guest has said.
   * Clients say it twice in a row (xfreerdp on purpose), sooner than the guest can follow.
   */
  syncLeds(wanted: Leds): void {
    if (this.#closed || this.#muted || this.#input.leds === undefined) return;
    for (const [lock, code] of LOCKS) {
      if (wanted[lock] === this.#input.light(lock)) continue;
      this.#input.awaitLight(lock, wanted[lock]);
      this.key(code, true);
      this.key(code, false);
    }
  }

  /** Lets go of everything: the client lost focus, or left. */
  releaseAll(): void {
    this.#stale.clear();
    this.#release();
  }

  close(): void {
    if (this.#closed) return;
    this.releaseAll();
    this.#closed = true;
    this.#detach(this);
  }

  #release(): void {
    for (const code of [...this.#held]) this.key(code, false);
    if (this.#buttons !== 0) this.pointer({ x: this.#x, y: this.#y, buttons: 0 });
  }
}
