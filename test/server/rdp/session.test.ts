import { describe, expect, onTestFinished, test } from 'vitest';
import { FrameAcknowledge } from '../../../protocols/rdp/graphics/frame-acknowledge.js';
import { RefreshRect } from '../../../protocols/rdp/graphics/refresh-rect.js';
import { SuppressOutput } from '../../../protocols/rdp/graphics/suppress-output.js';
import { PDU_TYPE2 } from '../../../protocols/rdp/share/share-data.js';
import { encode } from '../../../protocols/wire/codec.js';
import { Anyone, SingleUser } from '../../../server/auth/single-user.js';
import { LIMITS } from '../../../server/limits.js';
import { hex } from '../../hex.js';
import { CLIENTS } from '../../protocols/rdp/connection/recorded.js';
import { fakeSession } from '../fake-session.js';
import { House, quiet } from './fixture.js';

async function open(...credentials: ConstructorParameters<typeof House>): Promise<House> {
  const house = await House.open(...credentials);
  onTestFinished(async () => {
    expect(house.faults).toEqual([]);
    await house.machine.stop();
  });
  return house;
}

const NOTHING = { sessions: 0, views: 0, stateListeners: 0, timers: 0 };

describe('rdp session', () => {
  test.each(CLIENTS)('%s logs in and is painted the whole screen', async (name) => {
    const house = await open();
    const client = await house.connect(name).activate();
    expect(client.session.identity).toEqual({ user: 'vitrine' });
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
    expect(house.leftovers()).toEqual({ sessions: 1, views: 1, stateListeners: 0, timers: 0 });
  });

  test('a client that goes lets go of its keys and leaves nothing behind', async () => {
    const house = await open();
    const client = await house.connect().activate();
    const keys: string[] = [];
    const { key } = house.engine;
    house.engine.key = (code, down) => {
      keys.push(`${code} ${down}`);
      key.call(house.engine, code, down);
    };
    client.write(hex('04 04 00 1e')); // one fast-path event: A down
    await quiet();
    client.transport.destroy('gone');
    await quiet();
    expect(keys).toEqual(['30 true', '30 false']);
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('a wrong password is named as the reason; five of them, and the address has to wait', async () => {
    const house = await open(new SingleUser('vitrine', 'another'));
    for (let i = 0; i < LIMITS.failedLogins; i++) {
      const client = await house.connect().activate();
      expect(client.heard).toEqual(['error 9', 'goodbye']);
      expect(client.session.identity).toBeUndefined();
      expect(client.closed).toBeDefined();
    }
    const client = await house.connect().activate();
    expect(client.heard).toEqual(['error 7', 'goodbye']);
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('without authentication everybody is let in', async () => {
    const house = await open(new Anyone());
    expect((await house.connect().activate()).session.identity).toEqual({ user: 'vitrine' });
  });

  test('when all seats are taken a login is refused', async () => {
    const house = await open();
    for (let i = 0; i < LIMITS.maxSessions; i++) {
      house.sessions.admit(fakeSession('', 'x'));
    }
    expect((await house.connect().activate()).heard).toEqual(['error 7', 'goodbye']);
  });

  test.each([
    ['garbage', hex('47 45 54 20 2f 20 48 54 54 50')],
    ['a port scanner that says goodbye at once', hex('0300000b 0680 0000 0000 00')],
  ])('%s ends that session alone', async (_, bytes) => {
    const house = await open();
    const other = await house.connect().activate();
    const client = house.connect();
    client.write(bytes);
    await quiet();
    expect(client.closed).toBeDefined();
    expect(other.closed).toBeUndefined();
    expect(house.sessions.size).toBe(1);
  });

  test('garbage in an active session ends it with a goodbye', async () => {
    const house = await open();
    const client = await house.connect().activate();
    await client.say(PDU_TYPE2.input, hex('ff'));
    expect(client.heard).toEqual(['demand-active', 'deactivate-all', 'goodbye']);
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('who says nothing, or stops halfway, is not waited for', async () => {
    const house = await open();
    const silent = house.connect();
    const halfway = house.connect();
    halfway.write(hex('0300'));
    await quiet();
    house.clock.advance(LIMITS.firstByteMs);
    await quiet();
    expect(silent.closed).toBeDefined();
    expect(halfway.closed).toBeUndefined();
    house.clock.advance(LIMITS.handshakeMs);
    await quiet();
    expect(halfway.closed).toBeDefined();
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test.each([
    ['shutdown', 'error 1'],
    ['guest-stopped', 'error 12'],
    ['denied', 'error 7'],
    ['taken-over', 'error 5'],
    ['kicked', 'error 1'],
  ] as const)('closed for %s: says %s', async (reason, error) => {
    const house = await open();
    const client = await house.connect().activate();
    house.sessions.closeAll(reason);
    await quiet();
    expect(client.heard).toEqual(['demand-active', error, 'deactivate-all', 'goodbye']);
    expect(client.closed).toBeDefined();
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('a session in its handshake can be closed too', async () => {
    const house = await open();
    const client = house.connect();
    house.sessions.closeAll('shutdown');
    await quiet();
    expect(client.closed).toBeDefined();
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('a guest that powers off takes nobody with it: that is for the host to decide', async () => {
    const house = await open();
    const client = await house.connect().activate();
    await house.machine.power('shutdown');
    await quiet();
    expect(client.heard).toEqual(['demand-active']);
    expect(house.sessions.size).toBe(1);
  });
});

describe('rdp resize', () => {
  test('the client is deactivated, activated, and painted anew', async () => {
    const house = await open();
    const client = await house.connect().activate();
    client.takePainted();
    await house.machine.requestSize(800, 600);
    await quiet();
    expect(client.heard).toEqual(['demand-active', 'deactivate-all', 'demand-active']);
    expect(client.takePainted().count).toBe(0);
    await client.activateAgain();
    expect(client.takePainted()).toMatchObject({ right: 800, bottom: 600 });
  });

  test('sizes that change while the client is busy with one come to the last', async () => {
    const house = await open();
    const client = await house.connect().activate();
    for (const width of [700, 720, 740]) await house.machine.requestSize(width, 500);
    await quiet();
    await house.machine.requestSize(760, 500);
    await client.activateAgain();
    expect(client.heard).toEqual([
      'demand-active',
      'deactivate-all',
      'demand-active',
      'deactivate-all',
      'demand-active',
    ]);
    client.takePainted();
    await client.activateAgain();
    expect(client.takePainted()).toMatchObject({ right: 760, bottom: 500 });
  });

  test('a client that cannot follow is shown what fits its desktop', async () => {
    const house = await open();
    const client = await house.connect('node-rdpjs-2').activate();
    client.takePainted();
    await house.machine.requestSize(800, 400);
    await quiet();
    expect(client.heard).toEqual(['demand-active']);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
    await house.machine.requestSize(640, 480);
    await quiet();
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
  });
});

describe('rdp output on demand', () => {
  const hidden = encode(SuppressOutput, { desktop: undefined });
  const shown = encode(SuppressOutput, { desktop: { left: 0, top: 0, right: 639, bottom: 479 } });

  let color = 0;
  /** The guest paints its whole screen in another color. */
  async function change({ machine: { display } }: House): Promise<void> {
    display.framebuffer.words.fill(++color);
    display.damage({ x: 0, y: 0, width: display.width, height: display.height });
    display.commit();
    await quiet();
  }

  test('a suppression while connecting is not meant yet; later it is, until the client shows itself again', async () => {
    const house = await open();
    const client = await house.connect().activate();
    await client.say(PDU_TYPE2.suppressOutput, hidden);
    client.takePainted();
    house.clock.advance(500);
    await change(house);
    expect(client.takePainted().count).toBeGreaterThan(0);
    house.clock.advance(600);
    await change(house);
    expect(client.takePainted().count).toBe(0);
    await client.say(PDU_TYPE2.suppressOutput, shown);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
  });

  test('a refreshed area is sent again, and nothing around it', async () => {
    const house = await open();
    const client = await house.connect().activate();
    client.takePainted();
    const areas = [
      { left: 0, top: 0, right: 9, bottom: 9 },
      { left: 9000, top: 9000, right: 9001, bottom: 9001 },
    ];
    await client.say(PDU_TYPE2.refreshRect, encode(RefreshRect, { areas }));
    expect(client.takePainted()).toEqual({ count: 1, right: 64, bottom: 64 });
  });

  test('two frames may be unacknowledged, not three', async () => {
    const house = await open();
    const client = await house.connect().activate();
    const acknowledge = (frameId: number) =>
      client.say(PDU_TYPE2.frameAcknowledge, encode(FrameAcknowledge, { frameId }));
    await acknowledge(1);
    client.takePainted();
    const painted: boolean[] = [];
    for (let i = 0; i < 4; i++) {
      await change(house);
      painted.push(client.takePainted().count > 0);
    }
    expect(painted).toEqual([true, true, false, false]);
    await acknowledge(2);
    expect(client.takePainted().count).toBeGreaterThan(0);
  });

  test('a client that hid itself with frames unacknowledged is painted when it is back', async () => {
    const house = await open();
    const client = await house.connect().activate();
    await client.say(PDU_TYPE2.frameAcknowledge, encode(FrameAcknowledge, { frameId: 1 }));
    for (let i = 0; i < 3; i++) await change(house);
    client.takePainted();
    await client.say(PDU_TYPE2.suppressOutput, hidden);
    await client.say(PDU_TYPE2.suppressOutput, shown);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
  });

  test('a client that never acknowledges is sent what it reads', async () => {
    const house = await open();
    const client = await house.connect().activate();
    client.takePainted();
    client.transport.pause();
    await change(house);
    await change(house);
    const unread = client.transport.unreadBytes;
    expect(unread).toBeGreaterThan(0);
    await change(house);
    expect(client.transport.unreadBytes).toBe(unread);
    client.transport.resume();
    await quiet();
    expect(client.transport.unreadBytes).toBe(0);
    expect(client.takePainted().count).toBeGreaterThan(0);
  });
});
