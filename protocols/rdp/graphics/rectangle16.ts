import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';

/** A rectangle whose right and bottom edges still belong to it. @spec MS-RDPBCGR 2.2.11.1 TS_RECTANGLE16 */
export interface Rectangle16 {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function encodeRectangle16(w: Writer, { left, top, right, bottom }: Rectangle16): void {
  w.u16le(left).u16le(top).u16le(right).u16le(bottom);
}

export function decodeRectangle16(r: Reader): Rectangle16 {
  return { left: r.u16le('left'), top: r.u16le('top'), right: r.u16le('right'), bottom: r.u16le('bottom') };
}
