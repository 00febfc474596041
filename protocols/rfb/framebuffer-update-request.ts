import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE } from './message-types.js';

/** @spec RFC 6143 7.5.3 FramebufferUpdateRequest */
export interface FramebufferUpdateRequest {
  readonly incremental: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const FramebufferUpdateRequest: Codec<FramebufferUpdateRequest> = {
  name: 'FramebufferUpdateRequest',
  fixedSize: 10 /* type 1, incremental 1, x 2, y 2, width 2, height 2 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.framebufferUpdateRequest).u8(v.incremental ? 1 : 0);
    w.u16be(v.x).u16be(v.y).u16be(v.width).u16be(v.height);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.framebufferUpdateRequest);
    return {
      incremental: r.u8('incremental') !== 0,
      x: r.u16be('x-position'),
      y: r.u16be('y-position'),
      width: r.u16be('width'),
      height: r.u16be('height'),
    };
  },
};
