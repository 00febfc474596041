import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ClientMessage } from '../../../protocols/rfb/client-messages.js';
import { BGRX } from '../../../protocols/rfb/pixel-format.js';
import type { Clock } from '../../../src/base/clock.js';
import { UserError } from '../../../src/base/errors.js';
import { silentLog } from '../../../src/base/log.js';
import { Display } from '../../../src/display/display.js';
import { RfbClient } from '../../../src/engine/rfb/client.js';
import type { Leds } from '../../../src/input/events.js';
import { hex } from '../../hex.js';
import { Random } from '../../random.js';
import { ScriptedServer, type ScriptedServerOptions } from './scripted-server.js';

const BLACK_PIXEL = hex('00 00 00 01', '00 00 00 00 00 01 00 01 00 00 00 00', '00 00 00 00');
const NO_RECTANGLES = hex('00 00 00 00');
const isIncremental = (m: ClientMessage) => m.type === 'framebuffer-update-request' && m.incremental;

function u16(value: number): string {
  return value.toString(16).padStart(4, '0');
}
/** The head of a rectangle. */
function rectangle(x: number, y: number, width: number, height: number, encoding: string): Uint8Array {
  return hex(u16(x), u16(y), u16(width), u16(height), encoding);
}
const RAW = '00 00 00 00';
const ONE = hex('00 00 00 01');

/** Every look at it is a second later: whatever is committed is published at once. */
function hurriedClock(): Clock {
  let ms = 0;
  return { now: () => (ms += 1000), after: () => () => {} };
}

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** A server, a client connected to it, and its display. */
async function connected(options: ScriptedServerOptions = {}) {
  const server = await ScriptedServer.listen(options);
  const client = newClient(server, options.password);
  open.push(server, client);
  const display = new Display(640, 480, hurriedClock());
  const connecting = client.connect(display);
  await server.expect((m) => m.type === 'framebuffer-update-request' && !m.incremental);
  server.send(BLACK_PIXEL);
  await connecting;
  await server.expect(isIncremental);
  return { server, client, display };
}

function newClient(server: ScriptedServer, password?: string): RfbClient {
  return new RfbClient({
    address: { host: '127.0.0.1', port: server.port },
    log: silentLog,
    ...(password === undefined ? {} : { password }),
  });
}

describe('RFB client', () => {
  test('takes the size of the server, and asks for our pixel format and encodings', async () => {
    const server = await ScriptedServer.listen({ width: 100, height: 60 });
    const client = newClient(server);
    open.push(server, client);
    const display = new Display(640, 480);
    const connecting = client.connect(display);
    expect(await server.expect((m) => m.type === 'set-pixel-format')).toMatchObject({ format: BGRX });
    expect(await server.expect((m) => m.type === 'set-encodings')).toMatchObject({
      encodings: expect.arrayContaining([0, 1, -239, -223, -308, -224, -307, -258, -261, -257]),
    });
    const request = { incremental: false, x: 0, y: 0, width: 100, height: 60 };
    expect(await server.expect((m) => m.type === 'framebuffer-update-request')).toMatchObject(request);
    server.send(NO_RECTANGLES, BLACK_PIXEL);
    await connecting;
    expect([display.width, display.height]).toEqual([100, 60]);
    expect(await server.expect(isIncremental)).toMatchObject({ width: 100, height: 60 });
  });

  test('shows nothing before there are pixels', async () => {
    const server = await ScriptedServer.listen();
    const client = newClient(server);
    open.push(server, client);
    const display = new Display(640, 480, hurriedClock());
    const connecting = client.connect(display);
    await server.expect((m) => m.type === 'framebuffer-update-request');
    server.send(ONE, rectangle(0, 0, 64, 48, 'ff ff fe fe'));
    await server.expect(isIncremental);
    expect(display.hasFrame).toBe(false);
    server.send(BLACK_PIXEL);
    await connecting;
    expect(display.hasFrame).toBe(true);
  });

  test('a server that sends more work than can be done leaves time for others', async () => {
    const { server, display } = await connected();
    // Each fact takes longer than a turn may.
    let ms = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (ms += 1000));
    let turn = 0;
    const count = setInterval(() => turn++, 0);
    const turns: number[] = [];
    display.onResize.on(() => turns.push(turn));
    const sizes = Array.from({ length: 8 }, (_, i) => rectangle(0, 0, 100 + i, 50, 'ff ff ff 21'));
    // One read, which ends in a picture.
    server.send(
      Buffer.concat([hex('00 00', u16(9)), ...sizes, rectangle(0, 0, 1, 1, RAW), hex('11 22 33 00')].map(Buffer.from)),
    );
    await display.onFrame.next();
    clearInterval(count);
    vi.restoreAllMocks();
    expect(turns).toHaveLength(8);
    expect(new Set(turns).size).toBeGreaterThan(1);
    expect([display.width, display.framebuffer.words[0]]).toEqual([107, 0x332211]);
    server.send(ONE, rectangle(1, 0, 1, 1, RAW), hex('44 55 66 00'));
    await vi.waitFor(() => expect(display.framebuffer.words[1]).toBe(0x665544));
  });

  test('puts raw pixels where they belong, whole rows and parts, however they are cut', async () => {
    const { server, display } = await connected({ width: 200, height: 150 });
    const random = new Random(5);
    const model = new Uint8Array(200 * 150 * 4);
    const view = display.view();
    view.take();
    for (const [x, y, width, height] of [
      [0, 0, 200, 150],
      [0, 20, 200, 100],
      [13, 7, 100, 90],
      [199, 149, 1, 1],
      [0, 0, 1, 150],
    ] as const) {
      const pixels = random.bytes(width * height * 4);
      for (let row = 0; row < height; row++) {
        model.set(pixels.subarray(row * width * 4, (row + 1) * width * 4), ((y + row) * 200 + x) * 4);
      }
      server.send(ONE, rectangle(x, y, width, height, RAW));
      for (let at = 0; at < pixels.length; ) {
        const piece = 1 + random.below(20_000);
        server.send(pixels.subarray(at, at + piece));
        at += piece;
        await new Promise((resolve) => setImmediate(resolve));
      }
      server.send(NO_RECTANGLES);
      // One request for the pixels, one for the update behind them.
      await server.expect(isIncremental);
      await server.expect(isIncremental);
      expect(Buffer.from(display.framebuffer.bytes).equals(model)).toBe(true);
    }
    expect(view.hasPixels).toBe(true);
  });

  test('copies on the screen, so that viewers can copy too', async () => {
    const { server, display } = await connected();
    const view = display.view();
    server.send(ONE, rectangle(0, 0, 2, 1, RAW), hex('01 02 03 00 04 05 06 00'), NO_RECTANGLES);
    await server.expect(isIncremental);
    await server.expect(isIncremental);
    view.take();
    view.sent();
    server.send(ONE, rectangle(10, 20, 2, 1, '00 00 00 01'), hex('00 00 00 00'), NO_RECTANGLES);
    await server.expect(isIncremental);
    await server.expect(isIncremental);
    expect(display.framebuffer.words.slice(20 * 64 + 10, 20 * 64 + 12)).toEqual(Uint32Array.of(0x030201, 0x060504));
    expect(view.take().copies).toMatchObject([{ to: { x: 10, y: 20, width: 2, height: 1 }, fromX: 0, fromY: 0 }]);
  });

  test('follows a new size and asks for all of the new screen', async () => {
    const { server, display } = await connected();
    server.send(ONE, rectangle(0, 0, 100, 30, 'ff ff ff 21'));
    expect(await server.expect((m) => m.type === 'framebuffer-update-request' && !m.incremental)).toMatchObject({
      width: 100,
      height: 30,
    });
    expect([display.width, display.height]).toEqual([100, 30]);
  });

  test('takes pointer shapes over, and that there is none', async () => {
    const { server, display } = await connected();
    const shape = hex('01 02 03 00 04 05 06 00', '40');
    server.send(ONE, rectangle(1, 0, 2, 1, 'ff ff ff 11'), shape, NO_RECTANGLES);
    await server.expect(isIncremental);
    await server.expect(isIncremental);
    const bgra = hex('01 02 03 00 04 05 06 ff');
    expect(display.cursor).toEqual({ width: 2, height: 1, hotX: 1, hotY: 0, bgra });
    server.send(ONE, rectangle(0, 0, 0, 0, 'ff ff ff 11'), NO_RECTANGLES);
    await server.expect(isIncremental);
    await server.expect(isIncremental);
    expect(display.cursor).toBe('hidden');
  });

  test('sends keysyms to any server, and scan codes to one that announces them', async () => {
    const { server, client } = await connected();
    client.key(0x2a, true);
    client.key(0x1e, true);
    client.key(0x2a, false);
    client.key(0x1e, false);
    const keys = [0xffe1, 0x41, 0xffe1, 0x41];
    for (const keysym of keys) expect(await server.expect((m) => m.type === 'key')).toMatchObject({ keysym });
    server.send(ONE, rectangle(0, 0, 64, 48, 'ff ff fe fe'));
    await server.expect(isIncremental);
    client.key(0xc8, true);
    expect(await server.expect((m) => m.type === 'qemu-key')).toMatchObject({
      down: true,
      keycode: 0xc8,
      keysym: 0xff52,
    });
  });

  test('tells the lights and the kind of pointer', async () => {
    const { server, client } = await connected();
    const told: Leds[] = [];
    client.onLeds.on((leds) => told.push(leds));
    expect(client.absolutePointer).toBe(true);
    server.send(hex('00 00 00 02'), rectangle(0, 0, 0, 0, 'ff ff fe fb'), hex('02'));
    server.send(rectangle(0, 0, 64, 48, 'ff ff fe ff'), NO_RECTANGLES);
    await server.expect(isIncremental);
    await server.expect(isIncremental);
    expect(told).toEqual([{ scrollLock: false, numLock: true, capsLock: false }]);
    expect(client.absolutePointer).toBe(false);
    client.pointer({ x: 10, y: 10, buttons: 0 });
    client.pointer({ x: 13, y: 8, buttons: 1 });
    expect(await server.expect((m) => m.type === 'pointer')).toMatchObject({ x: 0x7fff, y: 0x7fff, buttons: 0 });
    expect(await server.expect((m) => m.type === 'pointer')).toMatchObject({ x: 0x8002, y: 0x7ffd, buttons: 1 });
  });

  test('asks for a size where the server takes requests', async () => {
    const { server, client } = await connected();
    expect(client.canResize).toBe(false);
    expect(await client.requestSize(800, 600)).toBe(false);
    const screen = hex('01 00 00 00', '00 00 00 07 00 00 00 00 00 40 00 30 00 00 00 02');
    server.send(ONE, rectangle(0, 0, 64, 48, 'ff ff fe cc'), screen, NO_RECTANGLES);
    await server.expect(isIncremental);
    await server.expect(isIncremental);
    expect(client.canResize).toBe(true);
    expect(await client.requestSize(20_000, 600)).toBe(false);
    expect(await client.requestSize(800, 600)).toBe(true);
    expect(await server.expect((m) => m.type === 'set-desktop-size')).toMatchObject({
      width: 800,
      height: 600,
      screens: [{ id: 7, x: 0, y: 0, width: 800, height: 600, flags: 2 }],
    });
  });

  test('logs in with a password', async () => {
    const { display } = await connected({ password: 'geheim' });
    expect(display.width).toBe(64);
  });

  test.each<[string, ScriptedServerOptions, string | undefined, RegExp]>([
    [
      'a wrong password',
      { password: 'right' },
      'wrong',
      /^127\.0\.0\.1:\d+ did not accept the password: wrong password$/,
    ],
    ['no password', { password: 'right' }, undefined, /wants a password: give it as rfb:\/\/:PASSWORD@/],
    ['a server that is busy', { refusal: 'too\nmany' }, undefined, /refused the connection: too many$/],
    [
      'another protocol',
      { greeting: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') },
      undefined,
      /is not a VNC server/,
    ],
    ['a screen out of bounds', { width: 20_000, height: 10 }, undefined, /20000x10 pixels, which is out of bounds$/],
  ])('one line for %s', async (_, options, password, message) => {
    const server = await ScriptedServer.listen(options);
    const client = newClient(server, password);
    open.push(server, client);
    const error = await client.connect(new Display(640, 480)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/[\r\n]/);
  });

  test('one line where nobody listens', async () => {
    const server = await ScriptedServer.listen();
    const client = newClient(server);
    await server.close();
    await expect(client.connect(new Display(640, 480))).rejects.toThrow(
      /^cannot connect to 127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    );
    const noSocket = new RfbClient({ address: { path: '/nonexistent/vnc' }, log: silentLog });
    await expect(noSocket.connect(new Display(640, 480))).rejects.toThrow(/^cannot connect to \/nonexistent\/vnc: /);
  });

  test('tells once that the server went, and nothing of its own close', async () => {
    const { server, client } = await connected();
    const reasons: string[] = [];
    client.onClose.on((reason) => reasons.push(reason));
    const gone = client.onClose.next();
    server.disconnect();
    await gone;
    client.key(0x1e, true);
    client.pointer({ x: 0, y: 0, buttons: 0 });
    await client.close();
    expect(reasons.length).toBe(1);
    const second = await connected();
    second.client.onClose.on((reason) => reasons.push(reason));
    await second.client.close();
    expect(reasons.length).toBe(1);
  });

  test('leaves a server that talks nonsense', async () => {
    const { server, client, display } = await connected();
    const gone = client.onClose.next();
    server.send(ONE, rectangle(60, 0, 10, 10, RAW));
    expect(await gone).toMatch(/cannot be understood: rectangle: reaches outside a screen of 64x48/);
    expect(display.width).toBe(64);
  });

  test('is not connected when it was closed before the first picture', async () => {
    const server = await ScriptedServer.listen();
    const client = newClient(server);
    open.push(server, client);
    const connecting = client.connect(new Display(640, 480));
    await server.expect((m) => m.type === 'framebuffer-update-request');
    await client.close();
    await expect(connecting).rejects.toThrow(UserError);
  });

  test('gives a login up when asked to', async () => {
    const server = await ScriptedServer.listen({ greeting: new Uint8Array(0) });
    const client = newClient(server);
    open.push(server, client);
    const abort = new AbortController();
    const connecting = client.connect(new Display(640, 480), abort.signal);
    abort.abort(new Error('changed my mind'));
    await expect(connecting).rejects.toThrow('changed my mind');
  });

  test('survives whatever a server sends after the handshake', async () => {
    const random = new Random(17);
    const pieces = [
      ONE,
      hex('00 00 00 03'),
      rectangle(0, 0, 64, 48, RAW),
      rectangle(3, 3, 5, 5, RAW),
      rectangle(0, 0, 90, 70, 'ff ff ff 21'),
      rectangle(0, 0, 8, 8, 'ff ff ff 11'),
      rectangle(1, 1, 8, 8, '00 00 00 01'),
      rectangle(0, 0, 64, 48, 'ff ff fe cc'),
      hex('01 00 00 00'),
      hex('03 00 00 00 00 00 00 02 41 42'),
    ];
    for (let round = 0; round < 20; round++) {
      const { server, client } = await connected();
      const gone = client.onClose.next();
      for (let i = 0; i < 30; i++) {
        server.send(random.below(3) === 0 ? random.bytes(random.below(300)) : random.pick(pieces));
      }
      // No message has this type: wherever the client is, it ends at a zero-filled or unknown one.
      server.send(new Uint8Array(90 * 70 * 4).fill(0x77));
      server.disconnect();
      await gone;
      await client.close();
      await server.close();
      open.length = 0;
    }
  });
});
