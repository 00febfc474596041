import { describe, expect, test } from 'vitest';
import { BGRX } from '../../protocols/rfb/pixel-format.js';
import { pixelLayout } from '../../src/encode/pixel-format.js';
import { encodeCursor, encodeCursorWithAlpha } from '../../src/encode/rfb-cursor.js';

// 9 x 1 pixels: opaque red, half transparent white, then transparent ones, the last one opaque blue.
const SHAPE = {
  width: 9,
  height: 1,
  hotX: 0,
  hotY: 0,
  bgra: Uint8Array.from(
    [[0, 0, 255, 255], [255, 255, 255, 100], ...Array(6).fill([0, 0, 0, 0]), [255, 0, 0, 255]].flat(),
  ),
};

describe('a cursor', () => {
  test('becomes pixels and a mask, its rows filled up to bytes', () => {
    const bytes = Buffer.from(encodeCursor(SHAPE, pixelLayout(BGRX))).toString('hex');
    expect(bytes).toBe(
      [
        '0000ff00', // red
        'ffffff00', // white, which the mask hides
        '00000000'.repeat(6),
        'ff000000', // blue
        '8080', // opaque: pixel 0, pixel 8
      ].join(''),
    );
  });

  test('keeps its soft edges for clients that know alpha: R G B A, multiplied', () => {
    const bytes = Buffer.from(encodeCursorWithAlpha(SHAPE)).toString('hex');
    expect(bytes).toBe(['ff0000ff', '64646464', '00000000'.repeat(6), '0000ffff'].join(''));
  });
});
