import { PNG } from 'pngjs';

/** A picture; a pixel is 0x00RRGGBB, row after row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

export function blank(width: number, height: number): Picture {
  return { width, height, pixels: new Uint32Array(width * height) };
}

/** Binary PPM (P6) with 8 bits a channel, as QEMU's screendump writes it. */
export function fromPpm(bytes: Uint8Array): Picture {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
  if (header === null) throw new Error('not a P6 picture with 8 bits a channel');
  const picture = blank(Number(header[1]), Number(header[2]));
  let at = header[0].length;
  if (bytes.length < at + picture.pixels.length * 3) throw new Error('the picture is cut off');
  for (let i = 0; i < picture.pixels.length; i++, at += 3) {
    picture.pixels[i] = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  }
  return picture;
}

export function fromPng(bytes: Buffer): Picture {
  const png = PNG.sync.read(bytes);
  const picture = blank(png.width, png.height);
  for (let i = 0, at = 0; i < picture.pixels.length; i++, at += 4) {
    picture.pixels[i] = (png.data[at]! << 16) | (png.data[at + 1]! << 8) | png.data[at + 2]!;
  }
  return picture;
}

export function toPng(picture: Picture): Buffer {
  const png = new PNG({ width: picture.width, height: picture.height });
  for (let i = 0, at = 0; i < picture.pixels.length; i++, at += 4) {
    const pixel = picture.pixels[i]!;
    png.data[at] = pixel >> 16;
    png.data[at + 1] = pixel >> 8;
    png.data[at + 2] = pixel;
    png.data[at + 3] = 255;
  }
  return PNG.sync.write(png);
}

/** The window dump that Xvfb keeps in its frame buffer file: big-endian header words, then TrueColor BGRX rows. */
export function fromXwd(bytes: Buffer): Picture {
  const word = (index: number) => bytes.readUInt32BE(index * 4);
  const [headerSize, version, format, depth, width, height] = [0, 1, 2, 3, 4, 5].map(word);
  const [bitsPerPixel, bytesPerLine, colours] = [word(11), word(12), word(19)];
  if (version !== 7 || format !== 2 || depth !== 24 || bitsPerPixel !== 32 || word(14) !== 0xff0000) {
    throw new Error('not a TrueColor window dump');
  }
  const picture = blank(width!, height!);
  const start = bytes.byteOffset + headerSize! + colours * 12;
  for (let y = 0; y < picture.height; y++) {
    // Views of little-endian words: a big screen is looked at often.
    const row = new Uint32Array(bytes.buffer, start + y * bytesPerLine, picture.width);
    picture.pixels.set(row, y * picture.width);
  }
  for (let i = 0; i < picture.pixels.length; i++) picture.pixels[i]! &= 0xffffff;
  return picture;
}

/** A part; what lies outside of the picture is black. */
export function crop(picture: Picture, x: number, y: number, width: number, height: number): Picture {
  const part = blank(width, height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [fromX, fromY] = [x + column, y + row];
      if (fromX < 0 || fromY < 0 || fromX >= picture.width || fromY >= picture.height) continue;
      part.pixels[row * width + column] = picture.pixels[fromY * picture.width + fromX]!;
    }
  }
  return part;
}

/** How many different colours there are, counted up to `limit`: tells a picture from an empty screen. */
export function colourCount(picture: Picture, limit = 256): number {
  const seen = new Set<number>();
  for (const pixel of picture.pixels) {
    seen.add(pixel);
    if (seen.size >= limit) break;
  }
  return seen.size;
}
