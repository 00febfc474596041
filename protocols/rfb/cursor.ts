import { DecodeError } from '../wire/errors.js';

/**
 * What follows the header of a Cursor rectangle, whose x and y are the hot spot: the pixels in the client's format,
 * then one bit a pixel, most significant first, each row filled up to a byte; a set bit is opaque.
 * @spec RFC 6143 7.8.1 Cursor Pseudo-Encoding
 */
export interface CursorBody {
  readonly pixels: Uint8Array;
  readonly mask: Uint8Array;
}

export function cursorMaskStride(width: number): number {
  return (width + 7) >> 3;
}

/** Bytes of the whole body. */
export function cursorBodySize(width: number, height: number, bytesPerPixel: number): number {
  return width * height * bytesPerPixel + cursorMaskStride(width) * height;
}

/** Takes a body apart; no codec, because its lengths stand in the rectangle header and the pixel format. */
export function splitCursorBody(bytes: Uint8Array, width: number, height: number, bytesPerPixel: number): CursorBody {
  const size = cursorBodySize(width, height, bytesPerPixel);
  if (bytes.length < size)
    throw new DecodeError('truncated', 'cursor', `needs ${size} bytes, ${bytes.length} are left`);
  const pixelBytes = width * height * bytesPerPixel;
  return { pixels: bytes.subarray(0, pixelBytes), mask: bytes.subarray(pixelBytes, size) };
}
