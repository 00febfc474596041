import type { Codec } from '../../wire/codec.js';
import type { Reader } from '../../wire/reader.js';
import type { Writer } from '../../wire/writer.js';
import { decodeRectangle16, encodeRectangle16, type Rectangle16 } from './rectangle16.js';

const UPDATETYPE_BITMAP = 1;

const BITMAP_COMPRESSION = 0x0001;
const NO_BITMAP_COMPRESSION_HDR = 0x0400;

const COMPRESSED_HEADER_SIZE = 8;

/** @spec MS-RDPBCGR 2.2.9.1.1.3.1.2.2 Bitmap Data (TS_BITMAP_DATA) */
export interface BitmapData {
  /** Where it goes; may be narrower than the bitmap, whose rows are padded. */
  readonly destination: Rectangle16;
  /** Of the bitmap, padding included. */
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  /** 'with-header': a TS_CD_HEADER comes before the compressed data, for clients that did not waive it. */
  readonly compression: 'none' | 'headerless' | 'with-header';
  /** Bottom row first; at most 65,527 bytes. */
  readonly data: Uint8Array;
}

/**
 * @spec MS-RDPBCGR 2.2.9.1.1.3.1.2.1 Bitmap Update Data (TS_UPDATE_BITMAP_DATA)
 * The same bytes on the fast path (2.2.9.1.2.1.2) and, in a share data PDU, on the slow path.
 */
export interface BitmapUpdate {
  readonly rectangles: readonly BitmapData[];
}

export const BitmapUpdate: Codec<BitmapUpdate> = {
  name: 'TS_UPDATE_BITMAP_DATA',
  fixedSize: 4, // updateType 2, numberRectangles 2
  encode(w, { rectangles }) {
    w.u16le(UPDATETYPE_BITMAP).u16le(rectangles.length);
    for (const rectangle of rectangles) encodeBitmapData(w, rectangle);
  },
  decode(r) {
    const type = r.u16le('updateType');
    if (type !== UPDATETYPE_BITMAP) r.fail('unsupported', 'updateType', `${type} is not a bitmap update`);
    const count = r.u16le('numberRectangles');
    const rectangles: BitmapData[] = [];
    for (let i = 0; i < count; i++) rectangles.push(decodeBitmapData(r));
    return { rectangles };
  },
};

function encodeBitmapData(w: Writer, bitmap: BitmapData): void {
  const { destination, width, height, bitsPerPixel, compression, data } = bitmap;
  encodeRectangle16(w, destination);
  w.u16le(width).u16le(height).u16le(bitsPerPixel);
  switch (compression) {
    case 'none':
      w.u16le(0).u16le(data.length);
      break;
    case 'headerless':
      w.u16le(BITMAP_COMPRESSION | NO_BITMAP_COMPRESSION_HDR).u16le(data.length);
      break;
    case 'with-header':
      w.u16le(BITMAP_COMPRESSION).u16le(COMPRESSED_HEADER_SIZE + data.length);
      // @spec MS-RDPBCGR 2.2.9.1.1.3.1.2.3 Compressed Data Header (TS_CD_HEADER); cbCompFirstRowSize is always 0
      w.u16le(0).u16le(data.length).u16le(width);
      w.u16le(width * height * Math.ceil(bitsPerPixel / 8));
      break;
  }
  w.bytes(data);
}

function decodeBitmapData(r: Reader): BitmapData {
  const destination = decodeRectangle16(r);
  const width = r.u16le('width');
  const height = r.u16le('height');
  const bitsPerPixel = r.u16le('bitsPerPixel');
  const flags = r.u16le('flags');
  const body = r.sub(r.u16le('bitmapLength'), 'bitmapDataStream');
  let compression: BitmapData['compression'] = 'none';
  if ((flags & BITMAP_COMPRESSION) !== 0) {
    compression = (flags & NO_BITMAP_COMPRESSION_HDR) !== 0 ? 'headerless' : 'with-header';
  }
  if (compression === 'with-header') body.skip(COMPRESSED_HEADER_SIZE, 'bitmapComprHdr');
  return { destination, width, height, bitsPerPixel, compression, data: body.rest() };
}
