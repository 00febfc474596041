import { blank, type Picture } from './picture.js';

const [MARGIN, GAP, BORDER] = [24, 20, 2];
const [GROUND, FRAME] = [0xe6eaf0, 0x28323f];

/** Half of a picture's width and height; each pixel is the mean of four. */
function halved({ width, height, pixels }: Picture): Picture {
  const half = blank(width >> 1, height >> 1);
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      const at = 2 * (y * width + x);
      const four = [pixels[at]!, pixels[at + 1]!, pixels[at + width]!, pixels[at + width + 1]!];
      const mean = (shift: number) => four.reduce((sum, pixel) => sum + ((pixel >> shift) & 255), 2) >> 2;
      half.pixels[y * half.width + x] = (mean(16) << 16) | (mean(8) << 8) | mean(0);
    }
  }
  return half;
}

function fill({ width, pixels }: Picture, left: number, top: number, right: number, bottom: number, colour: number) {
  for (let y = top; y < bottom; y++) pixels.fill(colour, y * width + left, y * width + right);
}

/** Pictures at half their size in a row, framed, their lower edges in line. */
export function sideBySide(pictures: readonly Picture[]): Picture {
  const halves = pictures.map(halved);
  const inner = halves.reduce((sum, { width }) => sum + width + 2 * BORDER, GAP * (halves.length - 1));
  const all = blank(2 * MARGIN + inner, 2 * (MARGIN + BORDER) + Math.max(...halves.map(({ height }) => height)));
  all.pixels.fill(GROUND);
  const bottom = all.height - MARGIN - BORDER;
  let left = MARGIN + BORDER;
  for (const { width, height, pixels } of halves) {
    const top = bottom - height;
    fill(all, left - BORDER, top - BORDER, left + width + BORDER, bottom + BORDER, FRAME);
    for (let y = 0; y < height; y++) {
      all.pixels.set(pixels.subarray(y * width, (y + 1) * width), (top + y) * all.width + left);
    }
    left += width + 2 * BORDER + GAP;
  }
  return all;
}
