import { expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.js';
import type { Engine, EngineStateChange } from '../../src/engine/engine.js';
import { PatternEngine } from '../../src/engine/pattern/pattern.js';
import { Machine } from '../../src/machine/machine.js';
import type { RestartPolicy } from '../../src/machine/revival.js';
import { FakeClock } from '../fake-clock.js';

const [F9, F10] = [0x43, 0x44];

/** A machine whose guest crashes on F9 and powers off on F10, and the lives that it has had. */
class House {
  readonly clock = new FakeClock();
  readonly engines: PatternEngine[] = [];
  readonly states: EngineStateChange[] = [];
  readonly machine: Machine;
  /** Thrown instead of making an engine, once each. */
  readonly failures: Error[] = [];

  constructor(policy: RestartPolicy, width = 640, height = 480) {
    const engine = (): PatternEngine => {
      const made = new PatternEngine({ width, height, fps: 0, clock: this.clock });
      this.engines.push(made);
      return made;
    };
    const nextEngine = async (): Promise<Engine> => {
      const failure = this.failures.shift();
      if (failure !== undefined) throw failure;
      return engine();
    };
    this.machine = new Machine('card', engine(), { policy, nextEngine }, this.clock);
    this.machine.onState.on((change) => this.states.push(change));
  }

  tap(code: number): void {
    const source = this.machine.input.source();
    source.key(code, true);
    source.close();
  }
  get picture(): Uint32Array {
    return this.machine.display.framebuffer.words.slice();
  }
  /** Lets what was begun go on to where only time helps. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }
  /** Whole seconds, since the countdown and the wait are timers of their own. */
  async seconds(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.clock.advance(1_000);
      await this.settle();
    }
  }
  takeStates(): string[] {
    return this.states.splice(0).map(({ state, reason }) => (reason === undefined ? state : `${state}: ${reason}`));
  }
}

const CRASHED = 'the guest crashed: the test card was told to crash (F9)';

test('a guest that crashes comes back, and its viewers see why and then its screen', async () => {
  const house = new House('on-crash');
  const view = house.machine.display.view();
  await house.machine.start();
  const before = house.picture;
  view.take();
  house.takeStates();

  house.tap(F9);
  expect(house.takeStates()).toEqual([`starting: ${CRASHED}; starting it again in 1 s`]);
  expect([house.machine.state, house.machine.reason]).toEqual(['starting', `${CRASHED}; starting it again in 1 s`]);
  house.clock.advance(20);
  expect(view.take().rects).not.toEqual([]);
  expect(house.picture).not.toEqual(before);

  await house.seconds(1);
  expect(house.takeStates()).toEqual(['starting', 'running']);
  expect([house.engines.length, house.machine.restarts]).toEqual([2, 1]);
  house.clock.advance(20);
  expect(view.isPending).toBe(true);
  expect(house.picture).toEqual(before);
  // Keys reach the new guest.
  house.tap(0x1e);
  expect(house.engines[1]?.typed).toBe('a');
  await house.machine.stop();
  expect(house.clock.timers.size).toBe(0);
});

test.each([
  [320, 200],
  [640, 480],
  [1920, 1080],
])('the words lie within a screen of %ix%i and stand out', async (width, height) => {
  const house = new House('on-crash', width, height);
  await house.machine.start();
  house.tap(F9);
  const { picture } = house;
  // The card behind is darkened: only letters are as bright as this.
  const bright = [...picture.keys()].filter((at) => (picture[at]! & 0xff) > 0xb0);
  const columns = bright.map((at) => at % width);
  const rows = bright.map((at) => Math.floor(at / width));
  expect(bright.length).toBeGreaterThan(500);
  expect(Math.min(...columns)).toBeGreaterThan(8);
  expect(Math.max(...columns)).toBeLessThan(width - 8);
  expect(Math.min(...rows)).toBeGreaterThan(8);
  expect(Math.max(...rows)).toBeLessThan(height - 8);
  await house.machine.stop();
});

test('each fall waits twice as long, and having run well starts anew', async () => {
  const house = new House('on-crash');
  await house.machine.start();
  for (const wait of [1, 2, 4, 8]) {
    house.takeStates();
    house.tap(F9);
    expect(house.takeStates()).toEqual([`starting: ${CRASHED}; starting it again in ${wait} s`]);
    const before = house.picture;
    if (wait > 1) {
      await house.seconds(wait - 1);
      // It counts down.
      expect(house.picture).not.toEqual(before);
      expect(house.takeStates()).toEqual([]);
    }
    await house.seconds(1);
    expect(house.takeStates()).toEqual(['starting', 'running']);
  }
  await house.seconds(60);
  house.tap(F9);
  expect(house.takeStates()).toEqual([`starting: ${CRASHED}; starting it again in 1 s`]);
  await house.machine.stop();
});

test('a start that fails is a fall like another', async () => {
  const house = new House('on-crash');
  await house.machine.start();
  house.failures.push(new UserError('the disk is gone'));
  house.tap(F9);
  await house.seconds(1);
  expect(house.takeStates().at(-1)).toBe(
    'starting: the guest did not start: the disk is gone; starting it again in 2 s',
  );
  await house.seconds(2);
  expect(house.machine.state).toBe('running');
  await house.machine.stop();
});

test.each([
  ['never', F9, 'crashed: the test card was told to crash (F9)'],
  ['never', F10, 'stopped: the guest powered off'],
  ['on-crash', F10, 'stopped: the guest powered off'],
  ['always', F10, 'starting: the guest powered off; starting it again in 1 s'],
] as const)('policy %s, key %i', async (policy, key, last) => {
  const house = new House(policy);
  await house.machine.start();
  house.tap(key);
  expect(house.takeStates().at(-1)).toBe(last);
  await house.machine.stop();
  await house.settle();
  expect(house.clock.timers.size).toBe(0);
});

test('always: who was asked to power off, and does, stays off', async () => {
  const house = new House('always');
  await house.machine.start();
  await house.machine.power('shutdown');
  expect(house.takeStates().at(-1)).toBe('stopped: the guest powered off');
  expect(house.machine.state).toBe('stopped');
});

test('while it waits, a reset starts it at once and "off" is off', async () => {
  const house = new House('on-crash');
  await house.machine.start();
  house.tap(F9);
  await house.machine.power('reset');
  await house.settle();
  expect(house.machine.state).toBe('running');
  house.tap(F9);
  house.takeStates();
  await house.machine.power('off');
  expect(house.takeStates()).toEqual(['off']);
  await house.seconds(10);
  expect([house.machine.state, house.engines.length, house.clock.timers.size]).toEqual(['off', 2, 0]);
});

test('a machine that is stopped while it waits stays so', async () => {
  const house = new House('on-crash');
  await house.machine.start();
  house.tap(F9);
  await house.machine.stop();
  await house.seconds(10);
  expect([house.engines.length, house.clock.timers.size]).toEqual([1, 0]);
});
