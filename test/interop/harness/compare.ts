import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blank, type Picture, toPng } from './picture.js';
import { until } from './wait.js';

const ARTIFACTS = fileURLToPath(new URL('../../.artifacts/', import.meta.url));

export interface Difference {
  /** Pixels that differ by more than the tolerance; -1 if the sizes differ. */
  readonly count: number;
  /** Where they are. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** Peak signal to noise ratio in dB; Infinity when equal. */
  readonly psnr: number;
}

/** A channel may differ by this much: 0 unless the client was asked for fewer colours. */
export interface Tolerance {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}
export const EXACT: Tolerance = { red: 0, green: 0, blue: 0 };

export function compare(actual: Picture, expected: Picture, tolerance = EXACT): Difference {
  if (actual.width !== expected.width || actual.height !== expected.height) {
    return { count: -1, box: { x: 0, y: 0, width: expected.width, height: expected.height }, psnr: 0 };
  }
  let [count, squares] = [0, 0];
  let [left, top, right, bottom] = [actual.width, actual.height, -1, -1];
  for (let i = 0; i < actual.pixels.length; i++) {
    const [a, b] = [actual.pixels[i]!, expected.pixels[i]!];
    if (a === b) continue;
    const red = Math.abs(((a >> 16) & 255) - ((b >> 16) & 255));
    const green = Math.abs(((a >> 8) & 255) - ((b >> 8) & 255));
    const blue = Math.abs((a & 255) - (b & 255));
    squares += red * red + green * green + blue * blue;
    if (red <= tolerance.red && green <= tolerance.green && blue <= tolerance.blue) continue;
    const [x, y] = [i % actual.width, Math.floor(i / actual.width)];
    count++;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const box =
    count === 0
      ? { x: 0, y: 0, width: 0, height: 0 }
      : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
  const mean = squares / (actual.pixels.length * 3);
  return { count, box, psnr: mean === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10((255 * 255) / mean) };
}

function describe(difference: Difference, actual: Picture, expected: Picture): string {
  const { count, box, psnr } = difference;
  if (count < 0) return `${actual.width}x${actual.height} instead of ${expected.width}x${expected.height}`;
  return `${count} pixels differ in ${box.width}x${box.height}+${box.x}+${box.y}, PSNR ${psnr.toFixed(1)} dB`;
}

/** Keeps both pictures and, in red, where they differ. */
function keep(name: string, actual: Picture, expected: Picture, tolerance: Tolerance): string {
  mkdirSync(ARTIFACTS, { recursive: true });
  const base = `${ARTIFACTS}${name.replace(/[^\w.-]+/g, '-')}`;
  writeFileSync(`${base}.actual.png`, toPng(actual));
  writeFileSync(`${base}.expected.png`, toPng(expected));
  if (actual.width === expected.width && actual.height === expected.height) {
    const difference = blank(actual.width, actual.height);
    for (let i = 0; i < actual.pixels.length; i++) {
      const one = (picture: Picture): Picture => ({ width: 1, height: 1, pixels: picture.pixels.subarray(i, i + 1) });
      const differs =
        actual.pixels[i] !== expected.pixels[i] && compare(one(actual), one(expected), tolerance).count > 0;
      difference.pixels[i] = differs ? 0xff0000 : (expected.pixels[i]! >> 2) & 0x3f3f3f;
    }
    writeFileSync(`${base}.difference.png`, toPng(difference));
  }
  return `${base}.*.png`;
}

/** A picture that is worth a look, kept whether or not something failed. */
export function keepPicture(name: string, picture: Picture): void {
  mkdirSync(ARTIFACTS, { recursive: true });
  writeFileSync(`${ARTIFACTS}${name.replace(/[^\w.-]+/g, '-')}.png`, toPng(picture));
}

export interface SameOptions {
  readonly tolerance?: Tolerance;
  readonly deadlineMs?: number;
}

/**
 * Waits until two pictures are the same, both taken anew for each look: a screen takes its time to arrive.
 * Returns the last expected one.
 */
export async function untilSame(
  name: string,
  takeActual: () => Promise<Picture>,
  takeExpected: () => Promise<Picture> | Picture,
  options: SameOptions = {},
): Promise<Picture> {
  const { tolerance = EXACT, deadlineMs = 15_000 } = options;
  let last: [actual: Picture, expected: Picture] | undefined;
  try {
    return await until(
      `${name} shows the guest's screen`,
      async () => {
        const expected = await takeExpected();
        const actual = await takeActual();
        last = [actual, expected];
        return compare(actual, expected, tolerance).count === 0 ? expected : undefined;
      },
      {
        deadlineMs,
        everyMs: 250,
        state: () => (last === undefined ? '' : describe(compare(...last, tolerance), ...last)),
      },
    );
  } catch (error) {
    if (last === undefined) throw error;
    throw new Error(`${(error as Error).message}; see ${keep(name, ...last, tolerance)}`, { cause: error });
  }
}

/** Waits until a picture has been the same for `quietMs`, and returns it. */
export async function untilStable(
  name: string,
  take: () => Promise<Picture>,
  accept: (picture: Picture) => boolean,
  options: { readonly quietMs: number; readonly deadlineMs: number },
): Promise<Picture> {
  let last: Picture | undefined;
  let sinceMs = 0;
  return until(
    `${name} stands still`,
    async () => {
      const picture = await take();
      if (last === undefined || compare(picture, last).count !== 0 || !accept(picture)) {
        last = picture;
        sinceMs = Date.now();
      }
      return Date.now() - sinceMs >= options.quietMs ? picture : undefined;
    },
    { deadlineMs: options.deadlineMs, everyMs: 500, state: () => `last ${last?.width}x${last?.height}` },
  );
}
