import { describe, expect, test } from 'vitest';
import { CONTENTS, FORMATS } from '../../encode/rfb-content.js';
import { Random } from '../../random.js';
import { House } from './fixture.js';
import { catchUp, expectInSync, follow, settle } from './in-sync.js';
import type { Viewer } from './viewer.js';

const RAW = 0;
const COPY_RECT = 1;
const HEXTILE = 5;
const ZRLE = 16;
const DESKTOP_SIZE = -223;
const CURSOR = -239;
const CURSOR_WITH_ALPHA = -314;
const EXTENDED_DESKTOP_SIZE = -308;

describe.each([
  ['Raw', RAW],
  ['Hextile', HEXTILE],
  ['ZRLE', ZRLE],
])('pixels by %s', (_name, encoding) => {
  test.each(['BGRX', 'RGB565 big-endian', 'RGB332'])('are the guest’s in %s', async (formatName) => {
    const house = new House();
    const { display } = house.machine;
    display.resize(200, 130);
    const random = new Random(encoding + 5);
    house.paint(0, 0, 200, 130, (x, y) => CONTENTS.photo!(x, y, random));
    const viewer = await house.login();
    const format = FORMATS[formatName]!;
    viewer.setFormat(format);
    viewer.setEncodings(encoding, COPY_RECT);
    viewer.request(false);
    const rectangles = await viewer.update();
    expect(new Set(rectangles.map((r) => r.encoding))).toEqual(new Set([encoding]));
    expectInSync(viewer, house, format);
    for (let i = 0; i < 5; i++) {
      house.paint(random.below(100), random.below(60), 90, 50, (x, y) => CONTENTS.text!(x, y, random));
      viewer.request(true);
      await viewer.update();
    }
    await catchUp(viewer);
    expectInSync(viewer, house, format);
  });
});

describe('updates', () => {
  test('come only when asked for, and then hold everything since', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.request(false);
    await viewer.update();
    for (let i = 1; i < 5; i++) {
      house.paint(i * 64, 0, 10, 10, i);
      await settle();
    }
    expect(viewer.unread).toBe(0);
    viewer.request(true);
    expect(await viewer.update()).toEqual([{ x: 64, y: 0, width: 256, height: 64, encoding: RAW }]);
    expectInSync(viewer, house);
  });

  test('without a change wait for one', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.request(false);
    await viewer.update();
    viewer.request(true);
    await settle();
    expect(viewer.unread).toBe(0);
    house.paint(0, 0, 1, 1, 1);
    expect(await viewer.update()).toHaveLength(1);
  });

  test('wait for a client that does not read', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.transport.pause();
    for (let i = 1; i <= 20; i++) {
      viewer.request(true);
      house.paint(0, 0, 640, 480, i);
      await settle();
    }
    // One screen is 1.2 MB: the first update is held back halfway, and no second one is begun.
    expect(viewer.transport.unreadBytes).toBeLessThan(2 << 20);
    viewer.transport.resume();
    await viewer.update();
    await catchUp(viewer);
    expectInSync(viewer, house);
  });

  test('use CopyRect for clients that know it', async () => {
    const house = new House();
    house.paint(0, 0, 300, 200, (x, y) => x * y);
    const [knows, doesNot] = [await house.login(), await house.login()];
    knows.setEncodings(ZRLE, COPY_RECT);
    doesNot.setEncodings(ZRLE);
    for (const viewer of [knows, doesNot]) {
      viewer.request(false);
      await viewer.update();
    }
    house.machine.display.copy({ x: 10, y: 20, width: 150, height: 60 }, 40, 60);
    for (const [viewer, encoding] of [
      [knows, COPY_RECT],
      [doesNot, ZRLE],
    ] as const) {
      viewer.request(true);
      expect(await viewer.update()).toEqual([{ x: 10, y: 20, width: 150, height: 60, encoding }]);
      await catchUp(viewer);
      expectInSync(viewer, house);
    }
  });

  test('do not move pixels that the client is only being sent', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(RAW, COPY_RECT);
    viewer.request(false);
    await viewer.update();
    viewer.transport.pause();
    viewer.request(true);
    house.paint(0, 0, 640, 480, (x, y) => x * y);
    await settle();
    // The last rows of this update wait for the client to read. They move up, and then show something else.
    house.machine.display.copy({ x: 0, y: 0, width: 640, height: 20 }, 0, 460);
    house.paint(0, 460, 640, 20, 0x123456);
    viewer.transport.resume();
    await viewer.update();
    await catchUp(viewer);
    expectInSync(viewer, house);
  });

  test('follow a change of encoding and format at any time, with one zlib stream', async () => {
    const house = new House();
    const viewer = await house.login();
    const random = new Random(4);
    for (let i = 0; i < 8; i++) {
      house.paint(0, 0, 640, 480, (x, y) => CONTENTS.text!(x, y, random));
      viewer.setEncodings(random.pick([RAW, HEXTILE, ZRLE]));
      const format = random.pick(Object.values(FORMATS));
      viewer.setFormat(format);
      viewer.request(false);
      await viewer.update();
      await catchUp(viewer);
      viewer.request(false);
      await viewer.update();
      expectInSync(viewer, house, format);
    }
  });

  test('give a client that wants a colour map one', async () => {
    const house = new House();
    house.paint(0, 0, 640, 480, 0xff0000);
    const viewer = await house.login();
    viewer.setFormat({ ...FORMATS.RGB332!, trueColour: false, redMax: 0, greenMax: 0, blueMax: 0 });
    viewer.request(false);
    await viewer.update();
    const entry = viewer.pixels[0]!;
    expect(viewer.colourMap!.subarray(entry * 6, entry * 6 + 6).toString('hex')).toBe('ffff00000000');
    expect(viewer.colourMap).toHaveLength(256 * 6);
  });

  test('take the client’s first encoding that is ours', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(7, -239, HEXTILE, ZRLE, RAW);
    viewer.request(false);
    expect((await viewer.update())[0]!.encoding).toBe(HEXTILE);
  });
});

describe('a new size', () => {
  async function resized(...encodings: number[]): Promise<[Viewer, House]> {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(ZRLE, ...encodings);
    viewer.request(false);
    await viewer.update();
    await catchUp(viewer);
    house.machine.display.resize(320, 600);
    house.paint(0, 0, 320, 600, 0x123456);
    viewer.request(true);
    return [viewer, house];
  }

  /** The update that tells it; pixels from before may come first. */
  async function sized(viewer: Viewer, encoding: number) {
    for (;;) {
      const update = await viewer.update();
      if (update.some((r) => r.encoding === encoding)) return update;
      viewer.request(true);
    }
  }

  test('goes as ExtendedDesktopSize, alone in its update, to those who know it', async () => {
    const [viewer, house] = await resized(DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE);
    expect(await sized(viewer, EXTENDED_DESKTOP_SIZE)).toEqual([
      {
        x: 0, // the server's doing
        y: 0,
        width: 320,
        height: 600,
        encoding: EXTENDED_DESKTOP_SIZE,
        body: Buffer.from('00000001 0000 0000 0140 0258 00000000'.replaceAll(' ', ''), 'hex'),
      },
    ]);
    await catchUp(viewer);
    expectInSync(viewer, house);
  });

  test('goes as DesktopSize to the others', async () => {
    const [viewer, house] = await resized(DESKTOP_SIZE);
    expect(await sized(viewer, DESKTOP_SIZE)).toEqual([
      { x: 0, y: 0, width: 320, height: 600, encoding: DESKTOP_SIZE },
    ]);
    await catchUp(viewer);
    expectInSync(viewer, house);
  });

  test('leaves a client that knows neither with its old area: cut, and black where nothing is', async () => {
    const [viewer] = await resized();
    await catchUp(viewer);
    expect([viewer.width, viewer.height]).toEqual([640, 480]);
    expect(viewer.pixels.every((pixel, i) => pixel === (i % 640 < 320 ? 0x123456 : 0))).toBe(true);
  });

  test('in the middle of an update does no harm', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(ZRLE, EXTENDED_DESKTOP_SIZE);
    const random = new Random(6);
    for (let i = 0; i < 30; i++) {
      viewer.request(random.below(3) > 0);
      await new Promise(setImmediate);
      const { display } = house.machine;
      if (random.below(2) === 0) display.resize(64 + random.below(900), 64 + random.below(700));
      house.paint(0, 0, display.width, display.height, (x, y) => x * y * i);
      if (viewer.unread > 0) await viewer.update();
    }
    viewer.request(true);
    await follow(viewer, house);
  });

  test('comes before the answer to a wish that it overtakes', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(ZRLE, EXTENDED_DESKTOP_SIZE);
    viewer.request(false);
    await viewer.update();
    viewer.send('fb00 0400 0300 01 00 00000000 0000 0000 0400 0300 00000000');
    await settle();
    house.machine.display.resize(320, 600);
    viewer.request(true);
    // Clients follow no size that comes with a refusal.
    expect(await viewer.update()).toMatchObject([{ x: 0, y: 0, width: 320, height: 600 }]);
    viewer.request(true);
    expect(await viewer.update()).toMatchObject([{ x: 1, y: 4, width: 320, height: 600 }]);
    await catchUp(viewer);
    expectInSync(viewer, house);
  });

  test('goes as DesktopSize to UltraVNC, which lists both and follows one', async () => {
    const [viewer] = await resized(DESKTOP_SIZE, EXTENDED_DESKTOP_SIZE, -32768);
    expect(await sized(viewer, DESKTOP_SIZE)).toMatchObject([{ width: 320, height: 600 }]);
    viewer.request(false);
    expect((await viewer.update()).map((r) => r.encoding)).toEqual(Array(10).fill(ZRLE));
  });

  test('the layout answers every request that is not incremental', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(RAW, EXTENDED_DESKTOP_SIZE);
    for (let i = 0; i < 2; i++) {
      viewer.request(false);
      expect((await viewer.update()).map((r) => r.encoding)).toEqual([EXTENDED_DESKTOP_SIZE]);
      viewer.request(true);
      expect((await viewer.update()).map((r) => r.encoding)).not.toContain(EXTENDED_DESKTOP_SIZE);
    }
  });

  test.each([
    ['is forwarded to the guest', 'fb00 0400 0300 01 00 00000000 0000 0000 0400 0300 00000000', true, 4, ['1024x768']],
    [
      'is refused where the guest cannot',
      'fb00 0400 0300 01 00 00000000 0000 0000 0400 0300 00000000',
      false,
      1,
      ['1024x768'],
    ],
    ['is done where nothing changes', 'fb00 0280 01e0 01 00 00000000 0000 0000 0280 01e0 00000000', true, 0, []],
    ['needs a screen', 'fb00 0400 0300 00 00', true, 3, []],
    ['has to be a possible one', 'fb00 ffff ffff 01 00 00000000 0000 0000 ffff ffff 00000000', true, 3, []],
  ])('that a client wishes %s', async (_name, message, can, status, asked) => {
    const house = new House();
    house.engine.resizes = can;
    const viewer = await house.login();
    viewer.setEncodings(RAW, EXTENDED_DESKTOP_SIZE);
    viewer.request(false);
    await viewer.update();
    await catchUp(viewer);
    viewer.send(message);
    expect(await viewer.update()).toMatchObject([{ x: 1, y: status, width: 640, height: 480 }]);
    expect(house.engine.sizes).toEqual(asked);
  });
});

describe('facts besides pixels', () => {
  test('go once, to those who listed them', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(RAW, -258, -316, -307, -261);
    viewer.request(false);
    const first = await viewer.update();
    expect(first.filter((r) => r.encoding < 0)).toMatchObject([
      { encoding: -258 },
      { encoding: -316 },
      { encoding: -307, body: Buffer.from('tëster') },
    ]);
    viewer.setEncodings(RAW, -258, -316, -307, -261);
    viewer.request(true);
    await settle();
    expect(viewer.unread).toBe(0);
    house.machine.input.setLeds({ scrollLock: false, numLock: true, capsLock: true });
    expect(await viewer.update()).toEqual([
      { x: 0, y: 0, width: 0, height: 0, encoding: -261, body: Buffer.from([6]) },
    ]);
  });

  test('the lights are told at the start where they are known', async () => {
    const house = new House();
    house.machine.input.setLeds({ scrollLock: true, numLock: false, capsLock: false });
    const viewer = await house.login();
    viewer.setEncodings(RAW, -261);
    viewer.request(false);
    expect((await viewer.update())[0]).toMatchObject({ encoding: -261, body: Buffer.from([1]) });
  });

  test('the pointer’s shape, with soft edges where the client knows them', async () => {
    const house = new House();
    const bgra = Uint8Array.of(10, 20, 30, 255, 0, 0, 0, 0);
    house.machine.display.setCursor({ width: 2, height: 1, hotX: 1, hotY: 0, bgra });
    const viewer = await house.login();
    viewer.setEncodings(RAW, CURSOR);
    viewer.request(false);
    const place = { x: 1, y: 0, width: 2, height: 1 };
    expect((await viewer.update())[0]).toEqual({
      ...place,
      encoding: CURSOR,
      body: Buffer.from(['0a141e00', '00000000', '80'].join(''), 'hex'),
    });
    viewer.setEncodings(RAW, CURSOR, CURSOR_WITH_ALPHA);
    viewer.request(true);
    expect((await viewer.update())[0]).toEqual({
      ...place,
      encoding: CURSOR_WITH_ALPHA,
      body: Buffer.from(['00000000', '1e140aff', '00000000'].join(''), 'hex'), // Raw inside
    });
    house.machine.display.setCursor('hidden');
    viewer.request(true);
    expect((await viewer.update())[0]).toMatchObject({ x: 0, y: 0, width: 0, height: 0, encoding: CURSOR_WITH_ALPHA });
  });
});
