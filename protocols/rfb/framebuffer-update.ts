import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { SERVER_MESSAGE } from './message-types.js';

/** `rectangles` for an update whose end is marked by a LastRect rectangle. @spec rfbproto LastRect Pseudo-encoding */
export const UNTIL_LAST_RECT = 0xffff;

/** What `rectangles` rectangles follow. @spec RFC 6143 7.6.1 FramebufferUpdate */
export interface FramebufferUpdate {
  readonly rectangles: number;
}

export const FramebufferUpdate: Codec<FramebufferUpdate> = {
  name: 'FramebufferUpdate',
  fixedSize: 4 /* type 1, padding 1, number-of-rectangles 2 */,
  encode(w, v) {
    w.u8(SERVER_MESSAGE.framebufferUpdate).zeros(1).u16be(v.rectangles);
  },
  decode(r) {
    expectType(r, SERVER_MESSAGE.framebufferUpdate);
    r.skip(1, 'padding');
    return { rectangles: r.u16be('number-of-rectangles') };
  },
};

/** The header of a rectangle; pseudo-encodings give the four numbers their own meaning. @spec RFC 6143 7.6.1 FramebufferUpdate (rectangle) */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** One of ENCODING. */
  readonly encoding: number;
}

export const Rectangle: Codec<Rectangle> = {
  name: 'Rectangle',
  fixedSize: 12 /* x 2, y 2, width 2, height 2, encoding-type 4 */,
  encode(w, v) {
    w.u16be(v.x).u16be(v.y).u16be(v.width).u16be(v.height).u32be(v.encoding);
  },
  decode(r) {
    return {
      x: r.u16be('x-position'),
      y: r.u16be('y-position'),
      width: r.u16be('width'),
      height: r.u16be('height'),
      encoding: r.i32be('encoding-type'),
    };
  },
};
