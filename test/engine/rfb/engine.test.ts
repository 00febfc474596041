import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/base/clock.js';
import { UserError } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';
import { Display } from '../../../src/display/display.js';
import type { EngineStateChange } from '../../../src/engine/engine.js';
import { parseAttachUrl } from '../../../src/engine/rfb/attach-url.js';
import { RfbEngine } from '../../../src/engine/rfb/engine.js';
import { hex } from '../../hex.js';
import { ScriptedServer } from './scripted-server.js';

describe('attach URL', () => {
  test.each([
    ['rfb://host', { address: { host: 'host', port: 5900 }, password: undefined }],
    ['rfb://10.0.0.1:5907/', { address: { host: '10.0.0.1', port: 5907 }, password: undefined }],
    ['rfb://[::1]:5901', { address: { host: '::1', port: 5901 }, password: undefined }],
    ['rfb://:p%40ss@host:1', { address: { host: 'host', port: 1 }, password: 'p@ss' }],
  ])('reads %s', (url, attachment) => {
    expect(parseAttachUrl(url)).toEqual(attachment);
  });

  test.each([
    'host:5900',
    'vnc://host',
    'rfb://',
    'rfb://host:99999',
    'rfb://host:0',
    'rfb://host/display',
    'rfb://host?x',
    'rfb://user:geheim@host',
    'rfb://:geheim%@host',
    '',
  ])('rejects %s as wrong usage, without telling the password', (url) => {
    const error = (() => {
      try {
        return parseAttachUrl(url);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).exitCode).toBe(2);
    expect((error as UserError).message).not.toMatch(/geheim|\n/);
  });
});

/** Runs what is due when the test says so. */
class ManualClock implements Clock {
  readonly waits: number[] = [];
  #due: (() => void) | undefined;
  now(): number {
    return 0;
  }
  after(ms: number, callback: () => void): () => void {
    this.waits.push(ms);
    this.#due = callback;
    return () => {
      this.#due = undefined;
    };
  }
  get isWaiting(): boolean {
    return this.#due !== undefined;
  }
  fire(): void {
    const due = this.#due;
    this.#due = undefined;
    due?.();
  }
}

const BLACK_PIXEL = hex('00 00 00 01', '00 00 00 00 00 01 00 01', '00 00 00 00', '00 00 00 00');

describe('RFB engine', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of open.splice(0)) await thing.close();
  });

  async function until(fact: () => boolean): Promise<void> {
    while (!fact()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** Answers the first request with a picture. */
  async function serveOne(server: ScriptedServer): Promise<void> {
    await server.expect((m) => m.type === 'framebuffer-update-request' && !m.incremental);
    server.send(BLACK_PIXEL);
  }

  async function started(password?: string) {
    const server = await ScriptedServer.listen(password === undefined ? {} : { password });
    const clock = new ManualClock();
    const engine = new RfbEngine(`rfb://127.0.0.1:${server.port}`, {
      log: silentLog,
      clock,
      ...(password === undefined ? {} : { password }),
    });
    open.push(server, { close: () => engine.stop() });
    const states: EngineStateChange[] = [];
    engine.onState.on((change) => states.push(change));
    const display = new Display(640, 480);
    await Promise.all([engine.start(display), serveOne(server)]);
    return { server, clock, engine, states, display };
  }

  test('comes back to a server that was away, waiting longer each time', async () => {
    const { server, clock, engine, states, display } = await started();
    const { port } = server;
    await server.close();
    await until(() => clock.isWaiting);
    expect(states.at(-1)).toMatchObject({ state: 'starting', reason: expect.stringMatching(/was lost/) });
    for (let i = 0; i < 5; i++) {
      clock.fire();
      await until(() => clock.isWaiting);
    }
    expect(clock.waits).toEqual([1000, 2000, 4000, 8000, 10000, 10000]);
    // The picture stays as it was.
    expect(display.width).toBe(64);
    const back = await ScriptedServer.listen({ port, width: 80, height: 40 });
    open.push(back);
    clock.fire();
    await serveOne(back);
    await until(() => engine.state === 'running');
    expect([display.width, display.height]).toEqual([80, 40]);
    engine.key(0x1e, true);
    expect(await back.expect((m) => m.type === 'key')).toMatchObject({ keysym: 0x61 });
    // And again, from the shortest wait.
    back.disconnect();
    await until(() => clock.isWaiting);
    expect(clock.waits.at(-1)).toBe(1000);
  });

  test('gives up on a server that does not let it in any more', async () => {
    const { server, clock, engine, states } = await started('old');
    server.options.password = 'new';
    server.disconnect();
    await until(() => clock.isWaiting);
    clock.fire();
    await until(() => engine.state === 'crashed');
    expect(states.at(-1)?.reason).toMatch(/did not accept the password/);
    expect(clock.isWaiting).toBe(false);
  });

  test('stops while it waits, and while it connects', async () => {
    const waiting = await started();
    waiting.server.disconnect();
    await until(() => waiting.clock.isWaiting);
    await waiting.engine.stop();
    expect(waiting.clock.isWaiting).toBe(false);
    expect(waiting.engine.state).toBe('off');

    const silent = await ScriptedServer.listen({ greeting: new Uint8Array(0) });
    open.push(silent);
    const engine = new RfbEngine(`rfb://127.0.0.1:${silent.port}`, { log: silentLog });
    const starting = engine.start(new Display(640, 480)).catch((error: unknown) => error);
    await engine.stop();
    expect(await starting).toBeInstanceOf(UserError);
    expect(engine.state).toBe('off');
  });

  test('a first connection that fails is the end of it', async () => {
    const server = await ScriptedServer.listen({ refusal: 'closed today' });
    open.push(server);
    const engine = new RfbEngine(`rfb://127.0.0.1:${server.port}`, { log: silentLog });
    await expect(engine.start(new Display(640, 480))).rejects.toThrow(/refused the connection: closed today$/);
    expect(engine.state).toBe('off');
  });
});
