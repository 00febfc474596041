import { expect, test } from 'vitest';
import { hashesDone, hashPassword } from '../../../server/auth/password-hash.js';

test('what can wait is told when nobody waits for a hash any more, each time', async () => {
  await hashesDone();
  for (let round = 0; round < 2; round++) {
    let made = 0;
    const hashes = ['a', 'b', 'c'].map((password) => hashPassword(password).then(() => made++));
    await hashesDone();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBe(3);
    await Promise.all(hashes);
  }
});
