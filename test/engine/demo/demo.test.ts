import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endEverything } from '../../interop/harness/processes.js';
import { isThere } from '../../interop/harness/requires.js';
import { until } from '../../interop/harness/wait.js';
import { type DemoGuest, difference, pixel, press, type Screen, settled } from './demo-guest.js';
import { bootInQemu } from './guest-in-qemu.js';
import { bootInV86 } from './guest-in-v86.js';

// Set 1 scan codes.
const [ESCAPE, BACKSPACE, ENTER, SHIFT, CAPS_LOCK, H, I, F2, F7] = [
  0x01, 0x0e, 0x1c, 0x2a, 0x3a, 0x23, 0x17, 0x3c, 0x41,
];
const UP_ARROW = 0xc8; // E0 48

const TIMEOUT_MS = 60_000;

afterAll(endEverything);

const machines = [
  { name: 'v86', boot: bootInV86, there: true },
  { name: 'QEMU', boot: bootInQemu, there: isThere('qemu') },
];

for (const { name, boot, there } of machines) {
  describe.skipIf(!there)(`the demo guest in ${name}`, { timeout: TIMEOUT_MS }, () => {
    let guest: DemoGuest;
    beforeAll(async () => {
      guest = await boot();
      await guest.serial.next('READY 1024x768');
    }, TIMEOUT_MS);
    afterAll(() => guest?.stop());
    // A failed test's scene is not the next one's.
    beforeEach(async () => {
      guest.send('SCENE idle');
      await guest.serial.next('SCENE idle');
      await settled(guest);
    }, TIMEOUT_MS);
    afterEach(() => expect(guest.serial.all.filter((line) => line.startsWith('PANIC'))).toEqual([]));

    it('shows a desktop, and takes positions from the host', async () => {
      expect(guest.serial.all).toContain('MOUSE absolute');
      const screen = await guest.screen();
      expect([screen.width, screen.height]).toEqual([1024, 768]);
      expect(new Set(screen.pixels).size).toBeGreaterThan(500);
    });

    it('reports keys and shows what is typed, and changes nothing else', async () => {
      const before = await guest.screen();
      await guest.key(SHIFT, true);
      await press(guest, H);
      await guest.key(SHIFT, false);
      await press(guest, I, I, BACKSPACE, UP_ARROW);
      for (const said of [
        'KEY 2a down',
        'KEY 23 down',
        'TEXT H',
        'KEY 23 up',
        'KEY 2a up',
        'TEXT Hi',
        'TEXT Hii',
        'TEXT Hi',
      ]) {
        await guest.serial.next(said);
      }
      await guest.serial.next('KEY e048 down');
      await settled(guest);
      const typed = difference(before, await guest.screen())!;
      // Within the text field of the Welcome window: two letters and the caret behind them.
      expect(typed.x).toBeGreaterThan(76);
      expect(typed.y).toBeGreaterThan(214);
      expect(typed.width).toBeLessThan(30);
      expect(typed.height).toBeLessThan(26);
      await press(guest, BACKSPACE, BACKSPACE);
      await settled(guest);
      expect(difference(before, await guest.screen())).toBeNull();
    });

    it('knows caps lock and the next line', async () => {
      await press(guest, CAPS_LOCK, H, CAPS_LOCK, I, ENTER, I);
      for (const said of ['TEXT H', 'TEXT Hi', 'TEXT ', 'TEXT i']) await guest.serial.next(said);
    });

    it('changes its resolution and goes through all by a key', async () => {
      guest.send('MODE 640x480');
      await guest.serial.next('MODE 640x480');
      await settled(guest);
      const small = await guest.screen();
      expect([small.width, small.height]).toEqual([640, 480]);
      expect(new Set(small.pixels).size).toBeGreaterThan(500);
      for (const size of ['800x600', '1024x768', '1280x800', '1280x1024', '1920x1080', '640x480']) {
        await press(guest, F2);
        await guest.serial.next(`MODE ${size}`);
      }
      for (const size of ['4096x4096', '641x480', '0x0', 'x', '640', '99999999999x1']) {
        guest.send(`MODE ${size}`);
        await guest.serial.next(`ERROR MODE ${size}`);
      }
      guest.send('MODE 1024x768');
      await guest.serial.next('MODE 1024x768');
      await settled(guest);
      expect((await guest.screen()).width).toBe(1024);
    });

    it('inverts its square on each key, and nothing else', async () => {
      await press(guest, F7);
      await guest.serial.next('SCENE flicker');
      await settled(guest);
      const black = await guest.screen();
      expect(pixel(black, 64, 64)).toBe(0);
      await press(guest, H);
      await guest.serial.next('SCENE flicker 1');
      await settled(guest);
      const white = await guest.screen();
      expect(pixel(white, 191, 191)).toBe(0xffffff);
      expect(difference(black, white)).toEqual({ x: 64, y: 64, width: 128, height: 128 });
      await press(guest, UP_ARROW);
      await guest.serial.next('SCENE flicker 0');
      await press(guest, ESCAPE);
      await guest.serial.next('SCENE desktop');
    });

    it('paints where the pointer goes while the button is held', async () => {
      await guest.point(640, 300, false);
      await guest.serial.next('POINTER 640 300 0');
      await settled(guest);
      const before = await guest.screen();
      await guest.point(640, 300, true);
      await guest.serial.next('POINTER 640 300 1');
      await guest.point(700, 360, true);
      await guest.serial.next('POINTER 700 360 1');
      await guest.point(700, 360, false);
      await guest.point(800, 400, false);
      await guest.serial.next('POINTER 800 400 0');
      await settled(guest);
      const painted = await guest.screen();
      for (const [x, y] of [
        [640, 300],
        [670, 330],
        [700, 360],
      ] as const) {
        expect(pixel(before, x - 1, y - 1)).not.toBe(0x3d8fb5);
        expect(pixel(painted, x - 1, y - 1)).toBe(0x3d8fb5);
      }
      expect(pixel(painted, 750, 380)).toBe(0xffffff);
    });

    it('shows who is connected, in the task bar only', async () => {
      const before = await guest.screen();
      guest.send('WHO alice, by RDP');
      await guest.serial.next('WHO alice, by RDP');
      await settled(guest);
      const hint = difference(before, await guest.screen())!;
      expect(hint.y).toBeGreaterThan(768 - 42);
      expect(hint.x).toBeGreaterThan(128);
    });

    it.each(['animation 30', 'animation 60', 'scroll', 'drag'])('draws the scene %s', async (scene) => {
      guest.send(`SCENE ${scene}`);
      await guest.serial.next(`SCENE ${scene}`);
      await guest.serial.next(/^FRAME \d+$/);
      const first = await guest.screen();
      await guest.serial.next(/^FRAME \d+$/);
      expect(difference(first, await guest.screen())).not.toBeNull();
    });

    it('draws a picture with the colours of a photograph', async () => {
      guest.send('SCENE photo');
      await guest.serial.next('SCENE photo');
      await settled(guest);
      expect(new Set((await guest.screen()).pixels).size).toBeGreaterThan(20_000);
    });

    it('goes to text mode and comes back to the same desktop', async () => {
      const before = await guest.screen();
      guest.send('SCENE text');
      await guest.serial.next('SCENE text');
      await settled(guest);
      expect(await guest.inTextMode()).toBe(true);
      await press(guest, H, I);
      await guest.serial.next('KEY 17 up');
      guest.send('SCENE idle');
      await guest.serial.next('SCENE idle');
      await settled(guest);
      expect(await guest.inTextMode()).toBe(false);
      expect(difference(before, await guest.screen())).toBeNull();
    });

    it('survives what it does not understand', async () => {
      guest.send('x'.repeat(5000));
      guest.send('\x00\x7f\xffSCENE');
      guest.send('SCENE nowhere');
      await guest.serial.next('ERROR SCENE nowhere');
      guest.send('CRASH softly');
      await guest.serial.next('ERROR CRASH softly');
      await settled(guest);
    });
  });
}

describe.skipIf(!isThere('qemu'))('the demo guest, only in QEMU', { timeout: TIMEOUT_MS }, () => {
  it('looks the same as in v86', async () => {
    const idle = async (guest: DemoGuest): Promise<Screen> => {
      await guest.serial.next('READY 1024x768');
      guest.send('SCENE idle');
      await guest.serial.next('SCENE idle');
      await settled(guest);
      const screen = await guest.screen();
      await guest.stop();
      return screen;
    };
    expect(difference(await idle(await bootInV86()), await idle(await bootInQemu()))).toBeNull();
  });

  it('takes movements where there is no backdoor, and a wheel', async () => {
    const guest = await bootInQemu({ vmport: false });
    await guest.serial.next('MOUSE relative');
    const events = (...list: object[]) => guest.qmp.execute('input-send-event', { events: list });
    const rel = (axis: string, value: number) => ({ type: 'rel', data: { axis, value } });
    const button = (name: string, down: boolean) => ({ type: 'btn', data: { button: name, down } });
    await events(rel('x', 30), rel('y', -20));
    await guest.serial.next('POINTER 542 364 0');
    await events(button('right', true));
    await guest.serial.next('POINTER 542 364 2');
    await events(button('right', false), button('wheel-down', true));
    await guest.serial.next('WHEEL 1');
    await guest.stop();
  });

  it('works where there is no serial port', async () => {
    const guest = await bootInQemu({ port: false });
    const square = (colour: number) =>
      until(
        `the square is ${colour.toString(16)}`,
        async () => {
          const screen = await guest.screen();
          return screen.width === 1024 && pixel(screen, 0, 0) === 0x808080 && pixel(screen, 64, 64) === colour;
        },
        { deadlineMs: 10_000 },
      );
    // What is typed before the guest's own first picture is not for it.
    await until('its desktop stands', async () => new Set((await guest.screen()).pixels).size > 500);
    await press(guest, F7);
    await square(0x000000);
    await press(guest, H);
    await square(0xffffff);
    await guest.stop();
  });

  it('waits for no listener, and says whole lines or none', async () => {
    const guest = await bootInQemu();
    await guest.serial.next('READY 1024x768');
    await settled(guest);
    guest.listen(false);
    // More than its ring, the pipe and the stream here hold together.
    const lines = Array.from({ length: 1500 }, (_, i) => `${i} `.padEnd(100, 'y'));
    for (const line of lines) guest.send(line);
    // That the guest has come to the end of all this is seen on its screen.
    guest.send('MODE 640x480');
    await until('the guest changes its mode', async () => (await guest.screen()).width === 640, { deadlineMs: 30_000 });
    guest.listen(true);
    // An answer would be lost, too, before there is room again.
    await guest.serial.next(/^LOST \d+$/);
    guest.send('PING over');
    await guest.serial.next('PONG over');
    const heard = guest.serial.all.slice(guest.serial.all.indexOf(`ERROR ${lines[0]}`));
    const answers = new Set([...lines.map((line) => `ERROR ${line}`), 'MODE 640x480']);
    const losses = heard.filter((line) => /^LOST \d+$/.test(line)).map((line) => Number(line.slice(5)));
    const lost = losses.reduce((sum, count) => sum + count, 0);
    expect(heard.filter((line) => !answers.has(line) && !line.startsWith('LOST '))).toEqual(['PONG over']);
    expect(lost).toBeGreaterThan(0);
    expect(heard.length - losses.length - 1 + lost).toBe(answers.size);
    await guest.stop();
  });

  it.each(['reset', 'triple', 'pae'])('starts anew after CRASH %s', async (how) => {
    const guest = await bootInQemu();
    await guest.serial.next('READY 1024x768');
    guest.send('MODE 640x480');
    await guest.serial.next('MODE 640x480');
    guest.send(`CRASH ${how}`);
    await guest.serial.next('READY 1024x768');
    await settled(guest);
    expect((await guest.screen()).width).toBe(1024);
    await guest.stop();
  });
});
