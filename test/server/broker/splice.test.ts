import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { connectMachine } from '../../../server/broker/machine-link.js';
import { Splice } from '../../../server/broker/splice.js';
import { type MemoryTransport, memoryPair } from '../../../server/transport/memory.js';
import { FakeClock } from '../../fake-clock.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

interface Ends {
  readonly clock: FakeClock;
  readonly client: MemoryTransport;
  /** The broker's end of the client. */
  readonly near: MemoryTransport;
  readonly machine: Socket;
  readonly splice: Splice;
  readonly ended: string[];
}

async function spliced(): Promise<Ends> {
  const folder = mkdtempSync(join(tmpdir(), 'splice-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 's');
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  cleanups.push(() => server.close());
  const link = await connectMachine(path, 'vm', new AbortController().signal);
  const machine = await accepted;
  machine.on('error', () => {});
  cleanups.push(() => machine.destroy());
  const [near, client] = memoryPair();
  const ended: string[] = [];
  const clock = new FakeClock();
  const splice = new Splice(near, link, clock, { ended: (by, reason) => ended.push(`${by}: ${reason}`) });
  cleanups.push(() => splice.close());
  return { clock, client, near, machine, splice, ended };
}

function collect(transport: MemoryTransport): { bytes: () => Buffer } {
  const chunks: Uint8Array[] = [];
  transport.onData = (bytes) => chunks.push(bytes);
  return { bytes: () => Buffer.concat(chunks) };
}

function read(socket: Socket): { bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => chunks.push(bytes));
  return { bytes: () => Buffer.concat(chunks) };
}

test('every byte gets through, both ways, in any sizes', async () => {
  const { client, machine } = await spliced();
  const toClient = collect(client);
  const toMachine = read(machine);
  machine.resume();
  const down = randomBytes(3_000_000);
  const up = randomBytes(1_000_000);
  for (let at = 0; at < up.length; at += 9_973) client.write(up.subarray(at, at + 9_973));
  for (let at = 0; at < down.length; at += 100_003) machine.write(down.subarray(at, at + 100_003));
  await vi.waitFor(() => expect(toClient.bytes().length).toBe(down.length), 10_000);
  await vi.waitFor(() => expect(toMachine.bytes().length).toBe(up.length), 10_000);
  expect(toClient.bytes().equals(down)).toBe(true);
  expect(toMachine.bytes().equals(up)).toBe(true);
});

test('a client that does not read holds its machine back, and costs no more than a little', async () => {
  const { client, near, machine, splice } = await spliced();
  client.pause();
  let taken = 0;
  const push = (): void => {
    while (machine.write(Buffer.alloc(65_536), () => (taken += 65_536))) if (machine.bytesWritten > 64 << 20) return;
  };
  machine.on('drain', push);
  push();
  // Everything between the two is full: it stands still.
  let before = -1;
  await vi.waitFor(
    () => {
      const still = taken === before && taken > 0;
      before = taken;
      expect(still).toBe(true);
    },
    { timeout: 10_000, interval: 100 },
  );
  expect(near.unsentBytes).toBeLessThanOrEqual(3 * 65_536);
  expect(taken).toBeLessThan(4 << 20);
  const seen = collect(client);
  client.resume();
  await vi.waitFor(() => expect(seen.bytes().length).toBeGreaterThan(before + (4 << 20)), 10_000);
  splice.close();
});

test('a machine that does not read holds its client back', async () => {
  const { clock, client, machine, splice, ended } = await spliced();
  let paused = 0;
  for (; paused < 1_000 && splice.toMachineBytes === paused * 65_536; paused++) {
    client.write(new Uint8Array(65_536));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(splice.toMachineBytes).toBeLessThan(4 << 20);
  const seen = read(machine);
  machine.resume();
  await vi.waitFor(() => expect(seen.bytes().length).toBe(paused * 65_536), 10_000);
  await vi.waitFor(() => expect(clock.timers.size).toBe(0));
  expect(ended).toEqual([]);
});

test('a machine that reads nothing any more loses its client: nobody would hear that it has gone', async () => {
  const { clock, client, splice, ended } = await spliced();
  while (clock.timers.size === 0) {
    client.write(new Uint8Array(65_536));
    await new Promise((resolve) => setImmediate(resolve));
  }
  clock.advance(29_999);
  expect(ended).toEqual([]);
  clock.advance(1);
  expect(ended).toEqual(['machine: its process is stuck']);
  expect(clock.timers.size).toBe(0);
  splice.close();
});

test('a machine whose connection broke on the way is over', async () => {
  const [near] = memoryPair();
  const link = new Socket();
  link.destroy();
  await once(link, 'close');
  const ended: string[] = [];
  new Splice(near, link, new FakeClock(), { ended: (by) => ended.push(by) });
  await vi.waitFor(() => expect(ended).toEqual(['machine']));
});

test('taken back: what is the client’s reaches it, what it had said comes back in order', async () => {
  const { client, near, machine, splice, ended } = await spliced();
  const toClient = collect(client);
  const toMachine = read(machine);
  machine.resume();
  client.write(Buffer.from('acted on, '));
  await vi.waitFor(() => expect(toMachine.bytes().toString()).toBe('acted on, '));
  machine.write('a picture');
  // The machine's process echoes only after the broker's end.
  machine.once('end', () => {
    machine.end(toMachine.bytes().subarray('acted on, '.length));
  });
  client.write(Buffer.from('not acted on, '));
  await new Promise((resolve) => setImmediate(resolve));
  const back = splice.takeBack('a picture'.length);
  client.write(Buffer.from('said later'));
  expect(Buffer.from((await back)!).toString()).toBe('not acted on, ');
  expect(toClient.bytes().toString()).toBe('a picture');
  // The client goes on from there: nothing was lost, nobody has closed it.
  let later = '';
  near.onData = (bytes) => {
    later += Buffer.from(bytes).toString();
  };
  near.resume();
  await vi.waitFor(() => expect(later).toBe('said later'));
  expect(ended).toEqual([]);
  expect(client.isClosed).toBe(false);
});

test('taken back from a process that says less than it said: lost', async () => {
  const { machine, splice, client } = await spliced();
  collect(client);
  machine.resume();
  machine.once('end', () => machine.end('half'));
  expect(await splice.takeBack(5)).toBeUndefined();
});

test('taken back from a process that dies: lost', async () => {
  const { machine, splice, client } = await spliced();
  collect(client);
  const back = splice.takeBack(0);
  machine.destroy();
  // Nothing was outstanding: to die now is as good as to say goodbye.
  expect(await back).toHaveLength(0);
  const other = await spliced();
  collect(other.client);
  const lost = other.splice.takeBack(1);
  other.machine.destroy();
  expect(await lost).toBeUndefined();
});

test('the one who ends it is told', async () => {
  const first = await spliced();
  first.machine.resume();
  first.client.destroy('gone');
  await vi.waitFor(() => expect(first.ended).toEqual(['client: closed by the peer']));
  await vi.waitFor(() => expect(first.machine.readableEnded).toBe(true));

  const second = await spliced();
  const seen = collect(second.client);
  second.machine.end('goodbye');
  await vi.waitFor(() => expect(second.ended).toEqual(['machine: its process ended the session']));
  expect(seen.bytes().toString()).toBe('goodbye');
  expect(second.client.isClosed).toBe(false);
});
