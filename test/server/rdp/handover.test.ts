import { describe, expect, test } from 'vitest';
import { PDU_TYPE2 } from '../../../protocols/rdp/share/share-data.js';
import { LIMITS } from '../../../server/limits.js';
import type { Departure } from '../../../server/session/departure.js';
import type { Reception } from '../../../server/session/reception.js';
import type { Session } from '../../../server/session/session.js';
import { SessionList } from '../../../server/session/session-list.js';
import { hex } from '../../hex.js';
import { CLIENTS } from '../../protocols/rdp/connection/recorded.js';
import { Random } from '../../random.js';
import { type Client, type House, quiet } from './fixture.js';
import { differences, key, NOTHING, open, SEATED, stay, watch } from './houses.js';

/** Sends everybody on to `there`, at the login. */
function sendTo(there: House, moved: Session[] = []): Reception {
  return {
    async arrived(session, identity) {
      moved.push(there.resume(session.detach()!, {}, identity));
      return 'gone';
    },
  };
}

describe('a client that is handed over at its login', () => {
  test.each(CLIENTS)('%s is painted by the other house, and has noticed nothing', async (name) => {
    const lobby = await open();
    const house = await open(800, 600);
    const moved: Session[] = [];
    const client = await lobby.connect(name, { reception: sendTo(house, moved) }).activate();
    expect(client.heard).toEqual(['demand-active']);
    expect(client.takePainted()).toMatchObject({ right: 800, bottom: 600 });
    expect(moved[0]!.identity).toEqual({ user: 'vitrine' });
    expect(lobby.leftovers()).toEqual(NOTHING);
    expect(house.leftovers()).toEqual(SEATED);
  });

  test.each([1, 7, 1 << 16])('in pieces of %i bytes', async (pieceBytes) => {
    const lobby = await open();
    const house = await open(800, 600);
    const client = lobby.connect('freerdp-2', { reception: sendTo(house) });
    watch(client, 800, 600);
    await client.activate(pieceBytes);
    expect(client.heard).toEqual(['demand-active']);
    expect(differences(client, house)).toBe(0);
  });

  test('who then stops halfway is not waited for', async () => {
    const lobby = await open();
    const house = await open();
    const moved: Session[] = [];
    const client = lobby.connect('freerdp-2', { reception: sendTo(house, moved) });
    client.writeReads(0, 11);
    await quiet();
    expect(house.leftovers()).toMatchObject({ sessions: 1, timers: 1 });
    house.clock.advance(LIMITS.handshakeMs);
    await quiet();
    expect(client.heard).toEqual(['demand-active', 'error 4', 'goodbye']);
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test('who says too much while it waits is not handed over', async () => {
    const lobby = await open();
    let departure: Departure | undefined | 'not asked' = 'not asked';
    const reception: Reception = {
      async arrived(session) {
        await quiet();
        departure = session.detach();
        return 'gone';
      },
    };
    const client = lobby.connect('freerdp-2', { reception });
    client.writeReads(0, 11);
    client.write(new Uint8Array(LIMITS.rdpSequenceBytes));
    await quiet();
    await quiet();
    expect(departure).toBeUndefined();
    expect(client.closed).toBeDefined();
    expect(lobby.leftovers()).toEqual(NOTHING);
  });

  test('a house that is full says so', async () => {
    const lobby = await open();
    const house = await open();
    const sessions = new SessionList('exclusive');
    const resume = { sessions };
    await lobby
      .connect('freerdp-2', {
        reception: {
          async arrived(session) {
            house.resume(session.detach()!, resume, { user: 'bob' });
            return 'gone';
          },
        },
      })
      .activate();
    const client = await lobby
      .connect('freerdp-2', {
        reception: {
          async arrived(session) {
            house.resume(session.detach()!, resume);
            return 'gone';
          },
        },
      })
      .activate();
    expect(client.heard).toEqual(['error 7', 'goodbye']);
    expect(client.takePainted().count).toBe(0);
    expect(sessions.size).toBe(1);
  });
});

describe('a client that is handed over while it is active', () => {
  async function active(house: House, name?: (typeof CLIENTS)[number]): Promise<Client> {
    const client = house.connect(name, { reception: stay });
    await client.activate();
    client.takePainted();
    return client;
  }

  test('to a screen of the same size: it is painted anew, and nothing else happens', async () => {
    const lobby = await open();
    const house = await open();
    house.machine.display.framebuffer.words.fill(0x336699);
    const client = await active(lobby);
    watch(client, 640, 480);
    house.resume(client.session.detach()!);
    await quiet();
    expect(client.heard).toEqual(['demand-active']);
    expect(differences(client, house)).toBe(0);
    // A client's caches count as empty: the pointer is sent anew.
    expect(client.model!.pointers.length).toBeGreaterThan(0);
    expect(lobby.leftovers()).toEqual(NOTHING);
    expect(house.leftovers()).toEqual(SEATED);
  });

  test('to one of another size: it is reactivated', async () => {
    const lobby = await open();
    const house = await open(800, 600);
    const client = await active(lobby);
    house.resume(client.session.detach()!);
    await quiet();
    expect(client.heard).toEqual(['demand-active', 'deactivate-all', 'demand-active']);
    watch(client, 800, 600);
    await client.activateAgain();
    expect(differences(client, house)).toBe(0);
  });

  test('one that cannot follow keeps its desktop', async () => {
    const lobby = await open();
    const house = await open(800, 400);
    const client = await active(lobby, 'node-rdpjs-2');
    house.resume(client.session.detach()!);
    await quiet();
    expect(client.heard).toEqual(['demand-active']);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
  });

  test('there and back, many times, and each time the picture is the right one', async () => {
    const houses = [await open(), await open(800, 600)] as const;
    const client = await active(houses[0]);
    let { session } = client;
    for (let i = 1; i <= 6; i++) {
      const house = houses[i & 1]!;
      house.machine.display.framebuffer.words.fill(i * 0x102030);
      session = house.resume(session.detach()!);
      await quiet();
      watch(client, house.machine.display.width, house.machine.display.height);
      await client.activateAgain();
      expect(differences(client, house), `the picture after ${i}`).toBe(0);
    }
    expect(houses[0].leftovers()).toEqual(SEATED);
    expect(houses[1].leftovers()).toEqual(NOTHING);
  });

  test('half a PDU goes along, and what comes before anybody listens waits', async () => {
    const lobby = await open();
    const house = await open();
    const client = await active(lobby);
    const keys = house.keys();
    client.write(key(0x1e, true).subarray(0, 3));
    await quiet();
    const departure = client.session.detach()!;
    client.write(key(0x1e, true).subarray(3));
    client.write(key(0x1e, false));
    await quiet();
    house.resume(departure);
    await quiet();
    expect(keys).toEqual(['30 true', '30 false']);
  });

  test.each([0, 1, 3, 4])('in the middle of a resize, with %i of its answers given', async (answers) => {
    const lobby = await open();
    const house = await open(800, 600);
    const client = await active(lobby);
    await lobby.machine.requestSize(700, 500);
    await quiet();
    await client.activateAgain(0, answers);
    const departure = client.session.detach();
    expect(departure).toMatchObject({ handover: { desktop: { width: 700, height: 500 } } });
    house.resume(departure!);
    client.write(key(0x1e, true));
    await client.activateAgain(answers);
    expect(client.heard.slice(1)).toEqual(['deactivate-all', 'demand-active', 'deactivate-all', 'demand-active']);
    watch(client, 800, 600);
    await client.activateAgain();
    expect(differences(client, house)).toBe(0);
    expect(house.leftovers()).toEqual(SEATED);
  });

  test('before its first activation is through', async () => {
    const lobby = await open();
    const house = await open();
    const client = lobby.connect('freerdp-2', { reception: stay });
    client.writeReads(0, 13);
    await quiet();
    house.resume(client.session.detach()!);
    client.writeReads(13, 16);
    await quiet();
    expect(client.heard).toEqual(['demand-active']);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
    expect(house.leftovers()).toEqual(SEATED);
  });

  test('in the middle of a frame: the frame is ended first', async () => {
    const lobby = await open();
    const house = await open();
    const client = await active(lobby);
    await lobby.machine.requestSize(2560, 1440);
    await quiet();
    watch(client, 2560, 1440);
    const random = new Random(1);
    const { words } = lobby.machine.display.framebuffer;
    for (let i = 0; i < words.length; i++) words[i] = random.below(1 << 24);
    const answered = client.activateAgain();
    await until(() => client.model!.log.includes('begin 1'));
    const departure = client.session.detach()!;
    await answered;
    expect(client.model!.log).toEqual(['begin 1', 'end 1']);
    expect(client.model!.bitmapCount).toBeGreaterThan(0);
    house.resume(departure);
    await quiet();
    expect(client.heard.at(-1)).toBe('demand-active');
  });

  test('keys that it holds come up, and its lights become those of the next guest', async () => {
    const lobby = await open();
    const house = await open();
    const client = await active(lobby);
    const [here, there] = [lobby.keys(), house.keys()];
    await client.say(PDU_TYPE2.input, hex('0100 0000 00000000 0000 0000 02000000')); // NumLock is on
    client.write(key(0x1e, true));
    client.write(key(0x3a, true)); // and CapsLock, now
    client.write(key(0x3a, false));
    await quiet();
    here.length = 0;
    house.machine.input.setLeds({ scrollLock: false, numLock: false, capsLock: false });
    const departure = client.session.detach()!;
    expect(here).toEqual(['30 false']);
    expect(departure.handover).toMatchObject({ toggles: 6, down: [0x1e], isSuppressed: false });
    house.resume(departure);
    client.write(key(0x1e, false));
    await quiet();
    expect(there).toEqual(['58 true', '58 false', '69 true', '69 false']);
  });

  test('one that hides its window stays hidden, and sees what there is when it is back', async () => {
    const lobby = await open();
    const house = await open();
    const client = await active(lobby);
    lobby.clock.advance(2_000);
    await client.say(PDU_TYPE2.suppressOutput, hex('00 000000'));
    const departure = client.session.detach()!;
    expect(departure.handover).toMatchObject({ isSuppressed: true });
    house.resume(departure);
    await quiet();
    house.clock.advance(2_000);
    client.takePainted();
    house.engine.pointer({ x: 300, y: 300, buttons: 1 });
    await quiet();
    expect(client.takePainted()).toMatchObject({ count: 0 });
    await client.say(PDU_TYPE2.suppressOutput, hex('01 000000 0000 0000 7f02 df01'));
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
  });

  test('one that has left meanwhile leaves nothing behind', async () => {
    const lobby = await open();
    const house = await open();
    const client = await active(lobby);
    const departure = client.session.detach()!;
    client.transport.destroy('gone');
    await quiet();
    house.resume(departure);
    await quiet();
    expect(house.leftovers()).toEqual(NOTHING);
    expect(lobby.leftovers()).toEqual(NOTHING);
  });

  test('only who is logged in and still there can be detached, and once', async () => {
    const lobby = await open();
    expect(lobby.connect().session.detach()).toBeUndefined();
    const client = await active(lobby);
    expect(client.session.detach()).toBeDefined();
    expect(client.session.detach()).toBeUndefined();
    const other = await active(lobby);
    other.session.close('kicked');
    expect(other.session.detach()).toBeUndefined();
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('it never came to that');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
