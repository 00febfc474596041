import type { Rect } from '../../../src/display/rect.js';
import { cellHeight, cellWidth } from '../../../src/paint/canvas.js';
import { scaleFor } from './theme.js';

/** Where the picker's parts are on a screen of some size; all in pixels. */
export interface PickerLayout {
  readonly scale: number;
  /** One character's width, and the step from line to line. */
  readonly cell: number;
  readonly line: number;
  readonly margin: number;
  readonly header: Rect;
  readonly footer: Rect;
  /** Where cards are. */
  readonly list: Rect;
  readonly columns: number;
  readonly gap: number;
  readonly cardWidth: number;
  readonly cardHeight: number;
  /** The part of a card with its picture; lines of text follow. */
  readonly pictureHeight: number;
  readonly rows: number;
  /** Rows that are seen whole at a time. */
  readonly visibleRows: number;
}

/** Text under a card's picture. */
export const CARD_LINES = 3;
/** Narrower, and no name can be read. */
const MIN_CARD_CELLS = 14;
/** Wider, and a thumbnail is only larger pixels; on screens with many of them cards grow with the text. */
const MAX_CARD_PIXELS = 400;
const MAX_CARD_CELLS = 24;

/** @param shown how many of them there are cards for; the cards' size does not depend on it */
export function layoutPicker(width: number, height: number, count: number, shown = count): PickerLayout {
  const scale = scaleFor(width, height);
  const cell = cellWidth(scale);
  const line = Math.round(cellHeight(scale) * 1.2);
  const margin = 2 * cell;
  const gap = Math.round(1.5 * cell);
  const header = { x: 0, y: 0, width, height: line * 2 + cell };
  const footer = { x: 0, y: height - line - cell, width, height: line + cell };
  const list = { x: margin, y: header.height, width: width - 2 * margin, height: footer.y - header.height - gap };

  const textHeight = CARD_LINES * line + 2 * (cell >> 1);
  const maxWidth = Math.max(MAX_CARD_PIXELS, MAX_CARD_CELLS * cell);
  const widthOf = (columns: number): number =>
    Math.min(maxWidth, Math.floor((list.width - (columns - 1) * gap) / columns));
  const heightOf = (columns: number): number => Math.floor((widthOf(columns) * 10) / 16) + textHeight;
  // The largest cards of which two rows are seen.
  const mostColumns = Math.max(1, Math.floor((list.width + gap) / (MIN_CARD_CELLS * cell + gap)));
  let columns = mostColumns;
  for (let fewer = 1; fewer < mostColumns; fewer++) {
    const isNarrow = widthOf(fewer) < maxWidth || fewer >= count;
    if (!isNarrow || 2 * heightOf(fewer) + gap > list.height) continue;
    columns = fewer;
    break;
  }
  const cardWidth = widthOf(columns);
  const rows = Math.ceil(shown / columns);
  // Pictures give and take what the height does not fit; a screen's shape is anything between 4:3 and 16:9.
  const visibleRows = Math.max(height < 360 ? 1 : 2, Math.floor((list.height + gap) / (heightOf(columns) + gap)));
  const spare = Math.floor((list.height + gap) / visibleRows) - gap - textHeight;
  const pictureHeight = Math.max(2 * line, Math.min(spare, Math.floor((cardWidth * 3) / 4)));
  const cardHeight = pictureHeight + textHeight;
  const card = { cardWidth, cardHeight, pictureHeight };
  return { scale, cell, line, margin, header, footer, list, gap, columns, rows, visibleRows, ...card };
}

/** Where card `index` is while row `topRow` is the first to be seen; undefined while it is not. */
export function cardRect(layout: PickerLayout, index: number, topRow: number): Rect | undefined {
  const { columns, cardWidth, cardHeight, gap, list } = layout;
  const row = Math.floor(index / columns) - topRow;
  if (row < 0 || row >= layout.visibleRows) return undefined;
  const used = columns * cardWidth + (columns - 1) * gap;
  const x = list.x + ((list.width - used) >> 1) + (index % columns) * (cardWidth + gap);
  return { x, y: list.y + row * (cardHeight + gap), width: cardWidth, height: cardHeight };
}

/** The button at the header's right end. */
export function logOutRect({ header, cell, margin, line }: PickerLayout): Rect {
  const width = 10 * cell;
  return { x: header.width - margin - width, y: cell, width, height: line + cell };
}
