import { describe, expect, test } from 'vitest';
import type { Handover } from '../../../server/rdp/handover.js';
import { resumeRdp } from '../../../server/rdp/session.js';
import { memoryPair } from '../../../server/transport/memory.js';
import { Random } from '../../random.js';
import { type House, quiet } from './fixture.js';
import { NOTHING, open, SEATED } from './houses.js';

describe('a handover that is wrong', () => {
  const identity = { user: 'alice' };

  async function departed(lobby: House, isActive: boolean): Promise<Handover> {
    let handover: Handover | undefined;
    const client = lobby.connect('freerdp-2', {
      reception: {
        async arrived(session) {
          if (isActive) return 'here';
          handover = session.detach()!.handover as Handover;
          return 'gone';
        },
      },
    });
    await client.activate();
    handover ??= client.session.detach()!.handover as Handover;
    return handover;
  }

  /** The session that comes of it is over at once, or goes on; whichever, it is no fault of ours. */
  async function isOver(house: House, handover: Handover): Promise<boolean> {
    const [serverEnd, clientEnd] = memoryPair();
    const session = resumeRdp(serverEnd, house.host, handover, identity);
    const over = session.detach() === undefined;
    clientEnd.destroy('gone');
    return over;
  }

  test.each([true, false])('cut anywhere, active %s: that session ends alone', async (isActive) => {
    const lobby = await open();
    const house = await open();
    const other = await house.connect().activate();
    const handover = await departed(lobby, isActive);
    expect(await isOver(house, handover)).toBe(false);
    const cut = (text: string, length: number) => Buffer.from(text, 'base64').subarray(0, length).toString('base64');
    const bytes = Buffer.from(handover.request, 'base64').length;
    for (let length = 0; length < bytes; length++) {
      expect(await isOver(house, { ...handover, request: cut(handover.request, length) })).toBe(true);
    }
    for (let length = 0; length < 300; length += 7) {
      expect(await isOver(house, { ...handover, plain: cut(handover.plain, length) })).toBe(true);
    }
    await quiet();
    expect(other.closed).toBeUndefined();
    expect(house.leftovers()).toEqual(SEATED);
  });

  test('garbled in any place', async () => {
    const lobby = await open();
    const house = await open();
    const random = new Random(3);
    for (const handover of [await departed(lobby, true), await departed(lobby, false)]) {
      for (let round = 0; round < 200; round++) {
        const garble = (text: string): string => {
          const bytes = Buffer.from(text, 'base64');
          for (let i = random.below(4); i > 0 && bytes.length > 0; i--)
            bytes[random.below(bytes.length)] = random.below(256);
          return bytes.toString('base64');
        };
        await isOver(house, { ...handover, request: garble(handover.request), plain: garble(handover.plain) });
        await isOver(house, { ...handover, rest: random.bytes(random.below(200)).toString() });
      }
    }
    await quiet();
    expect(house.leftovers()).toEqual(NOTHING);
  });

  test.each<[string, Partial<Record<keyof Handover, unknown>>]>([
    ['a field that is missing', { plain: undefined }],
    ['bytes that are a number', { request: 5 }],
    ['a desktop that is none', { desktop: { width: 1e9, height: 10 } }],
    ['half a pixel', { desktop: { width: 640.5, height: 480 } }],
  ])('%s', async (_, wrong) => {
    const lobby = await open();
    const house = await open();
    const handover = await departed(lobby, true);
    expect(await isOver(house, { ...handover, ...wrong } as Handover)).toBe(true);
    await quiet();
    expect(house.leftovers()).toEqual(NOTHING);
  });
});
