import { expect, test } from 'vitest';
import type { PointerEvent } from '../../src/input/events.js';
import { Input } from '../../src/input/input.js';
import { FakeClock } from '../fake-clock.js';

function record() {
  const log: string[] = [];
  const clock = new FakeClock();
  const sink = {
    key: (code: number, down: boolean) => log.push(`${down ? '+' : '-'}${code.toString(16)}`),
    pointer: (event: PointerEvent) => log.push(`@${event.x},${event.y}:${event.buttons}`),
    hasten: () => {},
  };
  const input = new Input(sink, clock);
  return { log, input, clock, source: input.source() };
}

test('what a source holds is released when it closes', () => {
  const { log, source } = record();
  source.key(0x1d, true);
  source.pointer({ x: 3, y: 4, buttons: 1 });
  source.close();
  source.key(0x1e, true);
  expect(log).toEqual(['+1d', '@3,4:1', '-1d', '@3,4:0']);
});

test('a key held by two goes up with the last; a release without a press is nothing', () => {
  const { log, input, source } = record();
  const other = input.source();
  source.key(0x2a, true);
  other.key(0x2a, true);
  source.key(0x2a, false);
  expect(log).toEqual(['+2a', '+2a']);
  other.close();
  source.key(0x2a, false);
  expect(log).toEqual(['+2a', '+2a', '-2a']);
});

test('buttons of all sources are held together', () => {
  const { log, input, source } = record();
  source.pointer({ x: 0, y: 0, buttons: 1 });
  input.source().pointer({ x: 5, y: 5, buttons: 4 });
  source.pointer({ x: 1, y: 1, buttons: 0 });
  expect(log).toEqual(['@0,0:1', '@5,5:5', '@1,1:4']);
});

test('characters are typed with the Shift they need, whatever is held', () => {
  const { log, source } = record();
  expect(source.type('a'.codePointAt(0)!)).toBe(true);
  expect(source.type('"'.codePointAt(0)!)).toBe(true);
  expect(log.splice(0)).toEqual(['+1e', '-1e', '+2a', '+28', '-28', '-2a']);
  source.key(0x36, true);
  source.type('b'.codePointAt(0)!);
  source.type('B'.codePointAt(0)!);
  expect(log).toEqual(['+36', '-36', '+30', '-30', '+36', '+30', '-30']);
  expect(source.type('é'.codePointAt(0)!)).toBe(false);
});

test('lock keys are pressed only where the lights differ', () => {
  const { log, input, source } = record();
  source.syncLeds({ scrollLock: false, numLock: true, capsLock: true });
  expect(log).toEqual([]);
  input.setLeds({ scrollLock: false, numLock: true, capsLock: false });
  source.syncLeds({ scrollLock: false, numLock: true, capsLock: true });
  expect(log).toEqual(['+3a', '-3a']);
});

test('lights that are asked for twice before the guest can follow are asked of it once', () => {
  const { log, input, clock, source } = record();
  const off = { scrollLock: false, numLock: false, capsLock: false };
  const wanted = { scrollLock: false, numLock: true, capsLock: true };
  input.setLeds(off);
  source.syncLeds(wanted);
  source.syncLeds(wanted);
  expect(log.splice(0)).toEqual(['+3a', '-3a', '+45', '-45']);
  // It shows one after the other.
  input.setLeds({ ...off, capsLock: true });
  source.syncLeds(wanted);
  expect(log).toEqual([]);
  // What is true is believed at once: here somebody else has switched Caps Lock off again.
  input.setLeds({ ...off, numLock: true });
  source.syncLeds(wanted);
  expect(log.splice(0)).toEqual(['+3a', '-3a']);
  // And a guest that never followed is asked again.
  clock.advance(1_000);
  source.syncLeds(wanted);
  expect(log.splice(0)).toEqual(['+3a', '-3a']);
});

test('who may not press keys leaves no light waited for', () => {
  const { log, input, source } = record();
  const leds = { scrollLock: false, numLock: false, capsLock: false };
  input.setLeds(leds);
  source.setMuted(true);
  source.syncLeds({ ...leds, numLock: true });
  source.setMuted(false);
  source.syncLeds({ ...leds, numLock: true });
  expect(log).toEqual(['+45', '-45']);
});

test('characters keep their case whatever the guest’s Caps Lock says', () => {
  const { log, input, source } = record();
  input.setLeds({ scrollLock: false, numLock: false, capsLock: true });
  for (const character of 'aB1') source.type(character.codePointAt(0)!);
  expect(log).toEqual(['+2a', '+1e', '-1e', '-2a', '+30', '-30', '+2', '-2']);
});

test('keys that were down before are for nobody until they come up', () => {
  const { log, input } = record();
  const source = input.source([0x1c, 0x2a]);
  expect(source.down).toEqual([0x1c, 0x2a]);
  source.key(0x1c, true);
  source.key(0x1e, true);
  source.key(0x1c, false);
  expect(log).toEqual(['+1e']);
  expect([source.isStale(0x1c), source.isStale(0x2a)]).toEqual([false, true]);
  expect(source.down).toEqual([0x2a, 0x1e]);
  source.key(0x1c, true);
  source.releaseAll();
  source.key(0x2a, true);
  expect(log).toEqual(['+1e', '+1c', '-1e', '-1c', '+2a']);
});
