import { expect, test } from 'vitest';
import { strokesOf, strokesOfScanCodes } from '../../src/input/key-names.js';

const down = (...codes: number[]) => codes.map((code) => ({ code, down: true }));
const up = (...codes: number[]) => codes.map((code) => ({ code, down: false }));

test.each([
  ['ctrl+alt+delete', [...down(0x1d, 0x38, 0xd3), ...up(0xd3, 0x38, 0x1d)]],
  ['a', [...down(0x1e), ...up(0x1e)]],
  ['A', [...down(0x2a, 0x1e), ...up(0x1e, 0x2a)]],
  ['ctrl++', [...down(0x1d, 0x2a, 0x0d), ...up(0x0d, 0x2a, 0x1d)]],
  ['+', [...down(0x2a, 0x0d), ...up(0x0d, 0x2a)]],
  ['F1 f10', [...down(0x3b), ...up(0x3b), ...down(0x44), ...up(0x44)]],
  ['f11 F12', [...down(0x57), ...up(0x57), ...down(0x58), ...up(0x58)]],
  ['  ', []],
])('%s', (chords, strokes) => {
  expect(strokesOf(chords)).toEqual(strokes);
});

test.each(['ctrl+nonsense', 'ctrl+', 'f13', 'constructor', 'é'])('%s is no key', (chords) => {
  expect(() => strokesOf(chords)).toThrow(RangeError);
});

test('the bytes of a keyboard', () => {
  // Ctrl down, Alt down, Delete (e0 53) down and up, Alt up, Ctrl up, Pause down and up.
  const bytes = [0x1d, 0x38, 0xe0, 0x53, 0xe0, 0xd3, 0xb8, 0x9d, 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5];
  const strokes = [...down(0x1d, 0x38, 0xd3), ...up(0xd3, 0x38, 0x1d), ...down(0xc6), ...up(0xc6)];
  expect(strokesOfScanCodes(bytes)).toEqual(strokes);
});

test.each([[[0xe0]], [[0xe1, 0x1d]], [[256]], [[-1]], [[1.5]]])('%j is no sequence', (bytes) => {
  expect(() => strokesOfScanCodes(bytes)).toThrow(RangeError);
});
