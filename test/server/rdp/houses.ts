import { expect, onTestFinished } from 'vitest';
import type { Reception } from '../../../server/session/reception.js';
import { toDepth } from '../../../src/encode/rgb-pixels.js';
import { ClientModel, MODERN } from '../rdp-output/client-model.js';
import { type Client, House } from './fixture.js';

export const NOTHING = { sessions: 0, views: 0, stateListeners: 0, timers: 0 };
export const SEATED = { sessions: 1, views: 1, stateListeners: 0, timers: 0 };

/** A house for one test, in which nothing may be our own fault. */
export async function open(width = 640, height = 480): Promise<House> {
  const house = await House.open(undefined, { width, height });
  onTestFinished(async () => {
    expect(house.faults).toEqual([]);
    await house.machine.stop();
  });
  return house;
}

/** Lets everybody stay. */
export const stay: Reception = { arrived: async () => 'here' };

/** A fast-path PDU of one key. */
export function key(code: number, down: boolean): Uint8Array {
  return Uint8Array.of(0x04, 0x04, down ? 0x00 : 0x01, code);
}

/** From now on a client that can follow draws what it is sent. */
export function watch(client: Client, width: number, height: number): void {
  client.model = new ClientModel(width, height, MODERN);
}

/** How many pixels of the client's picture are not those of the house's screen. */
export function differences({ model }: Client, { machine: { display } }: House): number {
  const { words } = display.framebuffer;
  let count = 0;
  for (let i = 0; i < display.width * display.height; i++) {
    if (model!.words[i] !== (toDepth(words[i]!, 32) & 0xffffff)) count++;
  }
  return count;
}
