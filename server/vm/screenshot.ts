import { constants } from 'node:zlib';
import { PNG } from 'pngjs';
import type { Pixels } from '../../src/display/framebuffer.js';
import { Canvas } from '../../src/paint/canvas.js';
import { drawPicture } from '../../src/paint/picture.js';

/**
 * Level of zlib: beyond this, screens get hardly smaller and the wait longer. The package's own choice looks for runs
 * only, where screens have patterns and text: four to eleven times the bytes for the same time.
 */
const DEFLATE = { deflateLevel: 3, deflateStrategy: constants.Z_DEFAULT_STRATEGY } as const;

export interface Screenshot {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** What is on the screen now, as PNG; `maxWidth` scales it down. Compressing goes on beside the event loop. */
export async function takeScreenshot(pixels: Pixels, maxWidth?: number): Promise<Screenshot> {
  const picture = maxWidth === undefined || maxWidth >= pixels.width ? pixels : scaled(pixels, maxWidth);
  const { width, height } = picture;
  const png = new PNG({ width, height, colorType: 2, inputColorType: 6, filterType: 0, ...DEFLATE });
  toRgba(picture.words, png.data);
  return { png: await packed(png), width, height };
}

function packed(png: PNG): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    // A stream of the old kind, which cannot be iterated.
    png.on('data', (chunk: Buffer) => chunks.push(chunk));
    png.once('end', () => resolve(Buffer.concat(chunks)));
    png.once('error', reject);
    png.pack();
  });
}

function scaled({ width, height, words }: Pixels, maxWidth: number): Canvas {
  const smaller = new Canvas(maxWidth, Math.max(1, Math.round((height * maxWidth) / width)));
  drawPicture(smaller, { x: 0, y: 0, width: smaller.width, height: smaller.height }, { width, height, words });
  return smaller;
}

function toRgba(words: Uint32Array, rgba: Buffer): void {
  const out = new Uint32Array(rgba.buffer, rgba.byteOffset, words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    out[i] = 0xff000000 | ((word & 0xff) << 16) | (word & 0xff00) | ((word >> 16) & 0xff);
  }
}
