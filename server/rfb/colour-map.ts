import type { PixelFormat } from '../../protocols/rfb/pixel-format.js';
import { SetColourMapEntries } from '../../protocols/rfb/set-colour-map-entries.js';
import { encode } from '../../protocols/wire/codec.js';

const ENTRIES = 256;

/** Tells a client that wants a colour map what its pixels mean: they are put together like true colours of `format`. */
export function colourMap(format: PixelFormat): Uint8Array {
  const channel = (pixel: number, max: number, shift: number): number =>
    Math.round((((pixel >> shift) & max) / max) * 0xffff);
  const colours = Array.from({ length: ENTRIES }, (_, pixel) => ({
    red: channel(pixel, format.redMax, format.redShift),
    green: channel(pixel, format.greenMax, format.greenShift),
    blue: channel(pixel, format.blueMax, format.blueShift),
  }));
  return encode(SetColourMapEntries, { firstColour: 0, colours });
}
