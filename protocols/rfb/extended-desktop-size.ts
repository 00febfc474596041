import type { Codec } from '../wire/codec.js';
import type { Reader } from '../wire/reader.js';
import type { Writer } from '../wire/writer.js';

/** One screen of a layout. @spec rfbproto ExtendedDesktopSize Pseudo-encoding (SCREEN) */
export interface LayoutScreen {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly flags: number;
}

export const SCREEN_BYTES = 16; /* id 4, x 2, y 2, width 2, height 2, flags 4 */

/** Why the layout changed: the rectangle's x-position. */
export const RESIZE_REASON = { server: 0, thisClient: 1, otherClient: 2 } as const;

/** What became of a client's request: the rectangle's y-position. */
export const RESIZE_STATUS = {
  done: 0,
  prohibited: 1,
  outOfResources: 2,
  invalidLayout: 3,
  /** The guest was asked; if it follows, another ExtendedDesktopSize comes. */
  forwarded: 4,
} as const;

/** What follows the rectangle header, which carries reason, status and size. @spec rfbproto ExtendedDesktopSize Pseudo-encoding */
export interface ExtendedDesktopSize {
  readonly screens: readonly LayoutScreen[];
}

export const ExtendedDesktopSize: Codec<ExtendedDesktopSize> = {
  name: 'ExtendedDesktopSize',
  fixedSize: 4 /* number-of-screens 1, padding 3 */,
  encode(w, v) {
    w.u8(v.screens.length).zeros(3);
    writeScreens(w, v.screens);
  },
  decode(r) {
    const count = r.u8('number-of-screens');
    r.skip(3, 'padding');
    return { screens: readScreens(r.sub(count * SCREEN_BYTES, 'screens')) };
  },
};

export function writeScreens(w: Writer, screens: readonly LayoutScreen[]): void {
  for (const s of screens) w.u32be(s.id).u16be(s.x).u16be(s.y).u16be(s.width).u16be(s.height).u32be(s.flags);
}

/** Everything in `r` is screens. */
export function readScreens(r: Reader): LayoutScreen[] {
  const screens: LayoutScreen[] = [];
  while (r.remaining > 0) {
    screens.push({
      id: r.u32be('id'),
      x: r.u16be('x-position'),
      y: r.u16be('y-position'),
      width: r.u16be('width'),
      height: r.u16be('height'),
      flags: r.u32be('flags'),
    });
  }
  return screens;
}
