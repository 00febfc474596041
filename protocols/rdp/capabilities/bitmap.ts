import type { Codec } from '../../wire/codec.js';

/** @spec MS-RDPBCGR 2.2.7.1.2 drawingFlags */
export const DRAWING = { dynamicColorFidelity: 0x02, colorSubsampling: 0x04, skipAlpha: 0x08 } as const;

/** @spec MS-RDPBCGR 2.2.7.1.2 Bitmap Capability Set (TS_BITMAP_CAPABILITYSET) */
export interface BitmapCapability {
  /** From a server: the color depth and the desktop size of the session. */
  readonly bitsPerPixel: number;
  readonly desktopWidth: number;
  readonly desktopHeight: number;
  readonly desktopResize: boolean;
  /** Bits of DRAWING. */
  readonly drawingFlags: number;
}

export const BitmapCapability: Codec<BitmapCapability> = {
  name: 'Bitmap Capability Set (TS_BITMAP_CAPABILITYSET)',
  // depth, receive 1/4/8, width, height, pad, resize, compression, high color and drawing flags, rectangles, pad
  fixedSize: 2 + 3 * 2 + 2 + 2 + 2 + 2 + 2 + 1 + 1 + 2 + 2,
  encode(w, v) {
    w.u16le(v.bitsPerPixel).u16le(1).u16le(1).u16le(1);
    w.u16le(v.desktopWidth).u16le(v.desktopHeight).u16le(0).u16le(Number(v.desktopResize));
    w.u16le(1 /* bitmapCompressionFlag */).u8(0 /* highColorFlags */).u8(v.drawingFlags);
    w.u16le(1 /* multipleRectangleSupport */).u16le(0);
  },
  decode(r) {
    const bitsPerPixel = r.u16le('preferredBitsPerPixel');
    r.skip(6, 'receive1BitPerPixel to receive8BitsPerPixel');
    const desktopWidth = r.u16le('desktopWidth');
    const desktopHeight = r.u16le('desktopHeight');
    r.skip(2, 'pad2octets');
    const desktopResize = r.u16le('desktopResizeFlag') !== 0;
    r.skip(3, 'bitmapCompressionFlag and highColorFlags');
    const drawingFlags = r.u8('drawingFlags');
    r.skip(4, 'multipleRectangleSupport and pad2octetsB');
    return { bitsPerPixel, desktopWidth, desktopHeight, desktopResize, drawingFlags };
  },
};
