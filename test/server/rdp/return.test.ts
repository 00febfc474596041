import { describe, expect, test } from 'vitest';
import type { Handover } from '../../../server/rdp/handover.js';
import type { Return } from '../../../server/session/reception.js';
import type { Session } from '../../../server/session/session.js';
import { SessionList } from '../../../server/session/session-list.js';
import { hex } from '../../hex.js';
import { fakeSession } from '../fake-session.js';
import { type Client, type House, quiet } from './fixture.js';
import { differences, key, NOTHING, open, SEATED, stay, watch } from './houses.js';

describe('a session that may return', () => {
  /** A client that is in `house` by way of `lobby`, and comes back to it with what was told. */
  async function visit(lobby: House, house: House) {
    const told: string[] = [];
    const back: Session[] = [];
    const onReturn: Return = (session, departure, reason, text) => {
      expect(session).toBe(there);
      told.push(`${reason}: ${text}`);
      back.push(lobby.resume(departure));
    };
    const client = await lobby.connect('freerdp-2', { reception: stay }).activate();
    const there = house.resume(client.session.detach()!, { onReturn });
    await quiet();
    client.takePainted();
    return { client, there, told, back };
  }

  test.each(['kicked', 'taken-over', 'guest-stopped', 'shutdown', 'denied'] as const)(
    'closed for %s it goes back without a goodbye',
    async (reason) => {
      const lobby = await open();
      const house = await open();
      const { client, there, told, back } = await visit(lobby, house);
      there.close(reason, 'because');
      await quiet();
      expect(told).toEqual([`${reason}: because`]);
      expect(client.heard).toEqual(['demand-active']);
      expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
      expect(back[0]!.identity).toEqual({ user: 'alice' });
      expect(house.leftovers()).toEqual(NOTHING);
      expect(lobby.leftovers()).toEqual(SEATED);
      there.close('shutdown');
      expect(told).toHaveLength(1);
    },
  );

  test('the chord takes it to the menu; the guest is left with nothing held', async () => {
    const lobby = await open();
    const house = await open();
    const { client, told } = await visit(lobby, house);
    const [there, here] = [house.keys(), lobby.keys()];
    for (const code of [0x1d, 0x38, 0x2a, 0x19, 0x19]) client.write(key(code, true));
    await quiet();
    expect(told).toEqual([]);
    // All in one read, as a client that buffers sends it.
    client.write(Uint8Array.of(...key(0x19, false), ...key(0x2a, false), ...key(0x38, false), ...key(0x1d, false)));
    await quiet();
    expect(told).toEqual(['menu: ']);
    expect(there).toEqual(['29 true', '56 true', '42 true', '29 false', '56 false', '42 false']);
    expect(here).toEqual([]);
    expect(client.takePainted()).toMatchObject({ right: 640, bottom: 480 });
  });

  test('a client that has lost the focus holds nothing of the chord', async () => {
    const lobby = await open();
    const house = await open();
    const { client, told } = await visit(lobby, house);
    for (const code of [0x1d, 0x38, 0x2a]) client.write(key(code, true));
    // A fast-path PDU of one TS_FP_SYNC_EVENT, no light on.
    client.write(hex('04 03 60'));
    client.write(key(0x19, true));
    client.write(key(0x19, false));
    await quiet();
    expect(told).toEqual([]);
  });

  test('a chord that comes along with the handover counts once the session is known', async () => {
    const lobby = await open();
    const house = await open();
    const client = await lobby.connect('freerdp-2', { reception: stay }).activate();
    const departure = client.session.detach()!;
    const typed = [0x1d, 0x38, 0x2a, 0x19].map((code) => [...key(code, true)]);
    const rest = Buffer.from([...typed.flat(), ...key(0x19, false)]).toString('base64');
    const known = new Set<Session>();
    const told: [string, boolean][] = [];
    const onReturn: Return = (session, back, reason) => {
      told.push([reason, known.has(session)]);
      lobby.resume(back);
    };
    known.add(house.resume({ ...departure, handover: { ...departure.handover, rest } as Handover }, { onReturn }));
    await quiet();
    expect(told).toEqual([['menu', true]]);
    expect(house.leftovers()).toEqual(NOTHING);
    expect(lobby.leftovers()).toEqual(SEATED);
  });

  test('who only watches has the chord too', async () => {
    const lobby = await open();
    const house = await open();
    const { client, there, told } = await visit(lobby, house);
    there.setRights('view');
    const keys = house.keys();
    for (const code of [0x1d, 0x38, 0x2a, 0x19]) client.write(key(code, true));
    client.write(key(0x19, false));
    await quiet();
    expect(told).toEqual(['menu: ']);
    expect(keys).toEqual([]);
  });

  test('without a way back the chord is for the guest', async () => {
    const house = await open();
    const client = await house.connect().activate();
    const keys = house.keys();
    for (const code of [0x1d, 0x38, 0x2a, 0x19]) client.write(key(code, true));
    client.write(key(0x19, false));
    await quiet();
    expect(keys).toEqual(['29 true', '56 true', '42 true', '25 true', '25 false']);
  });

  test('one for whom there is no place goes back, and has seen nothing', async () => {
    const lobby = await open();
    const house = await open();
    house.machine.display.framebuffer.words.fill(0x336699);
    const sessions = new SessionList('exclusive');
    const told: string[] = [];
    const onReturn: Return = (session, departure, reason, text) => {
      told.push(`${reason}: ${text}`);
      expect(known.has(session)).toBe(true);
      lobby.resume(departure);
    };
    const known = new Set<Session>();
    const clients: Client[] = [];
    for (const user of ['bob', 'alice']) {
      const client = await lobby.connect('freerdp-2', { reception: stay }).activate();
      clients.push(client);
      watch(client, 640, 480);
      known.add(house.resume(client.session.detach()!, { sessions, onReturn }, { user }));
      await quiet();
    }
    expect(told).toEqual(['denied: bob is using this screen']);
    expect(differences(clients[0]!, house)).toBe(0);
    expect(differences(clients[1]!, lobby)).toBe(0);
    expect(clients[1]!.model!.log).toEqual(['begin 1', 'end 1']);
    expect(sessions.size).toBe(1);
  });

  test('one that was not yet let in goes back as it came', async () => {
    const lobby = await open();
    const house = await open();
    const sessions = new SessionList('exclusive');
    sessions.admit(fakeSession('', 'bob'));
    const onReturn: Return = (_, departure) => void lobby.resume(departure);
    const client = lobby.connect('freerdp-2', {
      reception: {
        async arrived(session) {
          house.resume(session.detach()!, { sessions, onReturn });
          return 'gone';
        },
      },
    });
    watch(client, 640, 480);
    await client.activate();
    expect(client.heard).toEqual(['demand-active']);
    expect(differences(client, lobby)).toBe(0);
  });
});
