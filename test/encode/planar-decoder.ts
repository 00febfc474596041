/**
 * Decodes RDP 6.0 planar bitmaps as [MS-RDPEGDI] 3.1.9 describes it, plane by plane and byte by byte; the oracle
 * for the encoder, written without a look at it. Returns 0xRRGGBB words, top row first.
 */
export function decodePlanar(bytes: Uint8Array, width: number, height: number): Uint32Array {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error('the stream ends early');
    return byte;
  };
  const format = next();
  if ((format & 0xc8) !== 0) throw new Error(`format 0x${format.toString(16)} has subsampling or reserved bits`);
  const colorLoss = format & 7;
  const isRle = (format & 0x10) !== 0;
  const planes: Uint8Array[] = [];
  for (let i = (format & 0x20) !== 0 ? 1 : 0; i < 4; i++) planes.push(isRle ? rlePlane() : rawPlane());
  if (!isRle) next();
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes are left over`);

  const [red, green, blue] = planes.slice(-3) as [Uint8Array, Uint8Array, Uint8Array];
  const alpha = planes.length === 4 ? planes[0]! : undefined;
  const words = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (height - 1 - y) * width + x;
      if (alpha !== undefined && alpha[from] !== 255) throw new Error('a pixel is not opaque');
      words[y * width + x] =
        colorLoss === 0
          ? (red[from]! << 16) | (green[from]! << 8) | blue[from]!
          : fromLuma(red[from]!, green[from]!, blue[from]!, colorLoss);
    }
  }
  return words;

  function rawPlane(): Uint8Array {
    return Uint8Array.from({ length: width * height }, next);
  }

  function rlePlane(): Uint8Array {
    const plane = new Uint8Array(width * height);
    for (let row = 0; row < height; row++) {
      const values: number[] = [];
      let last = 0;
      while (values.length < width) {
        const control = next();
        if (control === 0) throw new Error('a control byte is zero');
        let raw = control >> 4;
        let run = control & 15;
        if (run === 1 || run === 2) {
          run = run * 16 + raw;
          raw = 0;
        }
        for (; raw > 0; raw--) {
          last = next();
          values.push(last);
        }
        for (; run > 0; run--) values.push(last);
      }
      if (values.length > width) throw new Error('a segment crosses the end of its row');
      values.forEach((value, x) => {
        if (row === 0) plane[x] = value;
        else {
          const difference = (value & 1) === 1 ? -((value + 1) >> 1) : value >> 1;
          plane[row * width + x] = plane[(row - 1) * width + x]! + difference;
        }
      });
    }
    return plane;
  }
}

/** Luma, orange chroma and green chroma; the chroma has lost its lowest bits, and its halves. */
function fromLuma(luma: number, orange: number, green: number, colorLoss: number): number {
  const chroma = (byte: number): number => ((byte << 24) >> 24) << (colorLoss - 1);
  const clamp = (value: number): number => Math.min(255, Math.max(0, value));
  const [co, cg] = [chroma(orange), chroma(green)];
  return (clamp(luma + co - cg) << 16) | (clamp(luma + cg) << 8) | clamp(luma - co - cg);
}
