import { describe, expect, test } from 'vitest';
import { Random } from '../../random.js';
import { mutate } from '../../wire/registry-suite.js';
import { House } from './fixture.js';

const settle = () => new Promise((resolve) => setTimeout(resolve, 25));

/** Nothing of a session is left with the house. */
function expectEmpty(house: House): void {
  expect(house.sessions.size).toBe(0);
  expect(house.machine.display.viewCount).toBe(0);
  expect(house.machine.onState.listenerCount).toBe(0);
  expect(house.machine.input.onLeds.listenerCount).toBe(0);
  expect(house.clock.timers.size).toBe(0);
}

describe('a session', () => {
  test('leaves nothing behind when it is closed, in whatever phase', async () => {
    const house = new House();
    house.connect();
    const half = house.connect();
    await half.read(12);
    half.transport.write(Buffer.from('RFB 003.008\n'));
    await house.login();
    const busy = await house.login();
    busy.setEncodings(16);
    busy.request(false);
    await settle();
    house.sessions.closeAll('shutdown');
    await settle();
    expectEmpty(house);
  });

  test('leaves nothing behind when the client is gone, also in the middle of an update', async () => {
    for (const encoding of [0, 5, 16]) {
      const house = new House();
      const viewer = await house.login();
      viewer.setEncodings(encoding);
      for (let i = 0; i < 3; i++) await new Promise(setImmediate);
      house.paint(0, 0, 640, 480, (x, y) => x * y);
      viewer.request(false);
      await new Promise(setImmediate);
      viewer.transport.destroy('gone');
      await settle();
      expectEmpty(house);
      expect(house.errors).toEqual([]);
    }
  });

  test.each(['stopped', 'crashed'] as const)('outlives a guest that has %s: the host decides', async (state) => {
    const house = new House();
    const viewer = await house.login();
    house.engine.setState(state);
    house.paint(0, 0, 640, 480, 0x445566);
    viewer.request(false);
    await viewer.update();
    expect(viewer.pixels[0]).toBe(0x445566);
    house.sessions.closeAll('guest-stopped', 'the guest has stopped');
    await viewer.ended();
    expectEmpty(house);
  });

  test('is ended by nonsense, alone and without a fuss', async () => {
    const house = new House();
    const witness = await house.login();
    const viewer = await house.login();
    viewer.send('99');
    await viewer.ended();
    expect(house.sessions.size).toBe(1);
    witness.request(false);
    await witness.update();
    expect(house.errors).toEqual([]);
  });

  test('survives whatever a client says', async () => {
    const script = Buffer.from(
      [
        '00000000 2018 0001 00ff 00ff 00ff 100800 000000', // SetPixelFormat
        '0200 0006 00000010 00000001 ffffff11 fffffecc fffffefe fffffec4', // SetEncodings
        '0300 0000 0000 0280 01e0', // FramebufferUpdateRequest
        '0401 0000 00000041', // KeyEvent
        'ff00 0001 0000ff53 000000cd', // extended KeyEvent
        '0507 0001 0002', // PointerEvent
        'fb00 0400 0300 01 00 00000000 0000 0000 0400 0300 00000000', // SetDesktopSize
        'f8000000 80000000 01 aa', // Fence
      ]
        .join('')
        .replaceAll(' ', ''),
      'hex',
    );
    const random = new Random(2026);
    for (let round = 0; round < 150; round++) {
      const house = new House();
      const viewer = await house.login();
      for (let i = 0; i < 4; i++) viewer.transport.write(round % 3 === 0 ? random.bytes(200) : mutate(script, random));
      house.paint(random.below(500), random.below(400), 100, 50, random.next());
      for (let i = 0; i < 5; i++) await new Promise(setImmediate);
      viewer.transport.destroy('enough');
      await new Promise(setImmediate);
      expect(house.errors).toEqual([]);
      expect(house.sessions.size).toBe(0);
    }
  });
});
