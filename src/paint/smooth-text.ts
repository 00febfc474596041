import { type Canvas, type Colour, cellHeight, cellWidth } from './canvas.js';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRow } from './font.js';
import { mix } from './mix.js';

/** A point is ink where the glyph's pixels, blended into each other, are darker than this: less makes bolder strokes. */
const THRESHOLD = 0.43;
/** Points a pixel along each edge. */
const SAMPLES = 4;
const FIRST = 0x20;
const LAST = 0x7e;

/** Coverage 0 to 256, row by row, `GLYPH_WIDTH * scale` wide. By scale and code; there are few of both. */
const masks = new Map<number, Uint16Array>();

/**
 * One line of text over what is there, its corners rounded and its diagonals smooth, which the glyphs' large pixels
 * are not. Returns its width.
 */
export function drawText(canvas: Canvas, x: number, y: number, line: string, scale: number, ink: Colour): number {
  const text = plain(line);
  for (let i = 0; i < text.length; i++) drawGlyph(canvas, x + i * cellWidth(scale), y, text.charCodeAt(i), scale, ink);
  const width = textWidth(text, scale);
  canvas.touch({ x, y, width, height: cellHeight(scale) });
  return width;
}

export function textWidth(line: string, scale: number): number {
  return plain(line).length * cellWidth(scale);
}

/** `line`, cut to `columns` characters where it is longer, which is shown. */
export function fitted(line: string, columns: number): string {
  const text = plain(line);
  if (text.length <= columns) return text;
  return columns < 4 ? text.slice(0, Math.max(0, columns)) : `${text.slice(0, columns - 2)}..`;
}

/** Lines of at most `columns` characters, broken at blanks where there are any. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of plain(text).split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (longer.length <= columns) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      let rest = word;
      for (; rest.length > columns; rest = rest.slice(columns)) lines.push(rest.slice(0, columns));
      line = rest;
    }
    lines.push(line);
  }
  return lines;
}

/** What the font can show: letters lose their accents, anything else that it does not have becomes a question mark. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[–—]/g, '-')
    .replace(/[^\n\x20-\x7e]/gu, '?');
}

function drawGlyph(canvas: Canvas, left: number, top: number, code: number, scale: number, ink: Colour): void {
  const mask = maskOf(code, scale);
  const width = GLYPH_WIDTH * scale;
  const { words } = canvas;
  for (let row = Math.max(0, -top); row < GLYPH_HEIGHT * scale && top + row < canvas.height; row++) {
    for (let column = Math.max(0, -left); column < width && left + column < canvas.width; column++) {
      const alpha = mask[row * width + column]!;
      if (alpha === 0) continue;
      const at = (top + row) * canvas.width + left + column;
      words[at] = mix(words[at]!, ink, alpha);
    }
  }
}

function maskOf(code: number, scale: number): Uint16Array {
  const key = scale * 256 + (code >= FIRST && code <= LAST ? code : LAST + 1);
  let mask = masks.get(key);
  if (mask === undefined) {
    mask = makeMask(code, scale);
    masks.set(key, mask);
  }
  return mask;
}

function makeMask(code: number, scale: number): Uint16Array {
  const width = GLYPH_WIDTH * scale;
  const mask = new Uint16Array(width * GLYPH_HEIGHT * scale);
  for (let i = 0; i < mask.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    let inked = 0;
    for (let sample = 0; sample < SAMPLES * SAMPLES; sample++) {
      const dx = ((sample % SAMPLES) + 0.5) / SAMPLES;
      const dy = (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES;
      if (blended(code, (x + dx) / scale - 0.5, (y + dy) / scale - 0.5) > THRESHOLD) inked++;
    }
    mask[i] = (inked * 256) / (SAMPLES * SAMPLES);
  }
  return mask;
}

/** The glyph at a point between the middles of its pixels. */
function blended(code: number, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const upper = pixel(code, column, row) * (1 - fx) + pixel(code, column + 1, row) * fx;
  const lower = pixel(code, column, row + 1) * (1 - fx) + pixel(code, column + 1, row + 1) * fx;
  return upper * (1 - fy) + lower * fy;
}

function pixel(code: number, column: number, row: number): number {
  if (column < 0 || column >= GLYPH_WIDTH || row < 0 || row >= GLYPH_HEIGHT) return 0;
  return (glyphRow(code, row) >> (GLYPH_WIDTH - 1 - column)) & 1;
}
