import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE } from './message-types.js';
import { PixelFormat } from './pixel-format.js';

/** @spec RFC 6143 7.5.1 SetPixelFormat */
export interface SetPixelFormat {
  readonly format: PixelFormat;
}

export const SetPixelFormat: Codec<SetPixelFormat> = {
  name: 'SetPixelFormat',
  fixedSize: 20 /* type 1, padding 3, pixel format 16 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.setPixelFormat).zeros(3);
    PixelFormat.encode(w, v.format);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.setPixelFormat);
    r.skip(3, 'padding');
    return { format: PixelFormat.decode(r) };
  },
};
