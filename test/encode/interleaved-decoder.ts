/**
 * Decodes interleaved RLE as [MS-RDPBCGR] 3.1.9 describes it; the oracle for the encoder, written without a look
 * at it. Returns pixels of `pixelBytes` bytes as words, top row first.
 */
export function decodeInterleaved(bytes: Uint8Array, width: number, height: number, depth: 15 | 16 | 24): Uint32Array {
  const pixelBytes = depth === 24 ? 3 : 2;
  const white = depth === 15 ? 0x7fff : depth === 16 ? 0xffff : 0xffffff;
  const pixels: number[] = [];
  const total = width * height;
  let at = 0;
  let foreground = white;
  let insertForeground = false;
  let isFirstRow = true;

  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new Error('the stream ends early');
    return value;
  };
  const word = (): number => byte() | (byte() << 8);
  const pixel = (): number => word() | (pixelBytes === 3 ? byte() << 16 : 0);
  const above = (): number => (isFirstRow ? 0 : pixels[pixels.length - width]!);
  const put = (value: number): void => {
    if (pixels.length === total) throw new Error('too many pixels');
    pixels.push(value);
  };
  const bits = (mask: number, count: number): void => {
    for (let i = 0; i < count; i++) put((mask >> i) & 1 ? above() ^ foreground : above());
  };
  const bitmask = (length: number): void => {
    for (let left = length; left > 0; left -= 8) bits(byte(), Math.min(8, left));
  };

  while (at < bytes.length) {
    // The state of the first row is left between orders only.
    if (isFirstRow && pixels.length >= width) {
      isFirstRow = false;
      insertForeground = false;
    }
    const head = byte();
    let code: number;
    let length: number;
    if (head >= 0xf0) {
      code = head;
      length = head <= 0xf8 ? word() : 0;
    } else if (head >= 0xc0) {
      code = head >> 4;
      const low = head & 15;
      if (code === 0xd) length = low !== 0 ? low * 8 : byte() + 1;
      else length = low !== 0 ? low : byte() + 16;
    } else {
      code = head >> 5;
      const low = head & 31;
      if (code === 2) length = low !== 0 ? low * 8 : byte() + 1;
      else length = low !== 0 ? low : byte() + 32;
    }
    const wasBackground = insertForeground;
    insertForeground = false;
    switch (code) {
      case 0x0:
      case 0xf0:
        if (wasBackground) put(above() ^ foreground);
        for (let i = wasBackground ? 1 : 0; i < length; i++) put(above());
        insertForeground = true;
        break;
      case 0xc:
      case 0xf6:
        foreground = pixel();
        for (let i = 0; i < length; i++) put(above() ^ foreground);
        break;
      case 0x1:
      case 0xf1:
        for (let i = 0; i < length; i++) put(above() ^ foreground);
        break;
      case 0xd:
      case 0xf7:
        foreground = pixel();
        bitmask(length);
        break;
      case 0x2:
      case 0xf2:
        bitmask(length);
        break;
      case 0x3:
      case 0xf3: {
        const color = pixel();
        for (let i = 0; i < length; i++) put(color);
        break;
      }
      case 0x4:
      case 0xf4:
        for (let i = 0; i < length; i++) put(pixel());
        break;
      case 0xe:
      case 0xf8: {
        const pair = [pixel(), pixel()];
        for (let i = 0; i < 2 * length; i++) put(pair[i & 1]!);
        break;
      }
      case 0xf9:
        bits(0x03, 8);
        break;
      case 0xfa:
        bits(0x05, 8);
        break;
      case 0xfd:
        put(white);
        break;
      case 0xfe:
        put(0);
        break;
      default:
        throw new Error(`order 0x${head.toString(16)} is not defined`);
    }
  }
  if (pixels.length !== total) throw new Error(`${pixels.length} pixels instead of ${total}`);
  return Uint32Array.from({ length: total }, (_, i) => {
    const row = Math.floor(i / width);
    return pixels[(height - 1 - row) * width + (i % width)]!;
  });
}
