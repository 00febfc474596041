import type { Rect } from '../../../src/display/rect.js';
import type { Canvas } from '../../../src/paint/canvas.js';
import { drawPicture, fitInto, type Picture } from '../../../src/paint/picture.js';
import { fillDisc, fillRounded, frame } from '../../../src/paint/rounded.js';
import { drawText, fitted, textWidth } from '../../../src/paint/smooth-text.js';
import type { MachineState } from '../../api/views.js';
import type { ReachableMachine } from '../directory.js';
import { logOutRect, type PickerLayout } from './picker-layout.js';
import { STATE_COLOURS, THEME } from './theme.js';

/** What stands where a thumbnail would be, if not the state's name. */
const NO_PICTURE: { readonly [S in MachineState]?: string } = { running: '', template: 'new' };

export interface CardState {
  readonly selected: boolean;
  readonly pressed: boolean;
  readonly picture: Picture | undefined;
}

export function drawHeader(
  canvas: Canvas,
  layout: PickerLayout,
  title: string,
  user: string,
  logOutHovered: boolean,
): void {
  const { header, cell, line, margin, scale } = layout;
  const y = cell + ((line + cell - 8 * scale) >> 1);
  const button = logOutRect(layout);
  const room = Math.floor((button.x - margin) / cell) - 2;
  const mark = Math.round(2.5 * cell);
  fillRounded(
    canvas,
    { x: margin, y: y - scale, width: Math.round(1.7 * cell), height: 8 * scale },
    scale,
    THEME.accent,
  );
  const shownUser = fitted(user, Math.floor(room / 2));
  const shownTitle = fitted(title, room - shownUser.length - 4);
  drawText(canvas, margin + mark, y, shownTitle, scale, THEME.ink);
  drawText(canvas, button.x - cell - textWidth(shownUser, scale), y, shownUser, scale, THEME.soft);
  fillRounded(canvas, button, 2 * scale, logOutHovered ? THEME.line : THEME.raised);
  const label = 'log out';
  drawText(canvas, button.x + ((button.width - textWidth(label, scale)) >> 1), y, label, scale, THEME.ink);
  canvas.fill({ x: 0, y: header.height - cell, width: header.width, height: 1 }, THEME.panel);
}

export function drawFooter(canvas: Canvas, layout: PickerLayout, typed: string): void {
  const { footer, cell, margin, scale } = layout;
  const columns = Math.floor((footer.width - 2 * margin) / cell);
  const long = 'arrows choose   Enter opens   letters find a name   Esc logs out';
  const short = 'arrows, Enter, letters; Esc logs out';
  const help = long.length <= columns ? long : short;
  const y = footer.y + (cell >> 1);
  if (typed === '') drawText(canvas, margin, y, fitted(help, columns), scale, THEME.faint);
  else drawText(canvas, margin, y, fitted(`find: ${typed}_   Esc shows all`, columns), scale, THEME.accent);
}

/** In place of the cards. */
export function drawNothingFound(canvas: Canvas, { list, cell, scale }: PickerLayout, typed: string): void {
  const text = fitted(`no name has "${typed}" in it`, Math.floor(list.width / cell));
  const x = list.x + ((list.width - textWidth(text, scale)) >> 1);
  drawText(canvas, x, list.y + (list.height >> 1), text, scale, THEME.soft);
}

/** How far down the rows one is. */
export function drawScrollBar(canvas: Canvas, layout: PickerLayout, topRow: number): void {
  const { list, rows, visibleRows, scale } = layout;
  if (rows <= visibleRows) return;
  const width = 2 * scale;
  const x = list.x + list.width + layout.margin - 2 * width;
  fillRounded(canvas, { x, y: list.y, width, height: list.height }, width >> 1, THEME.panel);
  const height = Math.max(4 * width, Math.round((list.height * visibleRows) / rows));
  const y = list.y + Math.round(((list.height - height) * topRow) / (rows - visibleRows));
  fillRounded(canvas, { x, y, width, height }, width >> 1, THEME.line);
}

export function drawCard(
  canvas: Canvas,
  layout: PickerLayout,
  rect: Rect,
  machine: ReachableMachine,
  { selected, pressed, picture }: CardState,
): void {
  const { scale, cell, line, pictureHeight } = layout;
  const radius = 3 * scale;
  const paper = pressed ? THEME.line : selected ? THEME.raised : THEME.panel;
  if (selected) frame(canvas, rect, radius, scale, THEME.accent, paper);
  else fillRounded(canvas, rect, radius, paper);
  drawScreen(canvas, layout, { ...rect, height: pictureHeight }, machine, picture);

  const left = rect.x + cell;
  const columns = Math.floor(rect.width / cell) - 2;
  let y = rect.y + pictureHeight + (cell >> 1);
  drawText(canvas, left, y, fitted(machine.name, columns), scale, THEME.ink);
  y += line;
  const disc = 3 * scale;
  fillDisc(canvas, left, y + 2 * scale, disc, STATE_COLOURS[machine.state]);
  const state = machine.reason === null ? stateText(machine) : `${stateText(machine)}: ${machine.reason}`;
  drawText(canvas, left + Math.round(1.3 * cell), y, fitted(state, columns - 1), scale, THEME.soft);
  y += line;
  const present = machine.present.length > 0;
  const who = present ? `in use: ${machine.present.join(', ')}` : machine.description;
  drawText(canvas, left, y, fitted(who, columns), scale, present ? THEME.soft : THEME.faint);
}

/** The thumbnail, or a screen that is off. */
function drawScreen(
  canvas: Canvas,
  { scale, cell }: PickerLayout,
  area: Rect,
  machine: ReachableMachine,
  picture: Picture | undefined,
): void {
  const inset = cell >> 1;
  const inside = {
    x: area.x + inset,
    y: area.y + inset,
    width: area.width - 2 * inset,
    height: area.height - inset,
  };
  fillRounded(canvas, inside, scale, THEME.paper);
  if (picture !== undefined) drawPicture(canvas, fitInto(picture, inside), picture);
  else {
    const label = NO_PICTURE[machine.state] ?? machine.state;
    const y = inside.y + ((inside.height - 8 * scale) >> 1);
    drawText(canvas, inside.x + ((inside.width - textWidth(label, scale)) >> 1), y, label, scale, THEME.line);
  }
}

function stateText({ state, role }: ReachableMachine): string {
  if (state === 'template') return 'made for you at the first login';
  return role === 'view' ? `${state} (watch only)` : state;
}
