import { expect, test } from 'vitest';
import { UpdateLoop } from '../../../server/session/update-loop.js';
import { Display } from '../../../src/display/display.js';
import type { ViewUpdate } from '../../../src/display/view.js';

function setUp() {
  const display = new Display(128, 128, { now: () => Date.now() * 1000, after: () => () => {} });
  const view = display.view();
  const state = { credit: true, painted: [] as ViewUpdate[], release: () => {}, errors: [] as unknown[], hold: false };
  const loop = new UpdateLoop(view, {
    hasCredit: () => state.credit,
    async paint(update) {
      state.painted.push(update);
      if (state.hold) await new Promise<void>((resolve) => (state.release = resolve));
    },
    onError: (error) => state.errors.push(error),
  });
  let word = 0;
  const change = (x: number) => {
    display.framebuffer.words[x] = ++word;
    display.damage({ x, y: 0, width: 1, height: 1 });
    display.hasten();
    display.commit();
  };
  return { display, view, loop, state, change };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('while one update is being painted, changes merge into the next', async () => {
  const { loop, state, change } = setUp();
  loop.kick();
  await settle();
  expect(state.painted).toHaveLength(1);
  state.hold = true;
  change(0);
  for (let i = 0; i < 10; i++) change(70);
  change(1);
  await settle();
  expect(state.painted).toHaveLength(2);
  state.hold = false;
  state.release();
  await settle();
  expect(state.painted).toHaveLength(3);
  expect(state.painted[2]!.rects).toEqual([{ x: 0, y: 0, width: 128, height: 64 }]);
});

test('without credit nothing is taken; credit and a kick go on', async () => {
  const { loop, state, change } = setUp();
  state.credit = false;
  loop.kick();
  change(0);
  await settle();
  expect(state.painted).toHaveLength(0);
  state.credit = true;
  loop.kick();
  await settle();
  expect(state.painted).toHaveLength(1);
});

test('an error in paint is reported once; after stop nothing is painted', async () => {
  const { display, loop, state, change } = setUp();
  state.painted.push = () => {
    throw new Error('encoder');
  };
  loop.kick();
  await settle();
  expect(state.errors).toHaveLength(1);
  loop.stop();
  change(0);
  loop.kick();
  await settle();
  expect(state.errors).toHaveLength(1);
  expect(display.viewCount).toBe(0);
});
