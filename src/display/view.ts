import type { Cursor } from './cursor.js';
import { area, type Rect } from './rect.js';
import { TileSet } from './tile-set.js';

/** Pixels that moved on the screen: the rectangle `to` now shows what was at `fromX`, `fromY`. */
export interface CopyRect {
  readonly to: Rect;
  readonly fromX: number;
  readonly fromY: number;
}

/** Everything that a viewer has missed since it last took an update. Apply in this order. */
export interface ViewUpdate {
  /** Present when the screen has a new size; the whole of it is then in `rects`. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Present when the pointer changed. */
  readonly cursor: Cursor | undefined;
  readonly copies: readonly CopyRect[];
  /** What to send from the framebuffer as it is when it is encoded. */
  readonly rects: readonly Rect[];
}

/** The part of a display that a view looks at. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  readonly cursor: Cursor;
}

/** Copies remembered per viewer; a viewer slower than this gets pixels instead. */
const MAX_COPIES = 8;

/**
 * One viewer's own record of what it has not been sent yet. It never grows with time: damage merges,
 * copies are bounded, sizes and pointers are only remembered as "changed".
 */
export class DisplayView {
  /** Called whenever there may be something new to take. */
  onChange: () => void = () => {};
  readonly #source: Screen;
  readonly #detach: (view: DisplayView) => void;
  #tiles: TileSet;
  /** Taken, and maybe still to be encoded: what is sent of these tiles is what they show then. */
  #leaving: TileSet;
  #copies: CopyRect[] = [];
  #resized = true;
  #cursorChanged = true;

  constructor(source: Screen, detach: (view: DisplayView) => void) {
    this.#source = source;
    this.#detach = detach;
    this.#tiles = new TileSet(source.width, source.height);
    this.#tiles.addAll();
    this.#leaving = new TileSet(source.width, source.height);
  }

  get isPending(): boolean {
    return this.#resized || this.#cursorChanged || this.hasPixels;
  }
  /** Whether pixels (not only a pointer or a size) wait to be taken. */
  get hasPixels(): boolean {
    return this.#copies.length > 0 || !this.#tiles.isEmpty;
  }

  /** Takes everything that is pending and starts anew. `sent` says that all of it is encoded. */
  take(): ViewUpdate {
    const { width, height, cursor } = this.#source;
    const update: ViewUpdate = {
      size: this.#resized ? { width, height } : undefined,
      cursor: this.#cursorChanged ? cursor : undefined,
      copies: this.#copies,
      rects: this.#tiles.rects(),
    };
    this.#resized = false;
    this.#cursorChanged = false;
    this.#copies = [];
    this.#leaving.union(this.#tiles);
    this.#tiles.clear();
    return update;
  }

  sent(): void {
    this.#leaving.clear();
  }

  /** Asks for `rect` (or everything) again: a client that lost it, or a non-incremental request. */
  invalidate(rect?: Rect): void {
    if (rect === undefined) this.#tiles.addAll();
    else this.#tiles.add(rect);
    this.onChange();
  }

  /** Asks for the pointer again, e.g. after a client's caches were reset. */
  invalidateCursor(): void {
    this.#cursorChanged = true;
    this.onChange();
  }

  close(): void {
    this.onChange = () => {};
    this.#detach(this);
  }

  // Called by the display only.

  damaged(tiles: TileSet): void {
    this.#tiles.union(tiles);
    this.onChange();
  }

  copied(copy: CopyRect): void {
    const { to, fromX, fromY } = copy;
    // The viewer can repeat the copy only if it has the source as it was; what it will be sent anyway need not move.
    const source = { x: fromX, y: fromY, width: to.width, height: to.height };
    const hasSource = !this.#tiles.intersects(source) && !this.#leaving.intersects(source);
    if (this.#copies.length < MAX_COPIES && hasSource && area(to) > 0) this.#copies.push(copy);
    else this.#tiles.add(to);
    this.onChange();
  }

  resized(): void {
    this.#tiles = new TileSet(this.#source.width, this.#source.height);
    this.#tiles.addAll();
    this.#leaving = new TileSet(this.#source.width, this.#source.height);
    this.#copies = [];
    this.#resized = true;
    this.onChange();
  }

  cursorChanged(): void {
    this.#cursorChanged = true;
    this.onChange();
  }
}
