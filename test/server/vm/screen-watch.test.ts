import { expect, test } from 'vitest';
import { ScreenWatch } from '../../../server/vm/screen-watch.js';
import { Display } from '../../../src/display/display.js';
import { FakeClock } from '../../fake-clock.js';

class House {
  readonly clock = new FakeClock();
  readonly display = new Display(64, 64, this.clock);
  told = 0;
  readonly watch = new ScreenWatch(this.display, this.clock, () => this.told++);
  #word = 0;

  change(): void {
    this.display.framebuffer.words[0] = ++this.#word;
    this.display.damage({ x: 0, y: 0, width: 1, height: 1 });
    this.display.commit();
    this.clock.advance(20);
  }
}

test('tells once of a change, and again only after somebody has looked', () => {
  const house = new House();
  house.change();
  house.watch.begin();
  house.clock.advance(1);
  expect(house.told).toBe(1);
  house.clock.advance(5_000);
  house.change();
  expect(house.told).toBe(1);
  // Nobody has looked: there is nothing to find out, and nothing that looks.
  expect(house.display.viewCount).toBe(0);
  house.watch.looked();
  house.clock.advance(5_000);
  expect(house.told).toBe(1);
  house.change();
  expect(house.told).toBe(2);
});

test('at most once a second, however fast it changes and is looked at', () => {
  const house = new House();
  house.watch.begin();
  for (let ms = 0; ms < 10_000; ms += 20) {
    house.watch.looked();
    house.change();
  }
  expect(house.told).toBeGreaterThanOrEqual(9);
  expect(house.told).toBeLessThanOrEqual(11);
});

test('a pointer that changes its shape is no picture', () => {
  const house = new House();
  house.change();
  house.watch.looked();
  house.display.setCursor('hidden');
  house.clock.advance(5_000);
  expect(house.told).toBe(0);
});

test('nobody who listens costs nothing', () => {
  const house = new House();
  house.watch.begin();
  house.change();
  house.watch.end();
  house.change();
  expect([house.told <= 1, house.display.viewCount, house.clock.timers.size]).toEqual([true, 0, 0]);
});
