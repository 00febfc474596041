import { type Clock, systemClock } from '../base/clock.js';
import { Emitter } from '../base/events.js';
import type { Cursor } from './cursor.js';
import { diffTiles, shadowOf } from './diff.js';
import { FrameClock } from './frame-clock.js';
import { Framebuffer, moveWords } from './framebuffer.js';
import { clip, isEmpty, type Rect } from './rect.js';
import { TileSet } from './tile-set.js';
import { type CopyRect, DisplayView } from './view.js';

/** A change that comes later than this after an input is not its doing: a clock ticked, a film went on. */
const MAX_ECHO_MS = 1_000;

/** What a display has done, in sums since it was made. */
export interface DisplayMeter {
  /** Pictures that differed from the one before. */
  readonly framesPublished: number;
  /** From an input to the next change that was published, and how many such pairs there were. */
  readonly inputToDamageMs: number;
  readonly inputs: number;
}

/**
 * A machine's screen: one writer (the engine), any number of viewers.
 * The engine writes pixels into `framebuffer`, reports them with `damage`, and calls `commit` when they form
 * a whole picture. Viewers are told at the frame clock's pace; the diff runs once for all of them.
 */
export class Display {
  readonly framebuffer: Framebuffer;
  /** The screen has a new size; fires before any viewer is woken. */
  readonly onResize = new Emitter<{ width: number; height: number }>();
  /** The first picture since start (or since the size changed) is there to be seen. */
  readonly onFrame = new Emitter<void>();
  readonly #views = new Set<DisplayView>();
  readonly #frameClock: FrameClock;
  readonly #clock: Clock;
  readonly #meter = { framesPublished: 0, inputToDamageMs: 0, inputs: 0 };
  /** When the first input came that nothing has changed after yet. */
  #inputAtMs: number | undefined;
  #damage: TileSet;
  #shadow: Uint32Array;
  #cursor: Cursor = 'unknown';
  #published = false;

  constructor(width: number, height: number, clock: Clock = systemClock) {
    this.framebuffer = new Framebuffer(width, height);
    this.#damage = new TileSet(width, height);
    this.#shadow = shadowOf(this.framebuffer);
    this.#clock = clock;
    this.#frameClock = new FrameClock(clock, () => this.#publish());
  }

  get width(): number {
    return this.framebuffer.width;
  }
  get height(): number {
    return this.framebuffer.height;
  }
  get cursor(): Cursor {
    return this.#cursor;
  }
  get meter(): DisplayMeter {
    return this.#meter;
  }
  get viewCount(): number {
    return this.#views.size;
  }
  /** Whether a picture has been published since the last change of size. */
  get hasFrame(): boolean {
    return this.#published;
  }

  // For the engine.

  /** New size; the screen is black until the engine paints. Throws RangeError over the framebuffer's maximum. */
  resize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.framebuffer.resize(width, height);
    this.#damage = new TileSet(width, height);
    this.#shadow = shadowOf(this.framebuffer);
    this.#published = false;
    this.#frameClock.cancel();
    this.onResize.emit({ width, height });
    for (const view of this.#views) view.resized();
  }

  /** Pixels in `rect` may have changed. */
  damage(rect: Rect): void {
    this.#damage.add(rect);
  }

  /** Moves pixels on the screen and tells the viewers it was a move (scrolling, a dragged window). */
  copy(to: Rect, fromX: number, fromY: number): void {
    const source = clip({ x: fromX, y: fromY, width: to.width, height: to.height }, this.width, this.height);
    const inside = clip(to, this.width, this.height);
    if (isEmpty(to)) return;
    if (source.width < to.width || source.height < to.height || inside.width < to.width || inside.height < to.height) {
      throw new RangeError('a copy reaches outside the screen');
    }
    // Viewers must hold the pixels from before the move, and the shadow too.
    this.#publish();
    this.framebuffer.copy(to, fromX, fromY);
    moveWords(this.#shadow, this.width, to, fromX, fromY);
    this.#count();
    const copy: CopyRect = { to, fromX, fromY };
    for (const view of this.#views) view.copied(copy);
  }

  /** What was damaged so far forms a picture: let the viewers have it when the frame clock allows. */
  commit(): void {
    if (!this.#damage.isEmpty || !this.#published) this.#frameClock.request();
  }

  setCursor(cursor: Cursor): void {
    this.#cursor = cursor;
    for (const view of this.#views) view.cursorChanged();
  }

  // For the input path and the viewers.

  /** Somebody pressed a key or moved the pointer: the next change skips the frame clock's wait. */
  hasten(): void {
    const nowMs = this.#clock.now();
    if (this.#inputAtMs === undefined || nowMs - this.#inputAtMs > MAX_ECHO_MS) this.#inputAtMs = nowMs;
    this.#frameClock.hasten();
  }

  /** A new viewer; it starts with everything pending. */
  view(): DisplayView {
    const view = new DisplayView(this, (gone) => this.#views.delete(gone));
    this.#views.add(view);
    return view;
  }

  close(): void {
    this.#frameClock.cancel();
    for (const view of [...this.#views]) view.close();
  }

  #publish(): void {
    const changed = this.#damage;
    if (!changed.isEmpty) {
      diffTiles(this.framebuffer.words, this.#shadow, changed);
      if (!changed.isEmpty) {
        this.#count();
        for (const view of this.#views) view.damaged(changed);
      }
      changed.clear();
    }
    if (!this.#published) {
      this.#published = true;
      this.onFrame.emit();
    }
  }

  #count(): void {
    this.#meter.framesPublished++;
    if (this.#inputAtMs === undefined) return;
    const ms = this.#clock.now() - this.#inputAtMs;
    this.#inputAtMs = undefined;
    if (ms > MAX_ECHO_MS) return;
    this.#meter.inputToDamageMs += ms;
    this.#meter.inputs++;
  }
}
