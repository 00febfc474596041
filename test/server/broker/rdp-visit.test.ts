import { afterEach, expect, test, vi } from 'vitest';
import { THEME } from '../../../server/broker/lobby/theme.js';
import { toDepth } from '../../../src/encode/rgb-pixels.js';
import { fakeSession } from '../fake-session.js';
import { Client, quiet } from '../rdp/fixture.js';
import { key, watch } from '../rdp/houses.js';
import { type Home, Town } from './town.js';

const ENTER = 0x1c;
const [CTRL, ALT, SHIFT, P] = [0x1d, 0x38, 0x2a, 0x19] as const;
/** As the recorded client asks for it. */
const DESKTOP = { width: 1024, height: 768 };

let town: Town;
afterEach(async () => {
  await town.close();
  expect(town.faults).toEqual([]);
});

function connect(preset?: string): Client {
  return new Client('freerdp-2', town.acceptRdp(preset), fakeSession('memory'));
}

async function press(client: Client, ...codes: number[]): Promise<void> {
  for (const code of codes) client.write(key(code, true));
  for (const code of [...codes].reverse()) client.write(key(code, false));
  await quiet();
}

function shows({ model }: Client, { machine: { display } }: Home): boolean {
  return display.framebuffer.words.every((word, i) => model!.words[i] === (toDepth(word, 32) & 0xffffff));
}

test('straight to the only machine: one Demand Active, at its size', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.roles = { vitrine: 'use', alice: 'use' };
  const client = connect();
  watch(client, 640, 400);
  await client.activate();
  expect(client.heard).toEqual(['demand-active']);
  expect(shows(client, home)).toBe(true);
  await press(client, 0x23, 0x17);
  expect(home.engine.typed).toBe('hi');
  expect(home.visitors.list()).toMatchObject([{ via: 'rdp', rights: 'control' }]);
  client.transport.destroy('enough');
  await vi.waitFor(() => expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 }));
});

test('the picker at the desktop’s own size, a machine, the picker, the machine', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const other = await town.home('desk-2');
  for (const { roles } of [home, other]) Object.assign(roles, { vitrine: 'use', alice: 'use' });
  const client = connect();
  watch(client, DESKTOP.width, DESKTOP.height);
  await client.activate();
  expect(client.heard.splice(0)).toEqual(['demand-active']);
  expect(client.takePainted()).toMatchObject({ right: DESKTOP.width, bottom: DESKTOP.height });
  expect(client.model!.words[DESKTOP.width * (DESKTOP.height - 4)]).toBe(THEME.paper);

  for (let round = 0; round < 2; round++) {
    await press(client, ENTER);
    expect(client.heard.splice(0)).toEqual(['deactivate-all', 'demand-active']);
    watch(client, 640, 400);
    await client.activateAgain();
    expect(shows(client, home)).toBe(true);
    await press(client, 0x1e);

    await press(client, CTRL, ALT, SHIFT, P);
    expect(client.heard.splice(0)).toEqual(['deactivate-all', 'demand-active']);
    watch(client, DESKTOP.width, DESKTOP.height);
    await client.activateAgain();
    expect(client.model!.words[DESKTOP.width * (DESKTOP.height - 4)]).toBe(THEME.paper);
  }
  expect(home.engine.typed).toBe('aa');
  // Esc logs out, and that is no error to the person at the client.
  await press(client, 0x01);
  expect(client.heard).toEqual(['error 12', 'deactivate-all', 'goodbye']);
  await vi.waitFor(() => expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 }));
});

test('a port of its own leads to its machine, or away', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  (await town.home('desk-2')).roles = { vitrine: 'use', alice: 'use' };
  const refused = await connect('desk-1').activate();
  expect(refused.heard).toEqual(['error 7', 'goodbye']);
  home.roles = { vitrine: 'view', alice: 'view' };
  const client = connect('desk-1');
  watch(client, 640, 400);
  await client.activate();
  expect(shows(client, home)).toBe(true);
  await press(client, 0x1e);
  expect(home.engine.typed).toBe('');
});

test('a machine that starts while the client is still on its way in', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.roles = { vitrine: 'use', alice: 'use' };
  home.state = 'off';
  const client = connect();
  // Ready at once: the client has not even confirmed the lobby's desktop.
  await client.activate();
  watch(client, 640, 400);
  for (let round = 0; round < 3 && home.visitors.list().length === 0; round++) await quiet();
  if (client.heard.at(-1) === 'demand-active') await client.activateAgain();
  await vi.waitFor(() => expect(home.visitors.list()).toHaveLength(1));
  await vi.waitFor(() => expect(shows(client, home)).toBe(true), 5_000);
});
