import { expect, test } from 'vitest';
import { formatLine, JsonLines } from '../../../server/ipc/json-lines.js';

const VALUES = [{ id: 1, text: 'zwölf 🚀\n' }, { id: 2 }, { id: 3, list: [1, null] }];
const STREAM = Buffer.from(VALUES.map(formatLine).join(''));

test.each([1, 2, 3, 7, STREAM.length])('lines come out whole from chunks of %i bytes', (size) => {
  const lines = new JsonLines(100);
  const seen: unknown[] = [];
  for (let at = 0; at < STREAM.length; at += size) seen.push(...lines.push(STREAM.subarray(at, at + size)));
  expect(seen).toEqual(VALUES);
});

test('the first line alone leaves what is behind it as it is', () => {
  const lines = new JsonLines(100);
  expect(lines.first(Buffer.from('{"kind":'))).toBeUndefined();
  const found = lines.first(Buffer.from([...Buffer.from('"rfb"}\n'), 0xff, 0x0a, 0x00]));
  expect(found?.value).toEqual({ kind: 'rfb' });
  expect([...(found?.rest ?? [])]).toEqual([0xff, 0x0a, 0x00]);
});

test('what is too long or no JSON is an error', () => {
  expect(() => [...new JsonLines(10).push(Buffer.from('[1,2,3,4,5,6]\n'))]).toThrow('a line is longer than 10 bytes');
  const endless = new JsonLines(10);
  expect(() => {
    for (;;) for (const _ of endless.push(Buffer.from('x'))) throw new Error('a line where there is none');
  }).toThrow('a line is longer than 10 bytes');
  expect(() => [...new JsonLines(10).push(Buffer.from('{"a\n'))]).toThrow('a line is not JSON');
});
