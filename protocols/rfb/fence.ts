import type { Codec } from '../wire/codec.js';
import { expectType } from './expect-type.js';
import { CLIENT_MESSAGE } from './message-types.js';

/** Bits of a fence's flags; a receiver clears those it does not know in its answer. */
export const FENCE = { blockBefore: 1, blockAfter: 2, syncNext: 4, request: 0x80000000 } as const;

export const MAX_FENCE_PAYLOAD_BYTES = 64;

/** The same message in both directions. @spec rfbproto ClientFence, ServerFence */
export interface Fence {
  /** Bits of FENCE. */
  readonly flags: number;
  /** The answer carries it back: at most 64 bytes. */
  readonly payload: Uint8Array;
}

export const Fence: Codec<Fence> = {
  name: 'Fence',
  fixedSize: 9 /* type 1, padding 3, flags 4, length 1 */,
  encode(w, v) {
    w.u8(CLIENT_MESSAGE.fence).zeros(3).u32be(v.flags).u8(v.payload.length).bytes(v.payload);
  },
  decode(r) {
    expectType(r, CLIENT_MESSAGE.fence);
    r.skip(3, 'padding');
    const flags = r.u32be('flags');
    const length = r.u8('length');
    if (length > MAX_FENCE_PAYLOAD_BYTES) r.fail('invalid', 'length', `${length} bytes of payload`);
    return { flags, payload: new Uint8Array(r.take(length, 'payload')) };
  },
};
