import { describe, expect, test } from 'vitest';
import type { ClientCapabilities } from '../../../protocols/rdp/client-settings.js';
import {
  CachedPointer,
  ColorPointer,
  LargePointer,
  NewPointer,
} from '../../../protocols/rdp/graphics/pointer-update.js';
import { decode } from '../../../protocols/wire/codec.js';
import { PointerOutput } from '../../../server/rdp/cursor.js';
import { UpdateStream } from '../../../server/rdp/update-stream.js';
import type { Cursor, CursorShape } from '../../../src/display/cursor.js';
import { ClientModel, MODERN } from './client-model.js';

const [HIDDEN, DEFAULT, COLOR, CACHED, NEW, LARGE] = [5, 6, 9, 10, 11, 12];

/** A square shape: an opaque red frame, half transparent green inside, and `margin` transparent pixels around. */
function shape(edge: number, margin = 0, shade = 0): CursorShape {
  const size = edge + 2 * margin;
  const bgra = new Uint8Array(size * size * 4);
  for (let y = 0; y < edge; y++) {
    for (let x = 0; x < edge; x++) {
      const isFrame = x === 0 || y === 0 || x === edge - 1 || y === edge - 1;
      bgra.set(isFrame ? [shade, 0, 255, 255] : [0, 255, 0, 100], ((y + margin) * size + x + margin) * 4);
    }
  }
  return { width: size, height: size, hotX: margin + 1, hotY: margin + 2, bgra };
}

function shown(capabilities: Partial<ClientCapabilities>, ...cursors: Cursor[]): ClientModel['pointers'] {
  const all = { ...MODERN, ...capabilities };
  const model = new ClientModel(1, 1, all);
  const stream = new UpdateStream(all, model.take);
  const pointer = new PointerOutput(all, stream);
  for (const cursor of cursors) pointer.show(cursor);
  stream.flush();
  return model.pointers;
}

test('a pointer of 32 bits: both masks bottom row first', () => {
  const bgra = Uint8Array.from([
    ...[1, 2, 3, 255, 4, 5, 6, 128], // top row: opaque, half transparent
    ...[7, 8, 9, 0, 10, 11, 12, 1], // bottom row: transparent, nearly so
  ]);
  const [update] = shown({}, { width: 2, height: 2, hotX: 1, hotY: 0, bgra });
  expect(update!.code).toBe(NEW);
  const pointer = decode(NewPointer, update!.data);
  // The width is made a multiple of 16: no client has to know how rows are padded.
  expect(pointer).toMatchObject({ xorBitsPerPixel: 32, cacheIndex: 0, hotX: 1, hotY: 0, width: 16, height: 2 });
  expect(pointer.andMask).toEqual(Uint8Array.of(0xbf, 0xff, 0x3f, 0xff));
  const row = pointer.xorMask.subarray(0, 64);
  expect([...row.subarray(0, 8)]).toEqual([0, 0, 0, 0, 10, 11, 12, 1]);
  expect(row.subarray(8).every((byte) => byte === 0)).toBe(true);
  expect([...pointer.xorMask.subarray(64, 72)]).toEqual([1, 2, 3, 255, 4, 5, 6, 128]);
});

test('a pointer of 24 bits is there or is not', () => {
  const bgra = Uint8Array.from([1, 2, 3, 255, 4, 5, 6, 128, 7, 8, 9, 127, 10, 11, 12, 0]);
  const [update] = shown({ pointerCacheSize: 0 }, { width: 4, height: 1, hotX: 0, hotY: 0, bgra });
  expect(update!.code).toBe(COLOR);
  const pointer = decode(ColorPointer, update!.data);
  expect(pointer.andMask).toEqual(Uint8Array.of(0x3f, 0xff));
  expect([...pointer.xorMask.subarray(0, 12)]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
  expect(pointer.xorMask.length).toBe(16 * 3);
});

test('nothing is said twice; the system pointers need no cache', () => {
  const codes = shown({}, 'unknown', 'unknown', 'hidden', 'hidden', shape(8), shape(8), 'hidden', shape(8));
  expect(codes.map(({ code }) => code)).toEqual([DEFAULT, HIDDEN, NEW, HIDDEN, CACHED]);
});

test('the least recently used shape makes room, and indices stay below the size', () => {
  const [a, b, c] = [shape(8, 0, 1), shape(8, 0, 2), shape(8, 0, 3)];
  const updates = shown({ pointerCacheSize: 2 }, a, b, a, c, a, b);
  const slots = updates.map(({ code, data }) =>
    code === CACHED ? `cached ${decode(CachedPointer, data).cacheIndex}` : `new ${decode(NewPointer, data).cacheIndex}`,
  );
  expect(slots).toEqual(['new 0', 'new 1', 'cached 0', 'new 1', 'cached 0', 'new 1']);
});

test('a client without caches keeps its own pointer', () => {
  const updates = shown({ pointerCacheSize: 0, colorPointerCacheSize: 0 }, 'hidden', shape(8));
  expect(updates.map(({ code }) => code)).toEqual([HIDDEN, DEFAULT]);
});

describe('large shapes', () => {
  test.each([
    { maxPointerEdge: 384, edge: 300, code: LARGE, width: 304, height: 300, corner: [0, 0, 255, 255] },
    { maxPointerEdge: 384, edge: 96, code: NEW, width: 96, height: 96, corner: [0, 0, 255, 255] },
    { maxPointerEdge: 96, edge: 96, code: NEW, width: 96, height: 96, corner: [0, 0, 255, 255] },
    { maxPointerEdge: 96, edge: 192, code: NEW, width: 96, height: 96, corner: [0, 29, 226, 216] },
    { maxPointerEdge: 32, edge: 48, code: NEW, width: 32, height: 32, corner: [0, 0, 255, 255] },
  ])('$edge pixels where $maxPointerEdge are taken', ({ maxPointerEdge, edge, code, width, height, corner }) => {
    const [update] = shown({ maxPointerEdge }, shape(edge));
    expect(update!.code).toBe(code);
    const pointer = decode(code === LARGE ? LargePointer : NewPointer, update!.data);
    expect(pointer).toMatchObject({ width, height });
    expect(pointer.hotX).toBeLessThan(width);
    // Halved, the corner is three opaque pixels of the frame and a half transparent one from inside.
    expect([...pointer.xorMask.subarray(0, 4)]).toEqual(corner);
  });

  test('transparent margins are cut off before anything is scaled', () => {
    const [update] = shown({ maxPointerEdge: 32 }, shape(24, 20));
    const pointer = decode(NewPointer, update!.data);
    expect(pointer).toMatchObject({ width: 32, height: 24, hotX: 1, hotY: 2 });
    expect([...pointer.xorMask.subarray(0, 4)]).toEqual([0, 0, 255, 255]);
  });

  test('without fragments only what fits in one PDU', () => {
    const [update] = shown({ multifragmentMaxBytes: 0 }, shape(96));
    expect(decode(NewPointer, update!.data)).toMatchObject({ width: 32, height: 32 });
  });

  test('a fully transparent shape has one pixel left', () => {
    const empty = { width: 64, height: 64, hotX: 63, hotY: 63, bgra: new Uint8Array(64 * 64 * 4) };
    const [update] = shown({ maxPointerEdge: 32 }, empty);
    const pointer = decode(NewPointer, update!.data);
    expect(pointer).toMatchObject({ height: 1, hotX: 0, hotY: 0 });
    expect(pointer.andMask).toEqual(Uint8Array.of(0xff, 0xff));
  });
});
