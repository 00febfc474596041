import { constants, createDeflate } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BGRX } from '../../../protocols/rfb/pixel-format.js';
import { DecodeError } from '../../../protocols/wire/errors.js';
import { Reader } from '../../../protocols/wire/reader.js';
import type { Rect } from '../../../src/display/rect.js';
import { pixelLayout } from '../../../src/encode/pixel-format.js';
import { encodeZrleTiles } from '../../../src/encode/rfb-zrle.js';
import { ZrleDecoder } from '../../../src/engine/rfb/zrle.js';
import { readTile } from '../../../src/engine/rfb/zrle-tile.js';
import { hex } from '../../hex.js';
import { Random } from '../../random.js';
import { decodesOrRejects, mutate } from '../../wire/registry-suite.js';

/** One tile of `width` x `height`, as words. */
function tile(width: number, height: number, bytes: Uint8Array): number[] {
  const words = new Uint32Array(width * height);
  readTile(new Reader(bytes), { x: 0, y: 0, width, height }, words, width);
  return [...words];
}

const A = 0x030201;
const B = 0x060504;
const C = 0x090807;

describe('ZRLE tiles', () => {
  test.each<[string, number, number, Uint8Array, number[]]>([
    ['raw', 2, 1, hex('00', '01 02 03', '04 05 06'), [A, B]],
    ['solid', 3, 1, hex('01', '01 02 03'), [A, A, A]],
    // Two colours, one bit each; the second row begins with a new byte.
    ['packed, 1 bit', 3, 2, hex('02', '01 02 03', '04 05 06', '40', 'a0'), [A, B, A, B, A, B]],
    ['packed, 2 bits', 5, 1, hex('03', '01 02 03', '04 05 06', '07 08 09', '18', '80'), [A, B, C, A, C]],
    ['packed, 4 bits', 3, 1, hex('05', '01 02 03 04 05 06 07 08 09 00 00 00 00 00 00', '21 00'), [C, B, A]],
    ['runs', 4, 1, hex('80', '01 02 03 02', '04 05 06 00'), [A, A, A, B]],
    ['runs of a palette', 4, 1, hex('82', '01 02 03', '04 05 06', '00', '81 01', '00'), [A, B, B, A]],
  ])('%s', (_, width, height, bytes, words) => {
    expect(tile(width, height, bytes)).toEqual(words);
  });

  test('a run longer than a byte can say', () => {
    expect(tile(64, 8, hex('80', '01 02 03', 'ff ff 01'))).toEqual(new Array(512).fill(A));
  });

  test.each([
    ['an unused type', 2, hex('11 00')],
    ['the other unused type', 2, hex('81 00')],
    ['a run over the end of the tile', 2, hex('80 01 02 03 02')],
    ['an index outside the palette', 2, hex('83 01 02 03 04 05 06 07 08 09 03')],
    ['a packed index outside the palette', 1, hex('03 01 02 03 04 05 06 07 08 09 c0')],
    ['a tile cut short', 2, hex('00 01 02 03')],
  ])('rejects %s', (_, width, bytes) => {
    expect(() => tile(width, 1, bytes)).toThrow(DecodeError);
  });
});

/** A server's side: one zlib stream, flushed after every rectangle. */
function zlibStream(): (bytes: Uint8Array) => Promise<Uint8Array> {
  const deflate = createDeflate({ level: 6 });
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  return (bytes) =>
    new Promise((resolve) => {
      deflate.write(bytes);
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(parts.splice(0))));
    });
}

const STRIDE = 200;
const CONTENTS: ((x: number, y: number, random: Random) => number)[] = [
  () => 0x336699,
  (x, y) => ((x * 7 + y * 13) % 11 < 4 ? 0x101010 : 0xf0f0f0),
  (x, y) => (x >> 3) * 0x010307 + (y >> 4),
  (x, y) => (x * 3) | (y << 9),
  (_x, _y, random) => random.next() & 0xffffff,
];

describe('ZRLE rectangles', () => {
  test('come out as they went in, over one stream, in any order of size and content', async () => {
    const random = new Random(21);
    const source = new Uint32Array(STRIDE * 150);
    const words = new Uint32Array(STRIDE * 150);
    const compress = zlibStream();
    const decoder = new ZrleDecoder();
    for (let round = 0; round < 60; round++) {
      const width = 1 + random.below(STRIDE);
      const height = 1 + random.below(150);
      const rect: Rect = { x: random.below(STRIDE - width + 1), y: random.below(150 - height + 1), width, height };
      const content = random.pick(CONTENTS);
      for (let y = rect.y; y < rect.y + height; y++) {
        for (let x = rect.x; x < rect.x + width; x++) source[y * STRIDE + x] = content(x, y, random);
      }
      const pixels = { width: STRIDE, height: 150, words: source, bytes: new Uint8Array(source.buffer) };
      decoder.decode(await compress(encodeZrleTiles(pixels, rect, pixelLayout(BGRX))), rect, words, STRIDE);
      expect(Buffer.from(words.buffer).equals(Buffer.from(source.buffer)), `round ${round}`).toBe(true);
    }
  });

  test('do not inflate without end', async () => {
    const bomb = await zlibStream()(new Uint8Array(8 << 20));
    const rect = { x: 0, y: 0, width: 64, height: 64 };
    expect(bomb.length).toBeLessThan(32 << 10);
    expect(() => new ZrleDecoder().decode(bomb, rect, new Uint32Array(64 * 64), 64)).toThrow(/larger than/);
  });

  test('throw for what is not a zlib stream', () => {
    const rect = { x: 0, y: 0, width: 1, height: 1 };
    const words = new Uint32Array(1);
    expect(() => new ZrleDecoder().decode(hex('11 22 33'), rect, words, 1)).toThrow(DecodeError);
    expect(() => new ZrleDecoder().decode(hex('78'), rect, words, 1)).toThrow(DecodeError);
    expect(() => new ZrleDecoder().decode(hex('78 9c ff ff ff'), rect, words, 1)).toThrow();
  });

  test('write inside their rectangle, whatever the tile says', () => {
    const random = new Random(5);
    const valid = [
      hex('02 01 02 03 04 05 06 40 a0'),
      hex('82 01 02 03 04 05 06 00 81 01 00'),
      hex('80 01 02 03 02 04 05 06 00'),
    ];
    const rect = { x: 4, y: 3, width: 3, height: 2 };
    for (let i = 0; i < 3000; i++) {
      const words = new Uint32Array(12 * 10).fill(0xffffffff);
      decodesOrRejects(() => readTile(new Reader(mutate(random.pick(valid), random)), rect, words, 12));
      const outside = words.filter((_, at) => {
        const x = at % 12;
        const y = Math.floor(at / 12);
        return x < 4 || x >= 7 || y < 3 || y >= 5;
      });
      expect(outside.every((word) => word === 0xffffffff)).toBe(true);
    }
  });
});
