import { expect, test } from 'vitest';
import { differingPercent, type Picture, StillWatch } from '../../../server/cli/verbs/picture-change.js';

/** Ten by ten, black, with so many white pixels. */
function picture(white: number, width = 10): Picture {
  const data = new Uint8Array(width * 10 * 4).fill(0, 0).fill(255, 0, white * 4);
  return { width, height: 10, data };
}

test('pixels that differ are counted, whatever their alpha', () => {
  expect(differingPercent(picture(0), picture(3))).toBe(3);
  const seeThrough = { ...picture(0), data: picture(0).data.map((_, i) => (i % 4 === 3 ? 9 : 0)) };
  expect(differingPercent(picture(0), seeThrough)).toBe(0);
  expect(differingPercent(picture(0), picture(0, 11))).toBe(100);
});

test('a screen rests when nothing has changed for long enough', () => {
  const watch = new StillWatch(1000, 0);
  expect(watch.look(picture(0), 0)).toBe(false);
  expect(watch.look(picture(1), 900)).toBe(false);
  expect(watch.look(picture(1), 1800)).toBe(false);
  expect(watch.look(picture(1), 1900)).toBe(true);
});

test('a caret is no change; what moves slowly is', () => {
  const watch = new StillWatch(1000, 1);
  expect(watch.look(picture(0), 0)).toBe(false);
  expect(watch.look(picture(1), 500)).toBe(false);
  expect(watch.look(picture(2), 1000)).toBe(false);
  expect(watch.look(picture(3), 1500)).toBe(false);
  expect(watch.look(picture(3), 2000)).toBe(true);
});
