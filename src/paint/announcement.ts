import type { Display } from '../display/display.js';
import type { Rect } from '../display/rect.js';
import { Canvas, cellHeight, cellWidth } from './canvas.js';
import { mix } from './mix.js';
import { fillRounded } from './rounded.js';
import { drawText, wrapped } from './smooth-text.js';

const PANEL = 0x1b2229;
const INK = 0xe4e9ee;
const SHADE = 0x11161b;
/** Of 256: what is left of the picture behind can still be made out. */
const SHADE_ALPHA = 160;
const MAX_COLUMNS = 56;
const MAX_LINES = 12;

/** A few words of ours on a guest's screen, over its last picture, while nothing else paints there. */
export class Announcement {
  readonly #display: Display;
  /** Where the words are, once the picture is darkened; they stay there while they change. */
  #panel: Rect | undefined;

  constructor(display: Display) {
    this.#display = display;
  }

  show(text: string): void {
    const { width, height, framebuffer } = this.#display;
    const canvas = new Canvas(width, height, framebuffer.words);
    // One pixel of the font is two of a small screen, four of a 4K one.
    const scale = Math.max(width < 480 ? 1 : 2, Math.round(height / 500));
    const columns = Math.max(1, Math.min(MAX_COLUMNS, Math.floor(width / cellWidth(scale)) - 8));
    const lines = wrapped(text, columns).slice(0, MAX_LINES);
    if (this.#panel === undefined) {
      canvas.paint({ x: 0, y: 0, width, height }, (x, y) => mix(canvas.words[y * width + x]!, SHADE, SHADE_ALPHA));
      this.#panel = panelFor(lines, scale, width, height);
    }
    const { x, y } = this.#panel;
    fillRounded(canvas, this.#panel, 4 * scale, PANEL);
    const pad = 3 * cellWidth(scale);
    lines.forEach((line, i) => void drawText(canvas, x + pad, y + pad + i * lineHeight(scale), line, scale, INK));
    for (const rect of canvas.takeDirty()) this.#display.damage(rect);
    this.#display.setCursor('unknown');
    this.#display.commit();
  }

  /** Leaves a black screen to who paints next: its own idea of a screen before its first picture. */
  clear(): void {
    if (this.#panel === undefined) return;
    this.#panel = undefined;
    const { width, height, framebuffer } = this.#display;
    framebuffer.words.fill(0);
    this.#display.damage({ x: 0, y: 0, width, height });
    this.#display.commit();
  }
}

function panelFor(lines: readonly string[], scale: number, width: number, height: number): Rect {
  const pad = 3 * cellWidth(scale);
  const longest = Math.max(...lines.map((line) => line.length));
  const panelWidth = longest * cellWidth(scale) + 2 * pad;
  const panelHeight = (lines.length - 1) * lineHeight(scale) + cellHeight(scale) + 2 * pad;
  return {
    x: (width - panelWidth) >> 1,
    y: Math.max(0, (height - panelHeight) >> 1),
    width: panelWidth,
    height: panelHeight,
  };
}

function lineHeight(scale: number): number {
  return Math.round(cellHeight(scale) * 1.25);
}
