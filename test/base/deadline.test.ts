import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { withDeadline } from '../../src/base/deadline.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Never done, and rejects with its signal's reason. */
async function endless(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}

test('work that takes too long is told so, whatever was collected meanwhile', async () => {
  const working = withDeadline(50, 'nobody answers', new AbortController().signal, endless);
  await Promise.resolve();
  collectGarbage();
  await expect(working).rejects.toThrow('nobody answers');
});

test('work that is called off rejects as its signal says', async () => {
  const end = new AbortController();
  const working = withDeadline(60_000, 'nobody answers', end.signal, endless);
  end.abort(new Error('stopped'));
  await expect(working).rejects.toThrow('stopped');
});

test('work that is done leaves no timer', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  expect(await withDeadline(60_000, 'nobody answers', new AbortController().signal, async () => 7)).toBe(7);
  expect(timers()).toBe(before);
});
