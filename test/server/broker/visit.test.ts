import { afterEach, expect, test, vi } from 'vitest';
import { THEME } from '../../../server/broker/lobby/theme.js';
import { RFB } from '../../../server/broker/protocols.js';
import { LIMITS } from '../../../server/limits.js';
import { memoryPair } from '../../../server/transport/memory.js';
import { Town } from './town.js';
import type { Watcher } from './watcher.js';

const ENTER = 0x1c;
const ESC = 0x01;
const RIGHT = 0xcd;
const [CTRL, ALT, SHIFT, P] = [0x1d, 0x38, 0x2a, 0x19];

let town: Town;
afterEach(async () => {
  await town.close();
  expect(town.faults).toEqual([]);
});

/** The lobby's paper, which no test card has in its corner. */
async function seesLobby(watcher: Watcher): Promise<void> {
  await watcher.until(() => watcher.width === 1024 && watcher.colourAt(1, 760) === THEME.paper);
}

/** The picker frames the selected card; a notice has its first button in that colour. */
function accents(watcher: Watcher): number {
  return watcher.pixels.reduce((count, pixel) => count + (pixel === THEME.accent ? 1 : 0), 0);
}

test('somebody with one machine that runs is at its screen at once, and at no other before', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await town.watch().begin();
  expect(watcher.name).toBe('desk-1');
  expect([watcher.width, watcher.height]).toEqual([640, 400]);
  await watcher.sees(home.machine);
  watcher.press(0x23, 0x17);
  await vi.waitFor(() => expect(home.engine.typed).toBe('hi'));
  expect(town.remembered).toEqual(['anyone desk-1']);
  expect(town.audit).toEqual(['login ok anyone null', 'session.start ok anyone desk-1']);
  expect(home.visitors.list()).toMatchObject([{ user: 'anyone', via: 'rfb', rights: 'control' }]);
  watcher.transport.destroy('enough');
  await vi.waitFor(() => expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 }));
  expect(town.audit.at(-1)).toBe('session.end ok anyone desk-1');
});

test.each(['raw', 'zrle'] as const)(
  'the picker, a machine, the picker again, another machine (%s)',
  async (encoding) => {
    town = new Town();
    const first = await town.home('desk-1');
    const second = await town.home('desk-2');
    const watcher = await town.watch().begin(encoding);
    await seesLobby(watcher);
    expect(town.broker.visits).toMatchObject([{ user: 'anyone', via: 'rfb' }]);

    watcher.press(ENTER);
    await watcher.sees(first.machine);
    expect(town.broker.visits).toEqual([]);
    watcher.press(0x1e);
    await vi.waitFor(() => expect(first.engine.typed).toBe('a'));

    watcher.press(CTRL, ALT, SHIFT, P);
    await seesLobby(watcher);
    await vi.waitFor(() => expect(first.sessions.size).toBe(0));
    expect(town.broker.visits).toHaveLength(1);

    watcher.press(RIGHT);
    watcher.press(ENTER);
    await watcher.sees(second.machine);
    watcher.press(0x30);
    await vi.waitFor(() => expect(second.engine.typed).toBe('b'));
    // What was held for the chord is held nowhere any more, and nothing of it was typed.
    expect(first.engine.typed).toBe('a');

    watcher.press(CTRL, ALT, SHIFT, P);
    await seesLobby(watcher);
    watcher.press(ESC);
    await watcher.ended();
    await vi.waitFor(() =>
      expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 }),
    );
  },
);

test.each([
  ['scan code', (watcher: Watcher, down: boolean) => watcher.hold(ENTER, down)],
  ['keysym', (watcher: Watcher, down: boolean) => watcher.key(0xff0d, down)],
])('an Enter that is held on the way to a machine is not typed there, by %s', async (_, enter) => {
  town = new Town();
  const home = await town.home('desk-1');
  await town.home('desk-2');
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  enter(watcher, true);
  await watcher.sees(home.machine);
  const keys: string[] = [];
  const { key } = home.engine;
  home.engine.key = (code, down) => {
    keys.push(`${code} ${down}`);
    key.call(home.engine, code, down);
  };
  // The client's repeats, and then Enter once more.
  for (let i = 0; i < 3; i++) enter(watcher, true);
  enter(watcher, false);
  watcher.press(0x1e);
  enter(watcher, true);
  enter(watcher, false);
  await vi.waitFor(() => expect(keys).toEqual(['30 true', '30 false', '28 true', '28 false']));
});

test('a machine that has to be started: the lobby says so until it is there', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.state = 'off';
  let ready = (): void => {};
  home.waking = new Promise((resolve) => {
    ready = resolve;
  });
  const watcher = await town.watch().begin();
  expect(watcher.name).toBe('town');
  await seesLobby(watcher);
  ready();
  await watcher.sees(home.machine);
});

test.each([
  ['off', null],
  ['crashed', 'its process was killed'],
] as const)(
  'a machine that is %s: on the way there the lobby says what became of it, if it fell',
  async (state, reason) => {
    town = new Town();
    const home = await town.home('desk-1');
    Object.assign(home, { state, reason, waking: new Promise(() => {}) });
    const watcher = await town.watch().begin();
    await seesLobby(watcher);
    await watcher.until(() => accents(watcher) > 0);
    // Of a notice the text alone has this colour.
    expect(watcher.pixels.some((pixel) => pixel === THEME.soft)).toBe(reason !== null);
  },
);

test('a machine that cannot be started: why, and once more', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.state = 'off';
  home.waking = Promise.reject(new Error('no disk'));
  home.waking.catch(() => {});
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  await watcher.until(() => accents(watcher) > 1_000);
  expect(town.audit).toContain('session.start failed anyone desk-1');
  home.waking = Promise.resolve();
  watcher.press(ENTER);
  await watcher.sees(home.machine);
});

test('a process that is not there although it should be: the lobby says so', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.die();
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  expect(watcher.name).toBe('town');
  expect(town.audit).toContain('session.start failed anyone desk-1');
});

test('a process that dies: the client is closed, because its stream may be cut anywhere', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await town.watch().begin();
  await watcher.sees(home.machine);
  home.die();
  await watcher.ended();
  await vi.waitFor(() => expect(town.leftovers()).toMatchObject({ visits: 0, listeners: 0, timers: 0, links: 0 }));
});

test('taken over: it is said, and Enter takes it back', async () => {
  town = new Town();
  const home = await town.home('desk-1', 'takeover');
  const first = await town.watch().begin();
  await first.sees(home.machine);
  const second = await town.watch().begin();
  await second.sees(home.machine);
  await seesLobby(first);
  expect(town.audit).toContain('session.end ok anyone desk-1');
  await first.until(() => accents(first) > 1_000);
  first.press(ENTER);
  await first.sees(home.machine);
  await seesLobby(second);
  expect(home.visitors.list()).toHaveLength(1);
});

test('taken by somebody else: it is said, and once they have left Enter gets it', async () => {
  town = new Town();
  const home = await town.home('desk-1', 'exclusive');
  const first = await town.watch().begin();
  await first.sees(home.machine);
  const second = await town.watch().begin();
  await seesLobby(second);
  first.transport.destroy('enough');
  await vi.waitFor(() => expect(home.visitors.list()).toEqual([]));
  second.press(ENTER);
  await second.sees(home.machine);
});

test('who may only watch watches, and still may use the lobby', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  home.roles = { anyone: 'view' };
  (await town.home('desk-2')).roles = { anyone: 'use' };
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  watcher.press(ENTER);
  await watcher.sees(home.machine);
  watcher.press(0x1e);
  // What it says reaches the machine's process before the chord does.
  watcher.press(CTRL, ALT, SHIFT, P);
  await seesLobby(watcher);
  expect(home.engine.typed).toBe('');
});

test('a ticket: nothing is asked, its machine alone, and no more than it allows', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const other = await town.home('desk-2');
  home.roles = { guest: 'use' };
  other.roles = { guest: 'use' };
  const watcher = await town.watch({ user: 'guest', machine: 'desk-2', rights: 'view' }, 'desk-1').begin();
  expect(watcher.name).toBe('desk-2');
  await watcher.sees(other.machine);
  expect(other.visitors.list()).toMatchObject([{ user: 'guest', via: 'websocket', rights: 'view' }]);
  watcher.press(CTRL, ALT, SHIFT, P);
  await seesLobby(watcher);
  watcher.press(ENTER);
  await watcher.sees(other.machine);
  expect(home.visitors.list()).toEqual([]);
});

test('a machine that is not theirs is refused in the protocol’s words', async () => {
  town = new Town();
  await town.home('desk-1');
  (await town.home('secret')).roles = {};
  for (const name of ['secret', 'no-such']) {
    await expect(town.watch({ user: 'anyone' }, name).begin()).rejects.toThrow(
      `there is no machine "${name}" for you here`,
    );
  }
  expect(town.audit).toContain('session.start failed anyone null');
  await vi.waitFor(() => expect(town.leftovers()).toMatchObject({ visits: 0, timers: 0 }));
});

test('without a machine: it is said, and the first one appears by itself', async () => {
  town = new Town();
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  const before = accents(watcher);
  const home = await town.home('desk-1');
  town.directory.onChange.emit();
  await watcher.until(() => accents(watcher) !== before);
  watcher.press(ENTER);
  await watcher.sees(home.machine);
});

test('the picker follows what happens: thumbnails, machines that go', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  await town.home('desk-2');
  const watcher = await town.watch().begin();
  await seesLobby(watcher);
  // The test card's white bar, which the lobby has nowhere.
  expect(watcher.pixels.includes(0xffff00)).toBe(false);
  home.screen = 1;
  town.directory.onChange.emit();
  await watcher.until(() => watcher.pixels.includes(0xffff00));
  home.roles = {};
  town.directory.onChange.emit();
  await watcher.until(() => !watcher.pixels.includes(0xffff00));
});

test('clients that vanish at any moment leave nothing', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  await town.home('desk-2');
  const moments: ((watcher: Watcher) => Promise<void>)[] = [
    async () => {},
    async (watcher) => void (await watcher.read(12)),
    async (watcher) => {
      await watcher.read(12);
      watcher.transport.write(Buffer.from('RFB 003.008\n'));
    },
    async (watcher) => {
      const begun = watcher.begin();
      await watcher.read(1).catch(() => {});
      begun.catch(() => {});
    },
    async (watcher) => seesLobby(await watcher.begin()),
    async (watcher) => {
      await seesLobby(await watcher.begin());
      watcher.press(ENTER);
    },
    async (watcher) => {
      await seesLobby(await watcher.begin());
      watcher.press(ENTER);
      await watcher.sees(home.machine);
    },
    async (watcher) => {
      await seesLobby(await watcher.begin());
      watcher.press(ENTER);
      await watcher.sees(home.machine);
      watcher.press(CTRL, ALT, SHIFT, P);
    },
  ];
  for (const moment of moments) {
    const watcher = town.watch();
    await moment(watcher);
    watcher.transport.destroy('vanished');
  }
  await vi.waitFor(() => expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 }));
});

test('when the service ends all are told to go', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  await town.home('desk-2');
  const inLobby = await town.watch().begin();
  await seesLobby(inLobby);
  const atMachine = await town.watch({ user: 'anyone', machine: 'desk-1' }).begin();
  await atMachine.sees(home.machine);
  await town.broker.close();
  await Promise.all([inLobby.ended(), atMachine.ended()]);
  await vi.waitFor(() => expect(town.leftovers()).toMatchObject({ visits: 0, timers: 0, links: 0, views: 0 }));
  expect(town.audit.filter((entry) => entry === 'session.end ok anyone desk-1')).toHaveLength(1);
});

test('a process that announces a client and does not give it back: the client is closed', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watcher = await town.watch().begin();
  await watcher.sees(home.machine);
  const { session } = home.visitors.list()[0]!;
  // More than it will ever send; that it ends its side instead of sending it is how its death looks.
  const handover = { kind: 'rfb', stage: 'client-init', rest: '' } as const;
  const lost = { session, reason: 'menu', text: '', sentBytes: Number.MAX_SAFE_INTEGER, handover } as const;
  town.directory.onReturn.emit({ event: 'return', ...lost });
  await watcher.ended();
  await vi.waitFor(() => expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 }));
  expect(town.audit.at(-1)).toBe('session.end ok anyone desk-1');
});

test('a connection that is closed before anybody looks at it leaves nothing', async () => {
  town = new Town();
  const [gone, alsoGone] = [memoryPair()[0], memoryPair()[0]];
  for (const transport of [gone, alsoGone]) transport.destroy('gone');
  town.broker.accept(gone, RFB);
  town.broker.acceptWebSocket(alsoGone, { user: 'anyone' });
  expect(town.leftovers()).toEqual({ visits: 0, listeners: 0, timers: 0, links: 0, views: 0 });
});

test('thirty people behind one address come back at once, with two consoles each', async () => {
  town = new Town();
  const home = await town.home('desk-1');
  const watchers = Array.from({ length: 60 }, () => town.watch());
  // All of them are connected before the first has said anything.
  expect(watchers.filter(({ closed }) => closed !== undefined)).toEqual([]);
  await Promise.all(
    watchers.map(async (watcher) => {
      await watcher.enter();
      await watcher.init();
    }),
  );
  expect(home.visitors.list()).toHaveLength(60);
});

test('nobody takes all the places', async () => {
  town = new Town();
  await town.home('desk-1');
  await town.home('desk-2');
  const first = town.watch();
  await first.enter();
  for (let i = 1; i < LIMITS.maxVisitsPerUser; i++) await town.watch().enter();
  await expect(town.watch().enter()).rejects.toThrow('too many sessions in your name');
  await expect(town.watch({ user: 'anyone' }, 'desk-1').enter()).rejects.toThrow('too many sessions in your name');
  await town.watch({ user: 'somebody else' }).enter();
  first.transport.destroy('enough');
  await vi.waitFor(() => town.watch({ user: 'anyone' }, 'desk-1').enter());
});
