import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { VmThread, type VmThreadEvents } from '../../../src/engine/emulator/vm-thread.js';
import type { FromWorker, ToWorker } from '../../../src/engine/emulator/worker-messages.js';

/** The worker's side, as a test wants it. */
class FakeWorker extends EventEmitter {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly received: ToWorker[] = [];
  postMessage(message: ToWorker): void {
    this.received.push(message);
  }
  async terminate(): Promise<void> {}
  tell(message: FromWorker): void {
    this.emit('message', message);
  }
}

async function running(): Promise<{ thread: VmThread; worker: FakeWorker }> {
  const worker = new FakeWorker();
  const events = new Proxy({}, { get: () => () => true }) as VmThreadEvents;
  const thread = new VmThread(60_000, events, () => worker as unknown as Worker);
  onTestFinished(() => thread.close());
  worker.tell({ type: 'started' });
  await thread.started;
  return { thread, worker };
}

test('what is asked of a thread is answered', async () => {
  const { thread, worker } = await running();
  const saved = thread.save();
  await expect(thread.moveDisks([])).rejects.toThrow('saved or restored already');
  worker.tell({ type: 'saved', state: Uint8Array.of(1) });
  expect(await saved).toEqual(Uint8Array.of(1));
});

test.each([
  ['was closed', async ({ thread }) => thread.close()],
  ['ended', async ({ worker }) => worker.tell({ type: 'ended', how: 'poweroff', reason: 'the guest powered off' })],
] satisfies [string, (all: Awaited<ReturnType<typeof running>>) => Promise<void>][])(
  'whoever asks a thread that %s is told, and does not wait',
  async (_, end) => {
    const all = await running();
    await end(all);
    await expect(all.thread.moveDisks([])).rejects.toThrow();
    await expect(all.thread.save()).rejects.toThrow();
  },
);
