import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Emitter } from '../../../src/base/events.js';
import type { QemuProcess } from '../../../src/engine/qemu/qemu-process.js';
import type { QmpEvent } from '../../../src/engine/qemu/qmp-client.js';
import { readQemuState } from '../../../src/engine/qemu/saved-state.js';
import { openStateFile, writeStateFile } from '../../../src/engine/state-file.js';

/** More than the sockets and streams on the way hold. */
const STATE_BYTES = 4 << 20;

/** Who waits for a state in QEMU's place; `take` is what it does with the connection, `say` how it ends. */
async function waiting(take: (socket: Socket, say: (status: string) => void) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'state');
  await writeStateFile(path, 'qemu', {}, [randomBytes(STATE_BYTES)]);
  const onEvent = new Emitter<QmpEvent>();
  const say = (status: string) => onEvent.emit({ kind: 'event', name: 'MIGRATION', data: { status } } as QmpEvent);
  const statePath = join(folder, 'socket');
  const server = createServer((socket) =>
    take(
      socket.on('error', () => {}),
      say,
    ),
  );
  await new Promise<void>((resolve) => server.listen(statePath, resolve));
  onTestFinished(() => void server.close());
  const qmp = { onEvent, onClose: new Emitter<string>(), execute: async () => ({}) };
  const qemu = { statePath, qmp, orDeath: <T>(promise: Promise<T>) => promise } as unknown as QemuProcess;
  return {
    path,
    read: async () => readQemuState(qemu, await openStateFile(path, 'qemu'), new AbortController().signal),
  };
}

/** Reads a part, and hangs up: what it needed was in it. */
const hangUp = (socket: Socket, say: (status: string) => void) => {
  socket.once('data', () => {
    socket.destroy();
    say('completed');
  });
};

test('a QEMU that hangs up as soon as it has what it needs has taken the state', async () => {
  const { read } = await waiting(hangUp);
  await read();
});

test('a damaged state is told even when QEMU was content with it', async () => {
  const { path, read } = await waiting(hangUp);
  const bytes = await readFile(path);
  bytes[bytes.length - 6]! ^= 1;
  await writeFile(path, bytes);
  await expect(read()).rejects.toThrow(
    `cannot go on from the saved state ${path}: it is damaged (incorrect data check)`,
  );
});

test('a QEMU that takes all of it slowly gets all of it', async () => {
  let bytes = 0;
  const { read } = await waiting((socket, say) => {
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.once('end', () => say('completed'));
  });
  await read();
  expect(bytes).toBe(STATE_BYTES);
});

test('a QEMU that gives up says why', async () => {
  const { path, read } = await waiting((socket, say) => {
    socket.destroy();
    say('failed');
  });
  await expect(read()).rejects.toThrow(`cannot go on from the saved state ${path}: qemu gave up: no reason given`);
});
