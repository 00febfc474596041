import { describe, expect, test } from 'vitest';
import { Proven } from '../../../server/auth/tickets.js';
import { House } from './fixture.js';

const settle = () => new Promise(setImmediate);
const leds = (capsLock: boolean) => ({ scrollLock: false, numLock: true, capsLock });
const [SHIFT_L, CONTROL_L, CAPS_LOCK, ISO_LEVEL3_SHIFT] = [0xffe1, 0xffe3, 0xffe5, 0xfe03];

async function keys(...events: (readonly [keysym: number, down: boolean])[]): Promise<string> {
  const house = new House();
  return keysIn(house, ...events);
}

async function keysIn(house: House, ...events: (readonly [keysym: number, down: boolean])[]): Promise<string> {
  const viewer = await house.login();
  for (const [keysym, down] of events) viewer.key(keysym, down);
  await settle();
  return house.engine.takeKeys();
}

describe('keys by keysym', () => {
  test('come as places on a US keyboard', async () => {
    expect(await keys([0x61, true], [0x61, false], [0xff0d, true], [0xff0d, false])).toBe('+1e -1e +1c -1c');
  });

  test('get the Shift that the character needs: a German " is Shift and 2, without Shift here', async () => {
    // Shift is held as the client holds it: " needs it as well.
    expect(await keys([SHIFT_L, true], [0x22, true], [0x22, false], [SHIFT_L, false])).toBe('+2a +28 -28 -2a');
    // No Shift at the client: it is made for the guest.
    expect(await keys([0x22, true], [0x22, false])).toBe('+2a +28 -2a -28');
    // Shift at the client, but a character that the guest's keyboard makes without: German Shift and 7.
    expect(await keys([SHIFT_L, true], [0x2f, true], [0x2f, false], [SHIFT_L, false])).toBe('+2a -2a +35 +2a -35 -2a');
  });

  test('AltGr at the client is not the guest’s business', async () => {
    expect(await keys([ISO_LEVEL3_SHIFT, true], [0x40, true], [0x40, false], [ISO_LEVEL3_SHIFT, false])).toBe(
      '+2a +03 -2a -03',
    );
  });

  test('go up as they went down, also by another keysym', async () => {
    expect(await keys([SHIFT_L, true], [0x41, true], [SHIFT_L, false], [0x61, false])).toBe('+2a +1e -2a -1e');
  });

  test('repeat, and are not released twice', async () => {
    expect(await keys([0x61, true], [0x61, true], [0x61, false], [0x61, false])).toBe('+1e +1e -1e');
  });

  test('ISO_Left_Tab is Shift and Tab', async () => {
    expect(await keys([0xfe20, true], [0xfe20, false])).toBe('+2a +0f -2a -0f');
  });

  test('the case of a letter is nothing to a shortcut', async () => {
    expect(await keys([CONTROL_L, true], [0x43, true], [0x43, false], [CONTROL_L, false])).toBe('+1d +2e -2e -1d');
  });

  test('letters keep their case whatever the guest’s Caps Lock says', async () => {
    const house = new House();
    house.machine.input.setLeds(leds(true));
    expect(await keysIn(house, [0x41, true], [0x41, false])).toBe('+1e -1e');
    expect(await keysIn(house, [0x61, true], [0x61, false])).toBe('+2a +1e -2a -1e');
    expect(await keysIn(house, [CAPS_LOCK, true], [CAPS_LOCK, false])).toBe('+3a -3a');
    expect(await keys([CAPS_LOCK, true], [CAPS_LOCK, false])).toBe('');
  });

  test('held keys go up when the client leaves', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.key(CONTROL_L, true);
    viewer.key(0x61, true);
    viewer.send('05 01 0010 0020'); // the left button
    await settle();
    house.engine.takeKeys();
    viewer.transport.destroy('pulled the plug');
    await settle();
    expect(house.engine.takeKeys()).toBe('-1d -1e');
    expect(house.engine.pointers.at(-1)).toEqual({ x: 16, y: 32, buttons: 0 });
  });
});

describe('keys by place', () => {
  test('pass as they are; Print Screen in its two forms', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.send('ff00 0001 0000ff53 000000cd'); // Right
    viewer.send('ff00 0000 0000ff53 000000cd');
    viewer.send('ff00 0001 0000ff61 00000054'); // Print
    viewer.send('ff00 0000 0000ff61 000000b7');
    viewer.send('ff00 0001 00000061 00000000'); // no place known: by keysym
    viewer.send('ff00 0001 00000062 00001234'); // no place at all: by keysym
    await settle();
    expect(house.engine.takeKeys()).toBe('+cd -cd +b7 -b7 +1e +30');
  });
});

describe('the pointer', () => {
  test('moves inside the screen, with buttons, wheels by notch, back and forward', async () => {
    const house = new House();
    const viewer = await house.login();
    viewer.setEncodings(0, -316);
    viewer.send('05 00 ffff ffff'); // far outside
    viewer.send('05 07 0001 0002'); // left, middle, right
    viewer.send('05 08 0001 0002'); // wheel up
    viewer.send('05 08 0001 0003'); // still held: no second notch
    viewer.send('05 10 0001 0002'); // wheel down
    viewer.send('05 20 0001 0002'); // wheel left
    viewer.send('05 40 0001 0002'); // wheel right
    viewer.send('05 80 0001 0002 03'); // long form: back and forward
    await settle();
    const at = { x: 1, y: 2, buttons: 0 };
    expect(house.engine.pointers).toEqual([
      { x: 639, y: 479, buttons: 0 },
      { ...at, buttons: 7 },
      { ...at, wheelY: 1 },
      { ...at, y: 3 },
      { ...at, wheelY: -1 },
      { ...at, wheelX: -1 },
      { ...at, wheelX: 1 },
      { ...at, buttons: 24 },
    ]);
  });
});

describe('somebody who may only watch', () => {
  test('lets go of what is held, and is not heard until that is lifted', async () => {
    const house = new House();
    const viewer = await house.login();
    const [session] = house.sessions;
    viewer.setEncodings(0, -308);
    viewer.request(false);
    await viewer.update(); // the layout
    viewer.key(CONTROL_L, true);
    viewer.send('05 01 0010 0020'); // the left button
    await settle();
    session!.setRights('view');
    expect(house.engine.takeKeys()).toBe('+1d -1d');
    expect(house.engine.pointers.at(-1)).toMatchObject({ buttons: 0 });
    const pointers = house.engine.pointers.length;
    viewer.key(0x61, true);
    viewer.send('ff00 0001 0000ff53 000000cd');
    viewer.send('05 01 0010 0020');
    viewer.send('fb00 0400 0300 01 00 00000000 0000 0000 0400 0300 00000000'); // SetDesktopSize
    viewer.request(true);
    expect(await viewer.update()).toMatchObject([{ encoding: -308, x: 1, y: 1 }]); // this client's wish, prohibited
    expect(house.engine.takeKeys()).toBe('');
    expect(house.engine.pointers).toHaveLength(pointers);
    expect(house.engine.sizes).toEqual([]);
    session!.setRights('control');
    viewer.key(0x61, false);
    viewer.key(0x62, true);
    await settle();
    expect(house.engine.takeKeys()).toBe('+30');
  });

  test('may be one from the login on', async () => {
    const house = new House(new Proven({ user: 'guest', rights: 'view' }));
    const viewer = await house.login();
    viewer.key(0x61, true);
    await settle();
    expect(house.engine.takeKeys()).toBe('');
  });
});
