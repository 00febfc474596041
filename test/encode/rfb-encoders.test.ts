import { describe, expect, test } from 'vitest';
import { pixelLayout, servedFormat } from '../../src/encode/pixel-format.js';
import { encodeHextile } from '../../src/encode/rfb-hextile.js';
import { encodeRaw } from '../../src/encode/rfb-raw.js';
import { encodeZrleTiles } from '../../src/encode/rfb-zrle.js';
import { CONTENTS, FORMATS, picture } from './rfb-content.js';
import { decodeHextile, decodeRaw, decodeZrleTiles, expectedPixels } from './rfb-decoders.js';

const CODECS = {
  raw: [encodeRaw, decodeRaw],
  hextile: [encodeHextile, decodeHextile],
  zrle: [encodeZrleTiles, decodeZrleTiles],
} as const;

/** Element by element as toEqual does it would take most of the test's time. */
function expectSame(actual: Uint32Array, expected: Uint32Array, message?: string): void {
  expect(
    actual.findIndex((value, i) => value !== expected[i]),
    message,
  ).toBe(-1);
  expect(actual.length).toBe(expected.length);
}

describe.each(Object.keys(CODECS) as (keyof typeof CODECS)[])('%s', (name) => {
  const [encode, decode] = CODECS[name];

  describe.each(Object.keys(FORMATS))('%s', (formatName) => {
    const format = FORMATS[formatName]!;
    const layout = pixelLayout(servedFormat(format));

    test.each(Object.keys(CONTENTS))('%s comes back as it was', (contentName) => {
      const pixels = picture(150, 140, CONTENTS[contentName]!);
      for (const rect of [
        { x: 0, y: 0, width: 150, height: 140 },
        { x: 13, y: 7, width: 130, height: 66 },
        { x: 149, y: 139, width: 1, height: 1 },
      ]) {
        const bytes = encode(pixels, rect, layout);
        expectSame(decode(bytes, rect.width, rect.height, format), expectedPixels(pixels, rect, format));
      }
    });
  });

  test('every width from 1 to 70', () => {
    for (let width = 1; width <= 70; width++) {
      const height = ((width * 37) % 70) + 1;
      const contentName = Object.keys(CONTENTS)[width % Object.keys(CONTENTS).length]!;
      const pixels = picture(width + 3, height + 2, CONTENTS[contentName]!, width);
      const rect = { x: 2, y: 1, width, height };
      for (const format of [FORMATS.BGRX!, FORMATS.RGB565!, FORMATS.RGB332!]) {
        const bytes = encode(pixels, rect, pixelLayout(format));
        const expected = expectedPixels(pixels, rect, format);
        expectSame(decode(bytes, width, height, format), expected, `${width}x${height} ${contentName}`);
      }
    }
  });

  test('is black where the rectangle reaches outside the screen', () => {
    const pixels = picture(20, 10, () => 0xffffff);
    const format = FORMATS.BGRX!;
    const out = decode(encode(pixels, { x: 15, y: 5, width: 10, height: 8 }, pixelLayout(format)), 10, 8, format);
    for (let i = 0; i < out.length; i++) expect(out[i]).toBe(i % 10 < 5 && i < 50 ? 0xffffff : 0);
    const far = encode(pixels, { x: 30, y: 30, width: 2, height: 2 }, pixelLayout(format));
    expect([...decode(far, 2, 2, format)]).toEqual([0, 0, 0, 0]);
  });
});

describe('zrle', () => {
  test('uses every sub-encoding for the content that it suits', () => {
    const format = FORMATS.BGRX!;
    const used = (content: keyof typeof CONTENTS | ((x: number, y: number) => number)): string[] => {
      const pixels = picture(64, 64, typeof content === 'function' ? content : CONTENTS[content]!);
      const seen = new Set<string>();
      const rect = { x: 0, y: 0, width: 64, height: 64 };
      decodeZrleTiles(encodeZrleTiles(pixels, rect, pixelLayout(format)), 64, 64, format, seen);
      return [...seen];
    };
    expect(used('flat')).toEqual(['solid']);
    expect(used('text')).toEqual(['packed']);
    expect(used('noise')).toEqual(['raw']);
    expect(used((_x, y) => y * 0x020304)).toEqual(['rle']);
    expect(used((x, y) => ((x >> 2) * 5 + y * 3) % 40)).toEqual(['palette-rle']);
  });

  test('writes a tile as the specification shows it', () => {
    // 3 x 2 pixels: A A B / B B C
    const [a, b, c] = [0x112233, 0x445566, 0x778899];
    const cells = [a, a, b, b, b, c];
    const pixels = picture(3, 2, (x, y) => cells[y * 3 + x]!);
    const bytes = encodeZrleTiles(pixels, { x: 0, y: 0, width: 3, height: 2 }, pixelLayout(FORMATS.BGRX!));
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        '03', // packed palette of 3: 2 bits an index
        '332211', // A, blue first
        '665544', // B
        '998877', // C
        '04', // 00 00 01, padding
        '58', // 01 01 10, padding
      ].join(''),
    );
  });
});

describe('hextile', () => {
  test('writes tiles as the specification shows them', () => {
    // Two tiles of 16 x 16: one with a single dot, one that is flat in the same background.
    const pixels = picture(32, 16, (x, y) => (x === 3 && y === 5 ? 0xff0000 : 0x0000ff));
    const bytes = encodeHextile(pixels, { x: 0, y: 0, width: 32, height: 16 }, pixelLayout(FORMATS.BGRX!));
    expect(Buffer.from(bytes).toString('hex')).toBe(
      [
        '0e', // background, foreground, subrectangles
        'ff000000', // blue
        '0000ff00', // red
        '01', // one subrectangle
        '35', // at 3, 5
        '00', // 1 x 1
        '00', // the second tile: nothing but the background carried over
      ].join(''),
    );
  });
});

describe('a served format', () => {
  test('is the wanted one for 8, 16 and 32 bits; 24 becomes 32', () => {
    expect(servedFormat(FORMATS.RGB565!)).toEqual(FORMATS.RGB565);
    expect(servedFormat({ ...FORMATS.BGRX!, bitsPerPixel: 24 })).toEqual(FORMATS.BGRX);
    expect(servedFormat({ ...FORMATS.RGB332!, bitsPerPixel: 4 }).bitsPerPixel).toBe(8);
    expect(servedFormat({ ...FORMATS.BGRX!, bitsPerPixel: 255 }).bitsPerPixel).toBe(32);
  });

  test('has fixed colours in place of a colour map', () => {
    const served = servedFormat({ ...FORMATS.RGB332!, trueColour: false, redMax: 0, greenMax: 0, blueMax: 0 });
    expect(served).toEqual({ ...FORMATS.RGB332!, trueColour: false });
  });

  test('survives nonsense in shifts and maxima', () => {
    const pixels = picture(64, 64, CONTENTS.noise!);
    for (const redShift of [0, 24, 31, 32, 255]) {
      for (const max of [0, 1, 254, 65535]) {
        for (const bitsPerPixel of [8, 16, 32]) {
          const format = { ...FORMATS.BGRX!, bitsPerPixel, redMax: max, blueMax: max, redShift };
          const rect = { x: 0, y: 0, width: 64, height: 64 };
          const layout = pixelLayout(format);
          expect(encodeRaw(pixels, rect, layout).length).toBe(64 * 64 * layout.bytesPerPixel);
          decodeHextile(encodeHextile(pixels, rect, layout), 64, 64, format);
          decodeZrleTiles(encodeZrleTiles(pixels, rect, layout), 64, 64, format);
        }
      }
    }
  });
});
