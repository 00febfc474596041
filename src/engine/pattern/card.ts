import type { Rect } from '../../display/rect.js';
import { Canvas, type Colour, cellHeight, cellWidth } from '../../paint/canvas.js';
import { photoAt } from './photo.js';

const PAPER = 0x101418;
const INK = 0xd8dee4;
const ACCENT = 0xffb000;

const BARS: readonly Colour[] = [0xffffff, 0xffff00, 0x00ffff, 0x00ff00, 0xff00ff, 0xff0000, 0x0000ff, 0x000000];
/** One gradient each: the channels that rise from left to right. */
const GRADIENTS: readonly Colour[] = [0xff0000, 0x00ff00, 0x0000ff, 0xffffff];

/** The lines of text at the foot of the card, from top to bottom. */
export const LINES = ['title', 'typed', 'codes', 'pointer', 'help', 'help2'] as const;
export type Line = (typeof LINES)[number];

/** The test card's picture: what is where, and how it is drawn. It knows nothing of keys and time. */
export class Card {
  readonly canvas: Canvas;
  /** Edge of a text pixel. */
  readonly scale: number;
  /** Where text scrolls. */
  readonly scrollArea: Rect;
  readonly #flicker: Rect;
  readonly #track: Rect;
  readonly #textTop: number;

  constructor(width: number, height: number) {
    this.canvas = new Canvas(width, height);
    this.scale = width >= 640 && height >= 400 ? 2 : 1;
    const unit = Math.floor(height / 12);
    const third = Math.floor(width / 3);
    const middle = { y: unit * 4, height: unit * 4 };
    const rows = Math.max(1, Math.floor(middle.height / cellHeight(this.scale)));
    this.scrollArea = { x: third, y: middle.y, width: third, height: rows * cellHeight(this.scale) };
    this.#flicker = { x: 2 * third + unit, y: middle.y + unit, width: unit * 2, height: unit * 2 };
    this.#track = { x: 0, y: unit * 8, width, height: 8 * this.scale };
    this.#textTop = this.#track.y + this.#track.height + 4;
    this.canvas.fill({ x: 0, y: 0, width, height }, PAPER);
    this.#bars({ x: 0, y: 0, width, height: unit * 2 });
    this.#gradients({ x: 0, y: unit * 2, width, height: unit * 2 });
    this.canvas.paint({ x: 0, ...middle, width: third }, photoAt);
    this.bar(0);
  }

  line(line: Line, text: string): void {
    const columns = Math.floor(this.canvas.width / cellWidth(this.scale));
    const y = this.#textTop + LINES.indexOf(line) * cellHeight(this.scale);
    // A line that is too long shows its end: that is where somebody types.
    const shown = text.slice(-columns).padEnd(columns);
    this.canvas.text(0, y, shown, this.scale, line === 'typed' ? ACCENT : INK, PAPER);
  }

  /** The moving bar, after so many steps. */
  bar(step: number): void {
    const { width } = this.#track;
    const length = Math.floor(width / 8);
    const x = (step * 8) % width;
    this.canvas.fill(this.#track, PAPER);
    this.canvas.fill({ ...this.#track, x, width: length }, ACCENT);
    this.canvas.fill({ ...this.#track, x: x - width, width: length }, ACCENT);
  }

  /** The square that inverts, or its absence. */
  flicker(state: 'off' | 'black' | 'white'): void {
    this.canvas.fill(this.#flicker, state === 'off' ? PAPER : state === 'white' ? 0xffffff : 0x000000);
  }

  /** Writes the lowest line of the scrolling area, number `count` of an endless text. */
  scrollLine(count: number): void {
    const { x, y, width, height } = this.scrollArea;
    const cell = cellHeight(this.scale);
    const columns = Math.floor(width / cellWidth(this.scale));
    const text = `${String(count).padStart(6, '0')} the quick brown fox jumps over the lazy dog`.slice(0, columns);
    const top = y + height - cell;
    this.canvas.fill({ x, y: top, width, height: cell }, PAPER);
    this.canvas.text(x, top, text, this.scale, INK, PAPER);
  }

  #bars(area: Rect): void {
    BARS.forEach((colour, i) => {
      const x = Math.floor((area.width * i) / BARS.length);
      this.canvas.fill({ ...area, x, width: Math.floor((area.width * (i + 1)) / BARS.length) - x }, colour);
    });
  }

  #gradients(area: Rect): void {
    const height = Math.floor(area.height / GRADIENTS.length);
    GRADIENTS.forEach((channels, i) => {
      this.canvas.paint({ ...area, y: area.y + i * height, height }, (x) => {
        const level = Math.round((x * 255) / (area.width - 1));
        return (level * 0x010101) & channels;
      });
    });
  }
}
