import { ENCODING } from '../../protocols/rfb/encodings.js';
import type { Pixels } from '../../src/display/framebuffer.js';
import type { Rect } from '../../src/display/rect.js';
import type { PixelLayout } from '../../src/encode/pixel-format.js';
import { encodeHextile } from '../../src/encode/rfb-hextile.js';
import { encodeRaw } from '../../src/encode/rfb-raw.js';
import { encodeZrleTiles, maxZrleBytes } from '../../src/encode/rfb-zrle.js';
import type { PixelEncoding } from './client-encodings.js';
import { type EncodedRectangle, rectangle } from './rectangle.js';
import { ZlibStream } from './zlib-stream.js';

const LENGTH_BYTES = 4;

/** Encodes rectangles of one connection's updates. Keeps the zlib stream, also while other encodings are in use. */
export class RectEncoder {
  readonly #zlibBegun: boolean;
  #zlib: ZlibStream | undefined;
  /** For one rectangle's tiles until they are compressed: there are hundreds a second, of half a megabyte. */
  #tiles = new Uint8Array(0);

  /** @param zlibBegun the client has a part of its zlib stream already, from somebody else */
  constructor(zlibBegun = false) {
    this.#zlibBegun = zlibBegun;
  }

  /** Must not be called again before it has resolved. */
  async encode(encoding: PixelEncoding, pixels: Pixels, rect: Rect, layout: PixelLayout): Promise<EncodedRectangle> {
    switch (encoding) {
      case ENCODING.raw:
        return rectangle({ ...rect, encoding }, encodeRaw(pixels, rect, layout));
      case ENCODING.hextile:
        return rectangle({ ...rect, encoding }, encodeHextile(pixels, rect, layout));
      case ENCODING.zrle: {
        this.#zlib ??= new ZlibStream(this.#zlibBegun);
        const mostBytes = maxZrleBytes(rect.width, rect.height, layout);
        if (this.#tiles.length < mostBytes) this.#tiles = new Uint8Array(mostBytes);
        const data = await this.#zlib.compress(encodeZrleTiles(pixels, rect, layout, this.#tiles));
        const body = new Uint8Array(LENGTH_BYTES + data.length);
        new DataView(body.buffer).setUint32(0, data.length);
        body.set(data, LENGTH_BYTES);
        return rectangle({ ...rect, encoding }, body);
      }
    }
  }

  close(): void {
    this.#zlib?.close();
  }
}
