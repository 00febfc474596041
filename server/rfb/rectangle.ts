import { Rectangle } from '../../protocols/rfb/framebuffer-update.js';
import { type Codec, encode } from '../../protocols/wire/codec.js';

/** One rectangle of an update, ready to be sent: header and body. */
export interface EncodedRectangle {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export function rectangle(header: Rectangle, body: Uint8Array = NOTHING): EncodedRectangle {
  return { header: encode(Rectangle, header), body };
}

/** A pseudo-rectangle without a place. */
export function notice<T>(encoding: number, codec?: Codec<T>, value?: T): EncodedRectangle {
  const body = codec === undefined ? NOTHING : encode(codec, value as T);
  return rectangle({ x: 0, y: 0, width: 0, height: 0, encoding }, body);
}
