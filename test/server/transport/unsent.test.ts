import { expect, test } from 'vitest';
import { LIMITS } from '../../../server/limits.js';
import { Unsent } from '../../../server/transport/unsent.js';

test.each([64 << 10, 1])('what waits for a peer is bounded in memory, in pieces of %d bytes', (size) => {
  const unsent = new Unsent();
  let pieces = 0;
  for (; !unsent.isTooMuch; pieces++) unsent.add(size);
  expect(pieces * (size + LIMITS.unsentPieceBytes)).toBeLessThan(LIMITS.maxUnsentBytes * 1.01);
  expect(unsent.bytes).toBe(pieces * size);
  for (; pieces > 0; pieces--) unsent.remove(size);
  expect([unsent.bytes, unsent.isTooMuch]).toEqual([0, false]);
});
