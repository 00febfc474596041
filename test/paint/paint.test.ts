import { describe, expect, test } from 'vitest';
import { Canvas } from '../../src/paint/canvas.js';
import { mix } from '../../src/paint/mix.js';
import { drawPicture, fitInto, type Picture } from '../../src/paint/picture.js';
import { fillDisc, fillRounded } from '../../src/paint/rounded.js';
import { drawText, fitted, plain, textWidth, wrapped } from '../../src/paint/smooth-text.js';

const count = (canvas: Canvas, test: (word: number) => boolean): number =>
  canvas.words.reduce((sum, word) => sum + (test(word) ? 1 : 0), 0);

test('mixing keeps the channels apart, at the ends exactly', () => {
  for (const [under, over] of [
    [0x000000, 0xffffff],
    [0xff0000, 0x0000ff],
    [0x12ff34, 0xfe0180],
  ] as const) {
    expect(mix(under, over, 0)).toBe(under);
    expect(mix(under, over, 256)).toBe(over);
    const middle = mix(under, over, 128);
    for (const shift of [0, 8, 16]) {
      const wanted = (((under >> shift) & 255) + ((over >> shift) & 255)) / 2;
      expect(Math.abs(((middle >> shift) & 255) - wanted)).toBeLessThanOrEqual(1);
    }
  }
});

describe('text', () => {
  test('covers about as much as its glyph’s pixels, with edges between ink and paper', () => {
    for (const scale of [1, 2, 3, 6]) {
      const canvas = new Canvas(40 * scale, 10 * scale);
      drawText(canvas, 0, 0, 'HoQ8', scale, 0xffffff);
      const ink = canvas.words.reduce((sum, word) => sum + (word & 255) / 255, 0);
      // H: 17, o: 12, Q: 15, 8: 17 pixels of the font.
      expect(ink / scale ** 2).toBeGreaterThan(61 * 0.95);
      expect(ink / scale ** 2).toBeLessThan(61 * 1.35);
      if (scale > 1) expect(count(canvas, (word) => word !== 0 && word !== 0xffffff)).toBeGreaterThan(0);
    }
  });

  test('outside the canvas nothing is drawn, and nothing wraps around', () => {
    const canvas = new Canvas(32, 16);
    for (const [x, y] of [
      [-500, 0],
      [32, 0],
      [0, -40],
      [0, 16],
    ] as const)
      drawText(canvas, x, y, 'WWW', 2, 0xffffff);
    expect(count(canvas, (word) => word !== 0)).toBe(0);
    // Half of a W sticks out at the right; the left edge stays clean.
    drawText(canvas, 27, 0, 'W', 2, 0xffffff);
    expect(count(canvas, (word) => word !== 0)).toBeGreaterThan(0);
    for (let y = 0; y < 16; y++) for (let x = 0; x < 26; x++) expect(canvas.words[y * 32 + x]).toBe(0);
  });

  test('is made of what the font has', () => {
    expect(plain('Übung “ä”—‘é’ 机')).toBe('Ubung "a"-\'e\' ?');
    expect(textWidth('ÄÖ', 2)).toBe(2 * 12);
    expect(fitted('a-long-name', 8)).toBe('a-long..');
    expect(fitted('a-long-name', 11)).toBe('a-long-name');
    expect(fitted('name', 0)).toBe('');
  });

  test('is broken at blanks, at line ends, and within words that are too long', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('one\n\ntwo', 7)).toEqual(['one', '', 'two']);
    expect(wrapped('a abcdefghijk b', 4)).toEqual(['a', 'abcd', 'efgh', 'ijk', 'b']);
    expect(wrapped('', 4)).toEqual(['']);
  });
});

describe('round shapes', () => {
  test('a disc has a disc’s area', () => {
    const canvas = new Canvas(64, 64);
    fillDisc(canvas, 2, 2, 60, 0x0000ff);
    const blue = canvas.words.reduce((sum, word) => sum + (word & 255) / 255, 0);
    expect(blue / (Math.PI * 30 ** 2)).toBeCloseTo(1, 2);
  });

  test('a rectangle is full but for its corners, and clipped', () => {
    const canvas = new Canvas(20, 20);
    fillRounded(canvas, { x: 2, y: 2, width: 16, height: 16 }, 4, 0xffffff);
    expect(canvas.words[2 * 20 + 2]).toBe(0);
    expect(canvas.words[2 * 20 + 6]).toBe(0xffffff);
    expect(canvas.words[10 * 20 + 2]).toBe(0xffffff);
    expect(canvas.words[10 * 20 + 18]).toBe(0);
    const outside = new Canvas(20, 20);
    fillRounded(outside, { x: -30, y: 4, width: 25, height: 10 }, 4, 0xffffff);
    fillRounded(outside, { x: 25, y: 4, width: 25, height: 10 }, 4, 0xffffff);
    expect(count(outside, (word) => word !== 0)).toBe(0);
  });
});

describe('pictures', () => {
  const picture: Picture = {
    width: 8,
    height: 4,
    words: Uint32Array.from({ length: 32 }, (_, i) => 0xff000000 | ((i * 8) << 16) | (255 - i * 8)),
  };

  test('at their own size are themselves', () => {
    const canvas = new Canvas(8, 4);
    drawPicture(canvas, { x: 0, y: 0, width: 8, height: 4 }, picture);
    expect([...canvas.words]).toEqual([...picture.words].map((word) => word & 0xffffff));
  });

  test('smaller keep their mean, larger their pixels', () => {
    const small = new Canvas(2, 2);
    drawPicture(small, { x: 0, y: 0, width: 2, height: 2 }, picture);
    const mean = (words: Uint32Array): number =>
      words.reduce((sum, word) => sum + ((word >> 16) & 255), 0) / words.length;
    expect(Math.abs(mean(small.words) - mean(picture.words))).toBeLessThan(1);
    const large = new Canvas(16, 8);
    drawPicture(large, { x: 0, y: 0, width: 16, height: 8 }, picture);
    expect(large.words[0]).toBe(large.words[17]);
    expect(large.words[16 * 7 + 15]).toBe(picture.words[31]! & 0xffffff);
  });

  test('are clipped', () => {
    const canvas = new Canvas(4, 4);
    drawPicture(canvas, { x: -4, y: -2, width: 8, height: 4 }, picture);
    expect(canvas.words[0]).toBe(picture.words[2 * 8 + 4]! & 0xffffff);
    expect(canvas.words[4 * 3]).toBe(0);
  });

  test('fit into the middle without losing their shape', () => {
    expect(fitInto(picture, { x: 10, y: 10, width: 100, height: 100 })).toEqual({
      x: 10,
      y: 35,
      width: 100,
      height: 50,
    });
    expect(fitInto(picture, { x: 0, y: 0, width: 100, height: 10 })).toEqual({ x: 40, y: 0, width: 20, height: 10 });
  });
});
