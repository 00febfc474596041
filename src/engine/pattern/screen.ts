import type { Display } from '../../display/display.js';
import { moveWords } from '../../display/framebuffer.js';
import type { Rect } from '../../display/rect.js';
import { clip, isEmpty } from '../../display/rect.js';
import type { Canvas } from '../../paint/canvas.js';

/** Half the crosshair's size. */
const ARM = 12;
const CROSSHAIR = 0xffffff;

/** Brings a canvas to a display, with a crosshair over it that the canvas does not hold. */
export class Screen {
  readonly #display: Display;
  readonly #canvas: Canvas;
  /** The crosshair's centre; undefined while it is not shown. */
  #crosshair: { x: number; y: number } | undefined;

  constructor(display: Display, canvas: Canvas) {
    this.#display = display;
    this.#canvas = canvas;
  }

  moveCrosshair(to: { x: number; y: number } | undefined): void {
    if (this.#crosshair !== undefined) this.#canvas.touch(this.#crosshairRect());
    this.#crosshair = to;
    if (to !== undefined) this.#canvas.touch(this.#crosshairRect());
  }

  /** Moves the picture inside `area` up; the rows that come in below are for the caller to draw. */
  scrollUp(area: Rect, rows: number): void {
    const crosshair = this.#crosshair;
    // The copy must not drag the crosshair along.
    this.moveCrosshair(undefined);
    this.#bring();
    const to = { ...area, height: area.height - rows };
    moveWords(this.#canvas.words, this.#canvas.width, to, area.x, area.y + rows);
    this.#display.copy(to, area.x, area.y + rows);
    this.moveCrosshair(crosshair);
  }

  /** Shows what was drawn since the last call as one picture. */
  present(): void {
    this.#bring();
    this.#display.commit();
  }

  #bring(): void {
    const { words, width, height } = this.#canvas;
    const target = this.#display.framebuffer.words;
    for (const rect of this.#canvas.takeDirty()) {
      const r = clip(rect, width, height);
      if (isEmpty(r)) continue;
      for (let y = r.y; y < r.y + r.height; y++) {
        const at = y * width + r.x;
        target.set(words.subarray(at, at + r.width), at);
      }
      this.#display.damage(r);
    }
    if (this.#crosshair !== undefined) this.#drawCrosshair(this.#crosshair, target);
  }

  #drawCrosshair(centre: { x: number; y: number }, target: Uint32Array): void {
    const { width, height } = this.#canvas;
    const row = clip({ x: centre.x - ARM, y: centre.y, width: 2 * ARM + 1, height: 1 }, width, height);
    target.fill(CROSSHAIR, row.y * width + row.x, row.y * width + row.x + row.width);
    const column = clip({ x: centre.x, y: centre.y - ARM, width: 1, height: 2 * ARM + 1 }, width, height);
    for (let y = column.y; y < column.y + column.height; y++) target[y * width + column.x] = CROSSHAIR;
  }

  #crosshairRect(): Rect {
    const { x, y } = this.#crosshair!;
    const edge = 2 * ARM + 1;
    return clip({ x: x - ARM, y: y - ARM, width: edge, height: edge }, this.#canvas.width, this.#canvas.height);
  }
}
