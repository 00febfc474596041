import type { Codec } from '../wire/codec.js';
import { utf8Bytes, utf8Text } from '../wire/utf8.js';
import { PixelFormat } from './pixel-format.js';

/** Longest desktop name taken from a peer. */
const MAX_NAME_BYTES = 4096;

/** @spec RFC 6143 7.3.1 ClientInit */
export interface ClientInit {
  readonly shared: boolean;
}

export const ClientInit: Codec<ClientInit> = {
  name: 'ClientInit',
  fixedSize: 1,
  encode(w, v) {
    w.u8(v.shared ? 1 : 0);
  },
  decode(r) {
    return { shared: r.u8('shared-flag') !== 0 };
  },
};

/** @spec RFC 6143 7.3.2 ServerInit */
export interface ServerInit {
  readonly width: number;
  readonly height: number;
  readonly format: PixelFormat;
  readonly name: string;
}

export const ServerInit: Codec<ServerInit> = {
  name: 'ServerInit',
  fixedSize: 24 /* width 2, height 2, pixel format 16, name-length 4 */,
  encode(w, v) {
    w.u16be(v.width).u16be(v.height);
    PixelFormat.encode(w, v.format);
    const name = utf8Bytes(v.name);
    w.u32be(name.length).bytes(name);
  },
  decode(r) {
    const width = r.u16be('framebuffer-width');
    const height = r.u16be('framebuffer-height');
    const format = PixelFormat.decode(r);
    const length = r.u32be('name-length');
    if (length > MAX_NAME_BYTES) r.fail('limit', 'name-length', `${length} bytes of name`);
    return { width, height, format, name: utf8Text(r.take(length, 'name-string')) };
  },
};
