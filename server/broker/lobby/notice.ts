import { Emitter } from '../../../src/base/events.js';
import type { Rect } from '../../../src/display/rect.js';
import { BUTTON, type PointerEvent, type ScanCode } from '../../../src/input/events.js';
import { type Canvas, cellHeight, cellWidth } from '../../../src/paint/canvas.js';
import { fillDisc, fillRounded, frame } from '../../../src/paint/rounded.js';
import { drawText, fitted, textWidth, wrapped } from '../../../src/paint/smooth-text.js';
import { commandOf } from './keys.js';
import type { Screen } from './screen.js';
import { scaleFor, THEME } from './theme.js';

/** Something that can be done about a notice, by its key or by its button. */
export interface NoticeAction {
  readonly key: 'Enter' | 'Esc';
  readonly label: string;
  readonly run: () => void;
}

export interface NoticeText {
  readonly title: string;
  readonly text: string;
  /** Somebody works on it: dots move. */
  readonly busy?: boolean;
  readonly actions: readonly NoticeAction[];
}

const STEP_MS = 400;
const DOTS = 3;
const MAX_COLUMNS = 56;
const MAX_LINES = 12;

/** A panel in the middle of the screen that says what has happened, and what can be done. */
export class Notice implements Screen {
  readonly onChange = new Emitter<void>();
  readonly stepMs?: number;
  readonly #notice: NoticeText;
  /** Where the buttons are, as drawn last. */
  #buttons: readonly Rect[] = [];
  #dots: Rect | undefined;
  #hovered = -1;
  #pressed = -1;
  #steps = 0;

  constructor(notice: NoticeText) {
    this.#notice = notice;
    if (notice.busy === true) this.stepMs = STEP_MS;
  }

  draw(canvas: Canvas): void {
    const { width, height } = canvas;
    const { title, text, actions, busy } = this.#notice;
    const scale = scaleFor(width, height);
    const [cell, line] = [cellWidth(scale), Math.round(cellHeight(scale) * 1.25)];
    const columns = Math.min(MAX_COLUMNS, Math.floor(width / cell) - 8);
    const lines = text === '' ? [] : wrapped(text, columns).slice(0, MAX_LINES);
    const pad = 3 * cell;
    const panelWidth = columns * cell + 2 * pad;
    const titleHeight = line + (lines.length > 0 ? line >> 1 : 0);
    const panelHeight =
      2 * pad + titleHeight + lines.length * line + (busy ? 2 * line : 0) + (actions.length > 0 ? 3 * line : 0);
    const x = (width - panelWidth) >> 1;
    let y = Math.max(0, (height - panelHeight) >> 1);

    canvas.fill({ x: 0, y: 0, width, height }, THEME.paper);
    const panel = { x, y, width: panelWidth, height: panelHeight };
    frame(canvas, panel, 4 * scale, Math.max(1, scale >> 1), THEME.line, THEME.panel);
    y += pad;
    drawText(canvas, x + pad, y, fitted(title, columns), scale, THEME.ink);
    y += titleHeight;
    for (const content of lines) {
      drawText(canvas, x + pad, y, content, scale, THEME.soft);
      y += line;
    }
    this.#dots = busy ? { x: x + pad, y: y + (line >> 1), width: DOTS * 2 * cell, height: cell } : undefined;
    this.#drawDots(canvas);
    this.#drawButtons(canvas, x + pad, panel.y + panelHeight - pad - 2 * line, scale);
  }

  step(canvas: Canvas): void {
    this.#steps++;
    this.#drawDots(canvas);
  }

  key(code: ScanCode, repeated: boolean): void {
    if (repeated) return;
    const command = commandOf(code);
    if (command === 'accept') this.#run('Enter');
    if (command === 'back') this.#run('Esc');
  }

  pointer({ x, y }: PointerEvent, pressed: number, released: number): void {
    const over = this.#buttons.findIndex((r) => x >= r.x && y >= r.y && x < r.x + r.width && y < r.y + r.height);
    if ((pressed & BUTTON.left) !== 0) this.#pressed = over;
    const clicked = (released & BUTTON.left) !== 0 && over >= 0 && over === this.#pressed;
    if (over !== this.#hovered) {
      this.#hovered = over;
      this.onChange.emit();
    }
    if (clicked) this.#notice.actions[over]?.run();
  }

  #run(key: NoticeAction['key']): void {
    this.#notice.actions.find((action) => action.key === key)?.run();
  }

  #drawDots(canvas: Canvas): void {
    if (this.#dots === undefined) return;
    const { x, y, height: diameter } = this.#dots;
    canvas.fill(this.#dots, THEME.panel);
    for (let i = 0; i < DOTS; i++) {
      const lit = this.#steps % DOTS === i;
      fillDisc(canvas, x + i * 2 * diameter, y, diameter, lit ? THEME.accent : THEME.line);
    }
  }

  /** What most people want is bright: to go on. */
  #drawButtons(canvas: Canvas, left: number, top: number, scale: number): void {
    const cell = cellWidth(scale);
    const height = cellHeight(scale) + 2 * cell;
    let x = left;
    this.#buttons = this.#notice.actions.map(({ key, label }, i) => {
      const first = key === 'Enter';
      const hovered = i === this.#hovered;
      const width = textWidth(`${label}  ${key}`, scale) + 3 * cell;
      const rect = { x, y: top, width, height };
      fillRounded(canvas, rect, 2 * scale, first ? THEME.accent : hovered ? THEME.line : THEME.raised);
      if (first && hovered) frame(canvas, rect, 2 * scale, Math.max(1, scale >> 1), THEME.ink, THEME.accent);
      const y = top + cell + (scale >> 1);
      const past = drawText(canvas, x + Math.floor(1.5 * cell), y, label, scale, first ? THEME.onAccent : THEME.ink);
      const hint = first ? 0x7a5500 : THEME.faint;
      drawText(canvas, x + Math.floor(1.5 * cell) + past + 2 * cell, y, key, scale, hint);
      x += width + cell;
      return rect;
    });
  }
}
