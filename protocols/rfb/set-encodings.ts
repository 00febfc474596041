import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE } from './message-types.js';

/** Encodings and pseudo-encodings, the preferred ones first. @spec RFC 6143 7.5.2 SetEncodings */
export interface SetEncodings {
  readonly encodings: readonly number[];
}

export const SetEncodings: Codec<SetEncodings> = {
  name: 'SetEncodings',
  fixedSize: 4 /* type 1, padding 1, number-of-encodings 2 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.setEncodings).zeros(1).u16be(v.encodings.length);
    for (const encoding of v.encodings) w.u32be(encoding);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.setEncodings);
    r.skip(1, 'padding');
    const list = r.sub(r.u16be('number-of-encodings') * 4, 'encodings');
    const encodings: number[] = [];
    while (list.remaining > 0) encodings.push(list.i32be('encoding-type'));
    return { encodings };
  },
};
