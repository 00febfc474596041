import { Emitter } from '../../../src/base/events.js';
import { BUTTON, type PointerEvent, type ScanCode } from '../../../src/input/events.js';
import { characterForKey } from '../../../src/input/layout-us.js';
import type { Canvas } from '../../../src/paint/canvas.js';
import type { Picture } from '../../../src/paint/picture.js';
import type { ReachableMachine } from '../directory.js';
import { type Command, commandOf } from './keys.js';
import { drawCard, drawFooter, drawHeader, drawNothingFound, drawScrollBar } from './picker-drawing.js';
import { cardRect, layoutPicker, logOutRect, type PickerLayout } from './picker-layout.js';
import type { Screen } from './screen.js';
import { THEME } from './theme.js';

const MAX_TYPED = 63;

export interface PickerOptions {
  /** Whose host this is. */
  readonly title: string;
  readonly user: string;
  /** Asked at each `update`. */
  readonly machines: () => readonly ReachableMachine[];
  /** The thumbnail that is there already; asking for it has it fetched. */
  readonly picture: (machine: ReachableMachine) => Picture | undefined;
  /** The one to begin with, by name. */
  readonly selected?: string | undefined;
  readonly choose: (machine: ReachableMachine) => void;
  readonly logOut: () => void;
}

/** The machines that somebody may reach, to choose one: by arrows, by pointer, or by typing a part of its name. */
export class Picker implements Screen {
  readonly onChange = new Emitter<void>();
  readonly #options: PickerOptions;
  /** Those that are shown: they have in their names what was typed. */
  #machines: readonly ReachableMachine[] = [];
  /** Of the latest `update`. */
  #all: readonly ReachableMachine[];
  /** By name, so that it stays when others come and go. */
  #selected: string | undefined;
  #index = 0;
  #topRow = 0;
  /** As drawn last. */
  #size: { readonly width: number; readonly height: number } | undefined;
  #layout: PickerLayout | undefined;
  #typed = '';
  #over: number | 'log-out' | undefined;
  #pressed: number | 'log-out' | undefined;

  constructor(options: PickerOptions) {
    this.#options = options;
    this.#selected = options.selected;
    this.#all = options.machines();
    this.#find();
  }

  /** The one that Enter would open. */
  get selected(): string | undefined {
    return this.#machines[this.#index]?.name;
  }
  get typed(): string {
    return this.#typed;
  }

  /** Something about the machines or their pictures is different. */
  update(): void {
    this.#all = this.#options.machines();
    this.#find();
    this.onChange.emit();
  }

  draw(canvas: Canvas): void {
    this.#size = { width: canvas.width, height: canvas.height };
    const layout = this.#layOut(this.#size);
    this.#reveal();
    canvas.fill({ x: 0, y: 0, width: canvas.width, height: canvas.height }, THEME.paper);
    drawHeader(canvas, layout, this.#options.title, this.#options.user, this.#over === 'log-out');
    this.#machines.forEach((machine, i) => {
      const rect = cardRect(layout, i, this.#topRow);
      if (rect === undefined) return;
      const state = {
        selected: i === this.#index,
        pressed: i === this.#pressed,
        picture: this.#options.picture(machine),
      };
      drawCard(canvas, layout, rect, machine, state);
    });
    if (this.#machines.length === 0) drawNothingFound(canvas, layout, this.#typed);
    drawScrollBar(canvas, layout, this.#topRow);
    drawFooter(canvas, layout, this.#typed);
  }

  key(code: ScanCode, repeated: boolean): void {
    const command = commandOf(code);
    if (command !== undefined) this.#command(command, repeated);
    else {
      const character = characterForKey(code, false);
      if (character !== undefined) this.#type(this.#typed + character);
    }
  }

  pointer(event: PointerEvent, pressed: number, released: number): void {
    const before = [this.#over, this.#index, this.#pressed, this.#topRow].join();
    const over = this.#at(event.x, event.y);
    // Only a pointer that moves selects: one that rests where a card appears does not.
    if (over !== this.#over && typeof over === 'number') this.#select(over);
    this.#over = over;
    if ((pressed & BUTTON.left) !== 0) {
      this.#pressed = over;
      if (typeof over === 'number') this.#select(over);
    }
    const clicked = (released & BUTTON.left) !== 0 && over !== undefined && over === this.#pressed;
    if ((released & BUTTON.left) !== 0) this.#pressed = undefined;
    if (event.wheelY !== undefined && event.wheelY !== 0) this.#scroll(-Math.sign(event.wheelY));
    if (clicked) {
      if (over === 'log-out') this.#options.logOut();
      else this.#choose(over);
    } else if (before !== [this.#over, this.#index, this.#pressed, this.#topRow].join()) this.onChange.emit();
  }

  #command(command: Command, repeated: boolean): void {
    const columns = this.#layout?.columns ?? 1;
    const page = columns * (this.#layout?.visibleRows ?? 1);
    const last = this.#machines.length - 1;
    const to = (index: number): void => {
      this.#select(Math.max(0, Math.min(last, index)));
      this.onChange.emit();
    };
    switch (command) {
      case 'accept':
        if (!repeated) this.#choose(this.#index);
        break;
      case 'back':
        if (this.#typed !== '') this.#type('');
        else if (!repeated) this.#options.logOut();
        break;
      case 'erase':
        this.#type(this.#typed.slice(0, -1));
        break;
      case 'left':
        to(this.#index - 1);
        break;
      case 'right':
        to(this.#index + 1);
        break;
      case 'up':
        if (this.#index >= columns) to(this.#index - columns);
        break;
      case 'down':
        if (this.#index + columns <= last) to(this.#index + columns);
        // From the last full row into a shorter one below.
        else if (Math.floor(this.#index / columns) < Math.floor(last / columns)) to(last);
        break;
      case 'page-up':
        to(this.#index - page);
        break;
      case 'page-down':
        to(this.#index + page);
        break;
      case 'first':
        to(0);
        break;
      case 'last':
        to(last);
        break;
    }
  }

  /** Shows the machines that have it in their names, and goes to the first. */
  #type(typed: string): void {
    this.#typed = typed.trimStart().slice(0, MAX_TYPED);
    this.#over = undefined;
    this.#pressed = undefined;
    this.#topRow = 0;
    this.#find();
    if (this.#typed !== '') this.#select(0);
    this.onChange.emit();
  }

  /** Those whose names begin with what was typed come first. The selection stays with its machine, or its place. */
  #find(): void {
    const all = this.#all;
    const places = all.map(({ name }) => name.toLowerCase().indexOf(this.#typed));
    this.#machines = [...all.filter((_, i) => places[i] === 0), ...all.filter((_, i) => places[i]! > 0)];
    if (this.#size !== undefined) this.#layOut(this.#size);
    const index = this.#machines.findIndex(({ name }) => name === this.#selected);
    this.#select(index >= 0 ? index : Math.max(0, Math.min(this.#index, this.#machines.length - 1)));
  }

  #layOut({ width, height }: { readonly width: number; readonly height: number }): PickerLayout {
    this.#layout = layoutPicker(width, height, this.#all.length, this.#machines.length);
    return this.#layout;
  }

  #select(index: number): void {
    this.#index = index;
    this.#selected = this.#machines[index]?.name ?? this.#selected;
    this.#reveal();
  }

  #choose(index: number): void {
    const machine = this.#machines[index];
    if (machine !== undefined) this.#options.choose(machine);
  }

  /** Brings the selected card's row into sight. */
  #reveal(): void {
    if (this.#layout === undefined) return;
    const { columns, visibleRows, rows } = this.#layout;
    const row = Math.floor(this.#index / columns);
    if (row < this.#topRow) this.#topRow = row;
    if (row >= this.#topRow + visibleRows) this.#topRow = row - visibleRows + 1;
    this.#topRow = Math.max(0, Math.min(this.#topRow, rows - visibleRows));
  }

  /** By rows; the selection goes with what is seen. */
  #scroll(by: number): void {
    if (this.#layout === undefined) return;
    const { columns, visibleRows, rows } = this.#layout;
    const top = Math.max(0, Math.min(rows - visibleRows, this.#topRow + by));
    if (top === this.#topRow) return;
    this.#topRow = top;
    const row = Math.floor(this.#index / columns);
    const seen = Math.max(top, Math.min(top + visibleRows - 1, row));
    this.#select(Math.min(this.#machines.length - 1, this.#index + (seen - row) * columns));
  }

  #at(x: number, y: number): number | 'log-out' | undefined {
    if (this.#layout === undefined) return undefined;
    const layout = this.#layout;
    const hits = (r: { x: number; y: number; width: number; height: number } | undefined): boolean =>
      r !== undefined && x >= r.x && y >= r.y && x < r.x + r.width && y < r.y + r.height;
    if (hits(logOutRect(layout))) return 'log-out';
    const index = this.#machines.findIndex((_, i) => hits(cardRect(layout, i, this.#topRow)));
    return index >= 0 ? index : undefined;
  }
}
