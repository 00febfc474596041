import { expect, test } from 'vitest';
import { TileSet } from '../../src/display/tile-set.js';

test('a rectangle touches the tiles it lies on, clipped to the surface', () => {
  const set = new TileSet(200, 130);
  expect([set.columns, set.rows]).toEqual([4, 3]);
  set.add({ x: 63, y: 64, width: 2, height: 1 });
  expect(set.count).toBe(2);
  expect(set.rects()).toEqual([{ x: 0, y: 64, width: 128, height: 64 }]);
  set.add({ x: 190, y: 120, width: 500, height: 500 });
  expect(set.rects()).toEqual([
    { x: 0, y: 64, width: 200, height: 64 },
    { x: 128, y: 128, width: 72, height: 2 },
  ]);
  set.add({ x: -10, y: -10, width: 5, height: 5 });
  expect(set.count).toBe(6);
});

test('equal runs in neighbouring rows join, others do not', () => {
  const set = new TileSet(256, 256);
  set.add({ x: 0, y: 0, width: 128, height: 128 });
  set.add({ x: 192, y: 64, width: 64, height: 64 });
  expect(set.rects()).toEqual([
    { x: 0, y: 0, width: 128, height: 128 },
    { x: 192, y: 64, width: 64, height: 64 },
  ]);
});

test('rects cover exactly the set, for random sets', () => {
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % n;
  };
  for (let round = 0; round < 50; round++) {
    const set = new TileSet(1 + random(700), 1 + random(500));
    for (let i = random(20); i >= 0; i--)
      set.add({ x: random(700), y: random(500), width: 1 + random(200), height: 1 });
    const copy = new TileSet(set.width, set.height);
    let area = 0;
    for (const rect of set.rects()) {
      expect(copy.intersects(rect)).toBe(false);
      copy.add(rect);
      area += rect.width * rect.height;
    }
    expect(copy.tiles).toEqual(set.tiles);
    expect(area).toBeLessThanOrEqual(set.width * set.height);
  }
});
