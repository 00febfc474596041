import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { SERVER_MESSAGE } from './message-types.js';

/** No fields: the message type says it all. @spec RFC 6143 7.6.3 Bell */
export type Bell = Record<string, never>;

export const Bell: Codec<Bell> = {
  name: 'Bell',
  fixedSize: 1,
  encode(w) {
    w.u8(SERVER_MESSAGE.bell);
  },
  decode(r) {
    expectType(r, SERVER_MESSAGE.bell);
    return {};
  },
};
