import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '../../../src/base/log.js';
import { Display } from '../../../src/display/display.js';
import { DisplayLink } from '../../../src/engine/qemu/display-link.js';
import { hex } from '../../hex.js';
import { ScriptedServer } from '../rfb/scripted-server.js';
import { within } from './processes.js';

/** No pause is longer than a moment. */
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  return { ...timers, setTimeout: (_: number, ...rest: [undefined, object]) => timers.setTimeout(1, ...rest) };
});

async function connected() {
  const server = await ScriptedServer.listen();
  const link = new DisplayLink({ host: '127.0.0.1', port: server.port }, new Display(320, 200), silentLog);
  const lost: string[] = [];
  link.onLost.on((reason) => lost.push(reason));
  onTestFinished(async () => {
    await link.close();
    await server.close();
  });
  await link.connect();
  return { server, link, lost };
}

test('a lost connection is made again, with a new client', async () => {
  const { server, link, lost } = await connected();
  const first = link.rfb;
  expect(first).toBeDefined();
  server.disconnect();
  expect(await within(4000, () => link.rfb === undefined)).toBe(true);
  expect(await within(4000, () => link.rfb !== undefined)).toBe(true);
  expect(link.rfb).not.toBe(first);
  expect(lost).toEqual([]);
});

test('a server that drops its client again and again does not lose its guest', async () => {
  const { server, link, lost } = await connected();
  const picture = hex('00 00 00 01', '00 00 00 00 00 01 00 01 00 00 00 00', '00 00 00 00');
  for (let loss = 0; loss < 6; loss++) {
    server.messages.length = 0;
    server.disconnect();
    await server.expect((m) => m.type === 'framebuffer-update-request' && !m.incremental);
    server.send(picture);
    expect(await within(4000, () => link.rfb !== undefined || lost.length > 0)).toBe(true);
  }
  expect(lost).toEqual([]);
});

test('a connection that cannot be made again is given up, once', { timeout: 20_000 }, async () => {
  const { server, link, lost } = await connected();
  await server.close();
  expect(await within(15_000, () => lost.length > 0)).toBe(true);
  expect(lost).toHaveLength(1);
  expect(lost[0]).toMatch(/^[^\n]+$/);
  expect(link.rfb).toBeUndefined();
});

test('nothing is tried any more after close', async () => {
  const { server, link, lost } = await connected();
  server.disconnect();
  await within(4000, () => link.rfb === undefined);
  await link.close();
  expect(await within(300, () => link.rfb !== undefined || lost.length > 0)).toBe(false);
  await expect(link.connect()).rejects.toThrow('closed');
});
