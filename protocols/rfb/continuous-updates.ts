import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE, SERVER_MESSAGE } from './message-types.js';

/** @spec rfbproto EnableContinuousUpdates */
export interface EnableContinuousUpdates {
  readonly enable: boolean;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const EnableContinuousUpdates: Codec<EnableContinuousUpdates> = {
  name: 'EnableContinuousUpdates',
  fixedSize: 10 /* type 1, enable-flag 1, x 2, y 2, width 2, height 2 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.enableContinuousUpdates).u8(v.enable ? 1 : 0);
    w.u16be(v.x).u16be(v.y).u16be(v.width).u16be(v.height);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.enableContinuousUpdates);
    return {
      enable: r.u8('enable-flag') !== 0,
      x: r.u16be('x-position'),
      y: r.u16be('y-position'),
      width: r.u16be('width'),
      height: r.u16be('height'),
    };
  },
};

/** No fields: the message type says it all. @spec rfbproto EndOfContinuousUpdates */
export type EndOfContinuousUpdates = Record<string, never>;

export const EndOfContinuousUpdates: Codec<EndOfContinuousUpdates> = {
  name: 'EndOfContinuousUpdates',
  fixedSize: 1,
  encode(w) {
    w.u8(SERVER_MESSAGE.endOfContinuousUpdates);
  },
  decode(r) {
    expectType(r, SERVER_MESSAGE.endOfContinuousUpdates);
    return {};
  },
};
