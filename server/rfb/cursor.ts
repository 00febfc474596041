import { ENCODING } from '../../protocols/rfb/encodings.js';
import type { Cursor } from '../../src/display/cursor.js';
import type { PixelLayout } from '../../src/encode/pixel-format.js';
import { encodeCursor, encodeCursorWithAlpha } from '../../src/encode/rfb-cursor.js';
import type { ClientEncodings } from './client-encodings.js';
import { type EncodedRectangle, rectangle } from './rectangle.js';

/** Shapes have alpha, which only this knows; the pixels inside are encoded as Raw. */
const RAW_INSIDE = Uint8Array.of(0, 0, 0, ENCODING.raw);

/** The pointer's shape, or undefined for a client that draws none, and while the guest has said nothing of it. */
export function cursorRectangle(
  cursor: Cursor,
  { listed }: ClientEncodings,
  layout: PixelLayout,
): EncodedRectangle | undefined {
  if (cursor === 'unknown') return undefined;
  const shape = cursor === 'hidden' ? { width: 0, height: 0, hotX: 0, hotY: 0, bgra: new Uint8Array(0) } : cursor;
  const place = { x: shape.hotX, y: shape.hotY, width: shape.width, height: shape.height };
  if (listed.has(ENCODING.cursorWithAlpha)) {
    const body = Buffer.concat([RAW_INSIDE, encodeCursorWithAlpha(shape)]);
    return rectangle({ ...place, encoding: ENCODING.cursorWithAlpha }, body);
  }
  if (!listed.has(ENCODING.cursor)) return undefined;
  return rectangle({ ...place, encoding: ENCODING.cursor }, encodeCursor(shape, layout));
}
