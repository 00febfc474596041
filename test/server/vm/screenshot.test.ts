import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { takeScreenshot } from '../../../server/vm/screenshot.js';
import type { Pixels } from '../../../src/display/framebuffer.js';
import { Random } from '../../random.js';

/** Nothing of one colour, as little as in a text: what repeats is a pattern. */
function patterned(width: number, height: number): Pixels {
  const random = new Random(1);
  const pattern = Array.from({ length: 16 }, () => random.next() & 0xffffff);
  const words = Uint32Array.from({ length: width * height }, (_, i) => pattern[i % pattern.length]!);
  return { width, height, words, bytes: new Uint8Array(words.buffer) };
}

test('a screenshot has the pixels of the screen, and what repeats in them costs little', async () => {
  const screen = patterned(640, 480);
  const { png, width, height } = await takeScreenshot(screen);
  expect([width, height]).toEqual([640, 480]);
  const { data } = PNG.sync.read(png);
  for (let i = 0; i < screen.words.length; i++) {
    const [red, green, blue] = data.subarray(i * 4);
    if (((red! << 16) | (green! << 8) | blue!) !== (screen.words[i]! & 0xffffff)) expect.fail(`pixel ${i}`);
  }
  expect(png.length).toBeLessThan((640 * 480 * 3) / 50);
});

test('a small one has the shape of the screen; a screen that is small already stays as it is', async () => {
  expect(await takeScreenshot(patterned(640, 480), 320)).toMatchObject({ width: 320, height: 240 });
  expect(await takeScreenshot(patterned(64, 48), 320)).toMatchObject({ width: 64, height: 48 });
});
