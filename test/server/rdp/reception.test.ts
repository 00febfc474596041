import { describe, expect, test } from 'vitest';
import { FrameAcknowledge } from '../../../protocols/rdp/graphics/frame-acknowledge.js';
import { PreconnectionPdu } from '../../../protocols/rdp/preconnection.js';
import { PDU_TYPE2 } from '../../../protocols/rdp/share/share-data.js';
import { encode } from '../../../protocols/wire/codec.js';
import type { Credentials, Identity } from '../../../server/auth/credentials.js';
import { LIMITS } from '../../../server/limits.js';
import type { Reception, RouteHints } from '../../../server/session/reception.js';
import { House, quiet } from './fixture.js';
import { key, NOTHING, open, SEATED, stay } from './houses.js';

describe('the front desk', () => {
  test('is told who it is and where they want to go', async () => {
    const house = await open();
    const asked: [Identity, RouteHints][] = [];
    const client = house.connect('freerdp-2', {
      reception: {
        async arrived(session, identity, hints) {
          expect(session.identity).toEqual(identity);
          asked.push([identity, hints]);
          return 'here';
        },
      },
    });
    client.write(encode(PreconnectionPdu, { id: 0, text: 'desk-3' }));
    await client.activate();
    const desktop = { width: 1024, height: 768 };
    expect(asked).toEqual([
      [{ user: 'vitrine' }, { desktop, routing: 'Cookie: mstshash=vitrine', preconnection: 'desk-3' }],
    ]);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
    expect(house.leftovers()).toEqual(SEATED);
  });

  test.each([
    [{ id: 7, text: undefined }, '7'],
    [{ id: 7, text: 'desk-3' }, 'desk-3'],
    [{ id: 0, text: '' }, undefined],
  ])('preconnection %j asks for %s', async (pdu, expected) => {
    const house = await open();
    let asked: RouteHints | undefined;
    const reception: Reception = {
      async arrived(_, __, hints) {
        asked = hints;
        return 'here';
      },
    };
    const client = house.connect('freerdp-2', { reception });
    client.write(encode(PreconnectionPdu, pdu));
    await client.activate();
    expect(asked?.preconnection).toBe(expected);
  });

  test('a refusal is a goodbye', async () => {
    const house = await open();
    const client = await house
      .connect('freerdp-2', { reception: { arrived: async () => ({ refused: 'there is no such machine' }) } })
      .activate();
    expect(client.heard).toEqual(['error 7', 'goodbye']);
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('it may take its time, and the client none afterwards', async () => {
    const house = await open();
    let answer: (outcome: 'here') => void = () => {};
    const arrived = () =>
      new Promise<'here'>((resolve) => {
        answer = resolve;
      });
    const client = house.connect('freerdp-2', { reception: { arrived } });
    client.writeReads(0, 11);
    await quiet();
    house.clock.advance(LIMITS.handshakeMs * 10);
    expect(client.closed).toBeUndefined();
    answer('here');
    await quiet();
    expect(client.heard).toEqual(['demand-active']);
    house.clock.advance(LIMITS.handshakeMs);
    await quiet();
    expect(client.heard).toEqual(['demand-active', 'error 4', 'goodbye']);
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('a client that leaves while it is asked leaves nothing behind', async () => {
    const house = await open();
    let answer: (outcome: 'here') => void = () => {};
    const arrived = () =>
      new Promise<'here'>((resolve) => {
        answer = resolve;
      });
    const client = house.connect('freerdp-2', { reception: { arrived } });
    client.writeReads(0, 11);
    await quiet();
    client.transport.destroy('gone');
    await quiet();
    expect(house.leftovers()).toEqual(NOTHING);
    answer('here');
    await quiet();
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('so does one that leaves while its password is checked', async () => {
    let answer: (identity: Identity) => void = () => {};
    const slow: Credentials = {
      required: true,
      checkPassword: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      checkVncResponse: async () => undefined,
    };
    const house = await House.open(slow);
    const client = house.connect('freerdp-2');
    client.writeReads(0, 11);
    await quiet();
    client.transport.destroy('gone');
    await quiet();
    answer({ user: 'vitrine' });
    await quiet();
    expect(house.leftovers()).toEqual(NOTHING);
    await house.machine.stop();
  });
});

describe('what a session may do', () => {
  test('rights change while it runs; what is held comes up', async () => {
    const house = await open();
    const client = await house.connect().activate();
    const keys = house.keys();
    client.write(key(0x1e, true));
    await quiet();
    client.session.setRights('view');
    client.write(key(0x1f, true));
    client.write(key(0x1f, false));
    await quiet();
    client.session.setRights('control');
    client.write(key(0x20, true));
    await quiet();
    expect(keys).toEqual(['30 true', '30 false', '32 true']);
  });

  test('a login that may only look cannot be allowed more', async () => {
    const viewer: Credentials = {
      required: true,
      checkPassword: async () => ({ user: 'vitrine', rights: 'view' }),
      checkVncResponse: async () => undefined,
    };
    const house = await House.open(viewer);
    const client = await house.connect().activate();
    const keys = house.keys();
    expect(house.sessions.setRights(client.session, 'control')).toBe(false);
    client.write(key(0x1e, true));
    await quiet();
    expect(keys).toEqual([]);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
    await house.machine.stop();
  });

  test('rights that were taken before the first picture hold', async () => {
    const lobby = await open();
    const house = await open();
    const client = await lobby.connect('freerdp-2', { reception: stay }).activate();
    const keys = house.keys();
    house.resume(client.session.detach()!, {}, { user: 'alice', rights: 'view' });
    client.write(key(0x1e, true));
    await quiet();
    expect(keys).toEqual([]);
  });
});

test('what a session costs is counted', async () => {
  const house = await open();
  const client = house.connect();
  const { meter } = client.session;
  let bytes = 0;
  const { onData } = client.transport;
  client.transport.onData = (data) => {
    bytes += data.length;
    onData(data);
  };
  await client.activate();
  expect(meter.sentBytes).toBe(bytes);
  expect(meter.updates).toBe(1);
  expect(meter.encodeMs).toBeGreaterThan(0);
  expect(meter.rttMs).toBeUndefined();
  house.clock.advance(40);
  await client.say(PDU_TYPE2.frameAcknowledge, encode(FrameAcknowledge, { frameId: 1 }));
  expect(meter.rttMs).toBe(40);
  // An acknowledgement of a frame that was never sent tells nothing.
  house.clock.advance(40);
  await client.say(PDU_TYPE2.frameAcknowledge, encode(FrameAcknowledge, { frameId: 99 }));
  expect(meter.rttMs).toBe(40);
});
