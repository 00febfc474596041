import { beforeEach, expect, test } from 'vitest';
import type { InputEvent, KeyboardEvent } from '../../../protocols/rdp/input/events.js';
import { ClientInput } from '../../../server/rdp/input.js';
import type { PointerEvent } from '../../../src/input/events.js';
import { Input } from '../../../src/input/input.js';
import { Random } from '../../random.js';

let seen: string[];
let input: Input;
let client: ClientInput;
const screen = { width: 800, height: 600 };

beforeEach(() => {
  seen = [];
  input = new Input({
    key: (code, down) => seen.push(`${down ? '+' : '-'}${code.toString(16)}`),
    pointer: ({ x, y, buttons, wheelX, wheelY }: PointerEvent) =>
      seen.push(`${x},${y} b${buttons}${wheelY ? ` y${wheelY}` : ''}${wheelX ? ` x${wheelX}` : ''}`),
    hasten: () => {},
  });
  client = new ClientInput(input.source(), screen);
});

function key(code: number, down = true, prefix: KeyboardEvent['prefix'] = 'none'): InputEvent {
  return { kind: 'keyboard', code, prefix, down };
}
function unicode(text: string): InputEvent[] {
  return Array.from({ length: text.length * 2 }, (_, i) => {
    return { kind: 'unicode', unit: text.charCodeAt(i >> 1), down: i % 2 === 0 };
  });
}
function mouse(flags: number, x = 0, y = 0): InputEvent {
  return { kind: 'mouse', flags, x, y };
}

test('keys, plain and with prefix', () => {
  client.handle([key(0x1e), key(0x1e, false), key(0x1d, true, 'e0'), key(0x1d, false, 'e0')]);
  expect(seen).toEqual(['+1e', '-1e', '+9d', '-9d']);
});

test('Pause is one key, and NumLock after it is NumLock again', () => {
  client.handle([key(0x1d, true, 'e1'), key(0x45), key(0x1d, false, 'e1'), key(0x45, false)]);
  client.handle([key(0x45), key(0x45, false)]);
  expect(seen).toEqual(['+c6', '-c6', '+45', '-45']);
});

test('Pause without its second half does not swallow another key', () => {
  client.handle([key(0x1d, true, 'e1'), key(0x1e), key(0x45)]);
  expect(seen).toEqual(['+c6', '+1e', '+45']);
});

test('codes that are no key are dropped', () => {
  client.handle([key(0), key(0x80), key(0x100, true, 'e0'), key(0x1e, true, 'e1')]);
  expect(seen).toEqual([]);
});

test('characters are typed on the way down; a surrogate pair is one of them', () => {
  client.handle(unicode('aB'));
  expect(seen).toEqual(['+1e', '-1e', '+2a', '+30', '-30', '-2a']);
  seen = [];
  client.handle(unicode('😀\udc00x'));
  expect(seen).toEqual(['+2d', '-2d']);
});

test('synchronize lets go of everything and presses the lock keys that differ', () => {
  input.setLeds({ scrollLock: false, numLock: true, capsLock: false });
  client.handle([key(0x2a), mouse(0x9000, 5, 6), { kind: 'synchronize', toggles: 4 }]);
  expect(seen).toEqual(['+2a', '5,6 b1', '-2a', '5,6 b0', '+3a', '-3a', '+45', '-45']);
  seen = [];
  client.handle([mouse(0x0800, 7, 8)]);
  expect(seen).toEqual(['7,8 b0']);
});

test('buttons, with positions clamped to the screen as it is now', () => {
  client.handle([mouse(0x9000, 10, 20), mouse(0xa000, 10, 20), mouse(0x0800, 9999, 9999), mouse(0x1000, 0, 0)]);
  client.handle([mouse(0xc000, 1, 1), { kind: 'extended-mouse', flags: 0x8001, x: 2, y: 2 }]);
  client.handle([
    { kind: 'extended-mouse', flags: 0x0001, x: 2, y: 2 },
    { kind: 'extended-mouse', flags: 0x8002, x: 2, y: 3 },
  ]);
  expect(seen).toEqual(['10,20 b1', '10,20 b5', '799,599 b5', '0,0 b4', '1,1 b6', '2,2 b14', '2,2 b6', '2,3 b22']);
});

test.each([
  ['one notch up', [0x0278], ' y1'],
  ['one notch down, two’s complement', [0x0388], ' y-1'],
  ['one notch down as a magnitude with the sign over it', [0x0378], ' y-1'],
  ['one notch of 128', [0x0280], ' y1'],
  ['two notches', [0x02f0], ' y2'],
  ['parts of a notch', [0x021e, 0x021e, 0x021e, 0x021e], ' y1'],
  ['to the right', [0x0478], ' x1'],
  ['to the left', [0x0588], ' x-1'],
])('wheel: %s, where the pointer is', (_, flags, wheel) => {
  client.handle([mouse(0x0800, 30, 40), ...flags.map((f) => mouse(f))]);
  expect(seen).toEqual(['30,40 b0', `30,40 b0${wheel}`]);
});

test('wheel: a turn back does not use up what came before', () => {
  client.handle([mouse(0x0264), mouse(0x0200 | (0x200 - 30)), mouse(0x021e), mouse(0x021e)]);
  expect(seen).toEqual([]);
});

test('no sequence of events does more than press keys and move the pointer on the screen', () => {
  const random = new Random(3);
  for (let i = 0; i < 20000; i++) {
    const [a, x, y] = [random.next() & 0xffff, random.next() & 0xffff, random.next() & 0xffff];
    const down = random.below(2) === 0;
    client.handle([
      random.pick<InputEvent>([
        { kind: 'keyboard', code: a, prefix: random.pick(['none', 'e0', 'e1']), down },
        { kind: 'unicode', unit: a, down },
        { kind: 'mouse', flags: a, x, y },
        { kind: 'extended-mouse', flags: a, x, y },
        { kind: 'synchronize', toggles: a },
        { kind: 'ignored' },
      ]),
    ]);
  }
  for (const line of seen) expect(line).toMatch(/^([+-][0-9a-f]{1,2}|\d{1,3},\d{1,3} b\d+( [xy]-?[1-4])?)$/);
});
