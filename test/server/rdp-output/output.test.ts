import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ClientCapabilities } from '../../../protocols/rdp/client-settings.js';
import { BitmapUpdate } from '../../../protocols/rdp/graphics/bitmap-update.js';
import { decode } from '../../../protocols/wire/codec.js';
import { Output } from '../../../server/rdp/update.js';
import type { Pixels } from '../../../src/display/framebuffer.js';
import type { Rect } from '../../../src/display/rect.js';
import type { ViewUpdate } from '../../../src/display/view.js';
import { type Depth, toDepth } from '../../../src/encode/rgb-pixels.js';
import { PICTURES, picture } from '../../encode/pictures.js';
import { ClientModel, MODERN, settings } from './client-model.js';

const update = (...rects: Rect[]): ViewUpdate => ({ size: undefined, cursor: undefined, copies: [], rects });
const whole = ({ width, height }: Pixels): Rect => ({ x: 0, y: 0, width, height });

function inDepth(pixels: Pixels, depth: Depth): Uint32Array {
  return pixels.words.map((word) => toDepth(word, depth) & 0xffffff);
}
/** How many pixels differ; comparing arrays of this size by expect takes seconds. */
function differences(a: Uint32Array, b: Uint32Array): number {
  return a.reduce((count, word, i) => count + (word === b[i] ? 0 : 1), Math.abs(a.length - b.length));
}
function client(pixels: Pixels, depth: Depth, capabilities: Partial<ClientCapabilities> = {}) {
  const model = new ClientModel(pixels.width, pixels.height, { ...MODERN, ...capabilities });
  return { model, output: new Output(settings(depth, capabilities), model.take) };
}

const CLIENTS: Record<string, Partial<ClientCapabilities>> = {
  'a modern client': {},
  'one without fragments': { multifragmentMaxBytes: 0 },
  'one that takes small fragments': { multifragmentMaxBytes: 20_000 },
  'one that wants alpha planes and headers': {
    skipAlpha: false,
    dynamicColorFidelity: false,
    noBitmapCompressionHeader: false,
  },
  'one that wants everything': {
    skipAlpha: false,
    dynamicColorFidelity: false,
    noBitmapCompressionHeader: false,
    multifragmentMaxBytes: 0,
  },
};

describe.each([15, 16, 24, 32] as const)('%i bits', (depth) => {
  describe.each(Object.entries(CLIENTS))('%s', (_, capabilities) => {
    test.each(['random', 'text', 'greys', 'gradient', 'black'] as const)('shows the screen: %s', async (kind) => {
      const pixels = PICTURES[kind]!(333, 197, 7);
      const { model, output } = client(pixels, depth, capabilities);
      await output.paint(update(whole(pixels)), pixels);
      expect(differences(model.words, inDepth(pixels, depth))).toBe(0);
      expect(model.log).toEqual(['begin 1', 'end 1']);
    });
  });
});

test('only what is asked for is drawn; moved pixels count as asked for', async () => {
  const pixels = PICTURES.fewColors!(200, 200, 2);
  const { model, output } = client(pixels, 32);
  const rect = { x: 7, y: 9, width: 31, height: 5 };
  await output.paint(update(rect, { x: 190, y: 190, width: 50, height: 50 }), pixels);
  const drawn = model.words.reduce((count, word) => count + (word === 0xdeadbeef ? 0 : 1), 0);
  expect(drawn).toBe(31 * 5 + 10 * 10);
  expect(model.words[9 * 200 + 7]).toBe(pixels.words[9 * 200 + 7]! & 0xffffff);
  await output.paint(
    { ...update(), copies: [{ to: { x: 64, y: 64, width: 64, height: 64 }, fromX: 0, fromY: 0 }] },
    pixels,
  );
  expect(model.words[100 * 200 + 100]).toBe(pixels.words[100 * 200 + 100]! & 0xffffff);
  expect(model.log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  expect(output.frameId).toBe(2);
});

test('a client that does not acknowledge frames is sent no markers', async () => {
  const pixels = PICTURES.flat!(64, 64, 1);
  for (const capabilities of [{ maxUnacknowledgedFrames: undefined }, { surfaceCommands: 0 }]) {
    const { model, output } = client(pixels, 32, capabilities);
    await output.paint(update(whole(pixels)), pixels);
    expect(output.marksFrames).toBe(false);
    expect(output.frameId).toBe(0);
    expect(model.log).toEqual([]);
    expect(model.bitmapCount).toBe(1);
  }
});

test('an update without pixels is no frame', async () => {
  const pixels = PICTURES.flat!(64, 64, 1);
  const { model, output } = client(pixels, 32);
  await output.paint({ ...update(), cursor: 'hidden' }, pixels);
  expect(model.log).toEqual([]);
  expect(model.pointers).toEqual([{ code: 5, data: new Uint8Array(0) }]);
});

test('few large writes, and none of them changes afterwards', async () => {
  const pixels = PICTURES.random!(640, 480, 3);
  const model = new ClientModel(640, 480, MODERN);
  const sums: string[] = [];
  const output = new Output(settings(32), (bytes) => {
    sums.push(createHash('md5').update(bytes).digest('hex'));
    model.take(bytes);
  });
  for (let i = 0; i < 3; i++) await output.paint(update(whole(pixels)), pixels);
  expect(model.writes.map((bytes) => createHash('md5').update(bytes).digest('hex'))).toEqual(sums);
  expect(model.writes.length).toBeLessThan(model.bitmapCount);
});

test('others get their turn while a large screen is encoded, and closing ends it, with its frame', async () => {
  const pixels = PICTURES.random!(2560, 1440, 3);
  const { model, output } = client(pixels, 32);
  const painting = output.paint(update(whole(pixels)), pixels);
  await new Promise((resolve) => setImmediate(resolve));
  expect(model.log).toEqual(['begin 1']);
  output.close();
  expect(model.log).toEqual(['begin 1', 'end 1']);
  const { length } = model.writes;
  await painting;
  await output.paint(update(whole(pixels)), pixels);
  expect(model.writes.length).toBe(length);
});

test('a screen that shrinks meanwhile ends the frame early, and well', async () => {
  const large = PICTURES.random!(2560, 1440, 3);
  const small = PICTURES.flat!(64, 48, 1);
  let current = large;
  const screen: Pixels = {
    get width() {
      return current.width;
    },
    get height() {
      return current.height;
    },
    get words() {
      return current.words;
    },
    get bytes() {
      return current.bytes;
    },
  };
  const { model, output } = client(large, 32);
  const painting = output.paint(update(whole(large)), screen);
  await new Promise((resolve) => setImmediate(resolve));
  current = small;
  await painting;
  expect(model.log).toEqual(['begin 1', 'end 1']);
  expect(model.bitmapCount).toBeLessThan((2560 / 256) * (1440 / 64));
});

test('a client without fast-path output is sent share data', async () => {
  const pixels = picture(70, 30, (x, y) => x * y * 7919);
  const sent: { pduType2: number; data: Uint8Array }[] = [];
  const never = (): never => {
    throw new Error('fast-path output');
  };
  const output = new Output(settings(16, { fastPathOutput: false }), never, (pduType2, data) =>
    sent.push({ pduType2, data }),
  );
  await output.paint({ ...update(whole(pixels)), cursor: 'hidden' }, pixels);
  expect(output.marksFrames).toBe(false);
  expect(sent[0]).toEqual({
    pduType2: 27, // PDUTYPE2_POINTER
    data: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), // TS_PTRMSGTYPE_SYSTEM, pad, SYSPTR_NULL
  });
  const model = new ClientModel(70, 30, MODERN);
  for (const { pduType2, data } of sent.slice(1)) {
    expect(pduType2).toBe(2); // PDUTYPE2_UPDATE
    expect(decode(BitmapUpdate, data).rectangles.length).toBe(1);
    model.update(1, data);
  }
  expect(differences(model.words, inDepth(pixels, 16))).toBe(0);
});
