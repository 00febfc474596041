import { describe, expect, test } from 'vitest';
import type { Credentials } from '../../../server/auth/credentials.js';
import { Anyone } from '../../../server/auth/single-user.js';
import { LIMITS } from '../../../server/limits.js';
import { vncResponse } from '../../../src/base/vnc-response.js';
import { House, PASSWORD } from './fixture.js';

describe('logging in', () => {
  test('with the password one is in', async () => {
    const house = new House();
    const viewer = await house.login();
    expect(viewer).toMatchObject({ width: 640, height: 480, name: 'tëster' });
    expect([...house.sessions].map((s) => s.identity)).toEqual([{ user: 'vitrine' }]);
  });

  test('with a wrong password one is told so, and after some of them is not asked any more', async () => {
    const house = new House();
    for (let i = 0; i < LIMITS.failedLogins; i++) {
      const viewer = house.connect();
      await expect(viewer.login('open door')).rejects.toThrow('refused: wrong password');
      await viewer.ended();
    }
    const blocked = house.connect();
    await blocked.read(12);
    blocked.transport.write(Buffer.from('RFB 003.008\n'));
    expect(await blocked.read(1)).toEqual(Buffer.from([0]));
    expect(await blocked.reason()).toContain('too many failed logins');
    await blocked.ended();
    expect(house.sessions.size).toBe(0);
    house.clock.advance(LIMITS.failedLoginWaitMs);
    await house.login();
  });

  test('as 3.3, where the server decides', async () => {
    const house = new House();
    const viewer = house.connect();
    await viewer.read(12);
    viewer.transport.write(Buffer.from('RFB 003.003\n'));
    expect((await viewer.read(4)).readUInt32BE()).toBe(2);
    viewer.transport.write(vncResponse(await viewer.read(16), PASSWORD));
    expect((await viewer.read(4)).readUInt32BE()).toBe(0);
    await viewer.init();
    expect(viewer.width).toBe(640);
  });

  test('without a password where none is required; who cannot do without may give any', async () => {
    const house = new House(new Anyone());
    const viewer = house.connect();
    await viewer.read(12);
    viewer.transport.write(Buffer.from('RFB 003.008\n\x01'));
    expect([...(await viewer.read(3))]).toEqual([2, 1, 2]);
    expect((await viewer.read(4)).readUInt32BE()).toBe(0);
    await viewer.init();
    await house.connect().login('whatever');
    expect(house.sessions.size).toBe(2);
  });

  test('None is not to be had where a password is required', async () => {
    const house = new House();
    const viewer = house.connect();
    await viewer.read(12);
    viewer.transport.write(Buffer.from('RFB 003.008\n\x01'));
    await viewer.ended();
    expect(house.sessions.size).toBe(0);
    expect(house.errors).toEqual([]);
  });

  test('has to be done in time', async () => {
    const house = new House();
    const mute = house.connect();
    house.clock.advance(LIMITS.firstByteMs);
    await mute.ended();
    const slow = house.connect();
    await slow.read(12);
    slow.transport.write(Buffer.from('RFB '));
    await new Promise(setImmediate);
    house.clock.advance(LIMITS.handshakeMs - 1);
    expect(slow.closed).toBeUndefined();
    house.clock.advance(1);
    await slow.ended();
    expect(house.sessions.size).toBe(0);
    expect(house.clock.timers.size).toBe(0);
  });

  test('a check that takes long is not the client’s fault', async () => {
    let answer = (): void => {};
    const slow: Credentials = {
      required: true,
      checkPassword: async () => undefined,
      checkVncResponse: () =>
        new Promise((resolve) => {
          answer = () => resolve({ user: 'vitrine' });
        }),
    };
    const house = new House(slow);
    const viewer = house.connect();
    await viewer.read(12);
    viewer.transport.write(Buffer.from('RFB 003.008\n'));
    await viewer.prove(PASSWORD);
    await new Promise(setImmediate);
    house.clock.advance(10 * LIMITS.handshakeMs);
    answer();
    await viewer.result();
    // What is left to say is again for the client to say in time.
    house.clock.advance(LIMITS.handshakeMs);
    await viewer.ended();
    expect(house.clock.timers.size).toBe(0);
  });

  test('takes a seat, and there are only so many', async () => {
    const house = new House();
    for (let i = 0; i < LIMITS.maxSessions; i++) await house.login();
    const last = house.connect();
    await last.read(12);
    last.transport.write(Buffer.from('RFB 003.008\n'));
    await last.read(1);
    expect(await last.reason()).toBe('too many sessions');
  });
});
