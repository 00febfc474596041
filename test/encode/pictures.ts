import type { Pixels } from '../../src/display/framebuffer.js';
import { Random } from '../random.js';

export function picture(width: number, height: number, color: (x: number, y: number) => number): Pixels {
  const words = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) words[y * width + x] = color(x, y);
  return { width, height, words, bytes: new Uint8Array(words.buffer) };
}

/** Pictures of every kind that encoders treat differently; the fourth byte of each pixel is noise. */
export const PICTURES: Record<string, (width: number, height: number, seed: number) => Pixels> = {
  black: (width, height) => picture(width, height, () => 0),
  white: (width, height) => picture(width, height, () => 0xffffffff),
  flat: (width, height, seed) => picture(width, height, () => 0x12345678 ^ seed),
  random: (width, height, seed) => {
    const random = new Random(seed);
    return picture(width, height, () => random.next());
  },
  fewColors: (width, height, seed) => {
    const random = new Random(seed);
    const colors = [0, 0xffffff, 0xff0000, random.next()];
    return picture(width, height, () => random.pick(colors) | (random.next() << 24));
  },
  gradient: (width, height) => picture(width, height, (x, y) => (x << 16) | ((x + y) << 8) | (255 - y)),
  /** Strokes of one colour on another, in rows with space between them. */
  text: (width, height, seed) => {
    const random = new Random(seed);
    const ink = random.next() & 0xffffff;
    const paper = random.next() & 0xffffff;
    return picture(width, height, (x, y) => (y % 12 < 8 && x % 7 < 6 && random.below(3) === 0 ? ink : paper));
  },
  /** Grey strokes on white: text with smoothed edges. */
  greys: (width, height, seed) => {
    const random = new Random(seed);
    return picture(width, height, (_, y) => (y % 12 < 8 ? random.pick([0, 5, 200, 255, 255, 255]) : 255) * 0x010101);
  },
  /** Grey rows first, last, and around one of colour. */
  partlyGrey: (width, height, seed) =>
    picture(width, height, (x, y) => (y === height >> 1 ? x * 0x030507 : ((x * seed) & 255) * 0x010101)),
  dithered: (width, height) => picture(width, height, (x, y) => ((x + y) % 2 === 0 ? 0x0000aa : 0xaaaaaa)),
  columns: (width, height) => picture(width, height, (x) => x * 0x030507),
  /** Runs of every length, also over rows. */
  runs: (width, height, seed) => {
    const random = new Random(seed);
    let left = 0;
    let color = 0;
    return picture(width, height, () => {
      if (left-- === 0) {
        left = random.below(random.pick([3, 18, 50, 400]));
        color = random.pick([0, 0xffffff, random.next()]);
      }
      return color;
    });
  },
};
