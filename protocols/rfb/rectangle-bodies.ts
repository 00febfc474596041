import type { Codec } from '../wire/codec.js';
import { utf8Bytes, utf8Text } from '../wire/utf8.js';

/** Longest desktop name taken from a peer. */
const MAX_NAME_BYTES = 4096;

/** Where the pixels are to be copied from. @spec RFC 6143 7.7.2 CopyRect Encoding */
export interface CopyRectSource {
  readonly x: number;
  readonly y: number;
}

export const CopyRectSource: Codec<CopyRectSource> = {
  name: 'CopyRectSource',
  fixedSize: 4 /* src-x-position 2, src-y-position 2 */,
  encode(w, v) {
    w.u16be(v.x).u16be(v.y);
  },
  decode(r) {
    return { x: r.u16be('src-x-position'), y: r.u16be('src-y-position') };
  },
};

/** @spec rfbproto DesktopName Pseudo-encoding */
export interface DesktopName {
  readonly name: string;
}

export const DesktopName: Codec<DesktopName> = {
  name: 'DesktopName',
  fixedSize: 4 /* name-length */,
  encode(w, v) {
    const name = utf8Bytes(v.name);
    w.u32be(name.length).bytes(name);
  },
  decode(r) {
    const length = r.u32be('name-length');
    if (length > MAX_NAME_BYTES) r.fail('limit', 'name-length', `${length} bytes of name`);
    return { name: utf8Text(r.take(length, 'name-string')) };
  },
};

/** @spec rfbproto QEMU LED State Pseudo-encoding */
export interface QemuLedState {
  readonly scrollLock: boolean;
  readonly numLock: boolean;
  readonly capsLock: boolean;
}

export const QemuLedState: Codec<QemuLedState> = {
  name: 'QemuLedState',
  fixedSize: 1,
  encode(w, v) {
    w.u8((v.scrollLock ? 1 : 0) | (v.numLock ? 2 : 0) | (v.capsLock ? 4 : 0));
  },
  decode(r) {
    const bits = r.u8('state');
    return { scrollLock: (bits & 1) !== 0, numLock: (bits & 2) !== 0, capsLock: (bits & 4) !== 0 };
  },
};
