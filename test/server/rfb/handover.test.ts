import { describe, expect, test } from 'vitest';
import { SingleUser } from '../../../server/auth/single-user.js';
import { resumeRfb } from '../../../server/rfb/session.js';
import type { Departure } from '../../../server/session/departure.js';
import type { RfbHandover } from '../../../server/session/handover.js';
import type { Host } from '../../../server/session/host.js';
import type { Return } from '../../../server/session/reception.js';
import type { CloseReason, Session } from '../../../server/session/session.js';
import type { SharePolicy } from '../../../src/catalog/config.js';
import { CONTENTS, FORMATS } from '../../encode/rfb-content.js';
import { Random } from '../../random.js';
import { House, PASSWORD } from './fixture.js';
import { catchUp, follow, settle } from './in-sync.js';

const [RAW, HEXTILE, ZRLE] = [0, 5, 16];
const [DESKTOP_SIZE, CURSOR, EXTENDED_DESKTOP_SIZE, EXTENDED_BUTTONS] = [-223, -239, -308, -316];
const IDENTITY = { user: 'alice' };

type Handover = Omit<RfbHandover, 'visitor'>;

/** A house with a picture of its own, and the size to go with it. */
function house(name: string, width = 640, height = 480, share?: SharePolicy): House {
  const made = new House(new SingleUser('vitrine', PASSWORD), name, share);
  made.machine.display.resize(width, height);
  const random = new Random(name.length);
  made.paint(0, 0, width, height, (x, y) => CONTENTS.photo!(x, y, random));
  return made;
}

function onlySession(at: House): Session {
  const [session, ...others] = at.sessions;
  expect(others).toEqual([]);
  return session!;
}

/** What goes over the wire between two processes. */
function throughJson(departure: Departure): Handover {
  return JSON.parse(JSON.stringify(departure.handover)) as Handover;
}

function resume(departure: Departure, to: House, host: Partial<Host> = {}): Session {
  const session = resumeRfb(departure.transport, { ...to.host, ...host }, throughJson(departure), IDENTITY);
  departure.transport.resume();
  return session;
}

/** Moves the one session of a house to another. */
function move(from: House, to: House, host: Partial<Host> = {}): Session {
  const departure = onlySession(from).detach();
  expectEmpty(from);
  return resume(departure!, to, host);
}

function expectEmpty(at: House): void {
  expect(at.sessions.size).toBe(0);
  expect(at.machine.display.viewCount).toBe(0);
  expect(at.machine.onState.listenerCount).toBe(0);
  expect(at.machine.input.onLeds.listenerCount).toBe(0);
  expect(at.clock.timers.size).toBe(0);
  expect(at.errors).toEqual([]);
}

describe('a running client', () => {
  test.each([
    ['Raw', RAW],
    ['Hextile', HEXTILE],
    ['ZRLE', ZRLE],
  ])('goes to another machine and back, by %s', async (_name, encoding) => {
    const [a, b] = [house('a'), house('other')];
    const viewer = await a.login();
    viewer.setEncodings(encoding!);
    viewer.request(false);
    await follow(viewer, a);
    // Its request for the next change is with A, where nothing changes any more: it must be answered all the same.
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      move(from, to);
      await follow(viewer, to);
    }
    expect(onlySession(b).identity).toEqual(IDENTITY);
    const { meter } = onlySession(b);
    expect(meter.updates).toBeGreaterThan(0);
    expect(meter.sentBytes).toBeGreaterThan(0);
    expect(meter.encodeMs).toBeGreaterThan(0);
    viewer.transport.destroy('gone');
    await settle();
    expectEmpty(b);
  });

  test('goes on without having asked only when it asks', async () => {
    const [a, b] = [house('a'), house('other')];
    const viewer = await a.login();
    move(a, b);
    await settle();
    expect(viewer.unread).toBe(0);
    viewer.request(false);
    await follow(viewer, b);
  });

  test.each([
    ['Raw', RAW],
    ['Hextile', HEXTILE],
    ['ZRLE', ZRLE],
  ])('leaves in the middle of an update, which is whole all the same, by %s', async (_name, encoding) => {
    for (const turns of [0, 1, 3]) {
      const [a, b] = [house('a', 600, 400), house('other', 600, 400)];
      const viewer = await a.login();
      viewer.setEncodings(encoding!);
      viewer.request(false);
      for (let i = 0; i < turns; i++) await new Promise(setImmediate);
      move(a, b);
      viewer.request(true);
      await follow(viewer, b);
    }
  });

  test.each([
    ['Raw', RAW],
    ['Hextile', HEXTILE],
    ['ZRLE', ZRLE],
  ])(
    'leaves while it reads slowly, with pixels instead of rectangles that it was promised, by %s',
    async (_name, encoding) => {
      const [a, b] = [house('a', 800, 600), house('other', 800, 600)];
      const noise = new Random(9);
      a.paint(0, 0, 800, 600, () => noise.next());
      const viewer = await a.login();
      viewer.setEncodings(encoding!, EXTENDED_DESKTOP_SIZE!);
      viewer.request(false);
      await viewer.update(); // the layout, alone
      // More than a megabyte is not left with a client that does not read.
      viewer.transport.pause();
      viewer.request(true);
      while (onlySession(a).meter.sentBytes < 1 << 20) await settle();
      move(a, b);
      viewer.transport.resume();
      const rectangles = await viewer.update();
      expect(rectangles).toHaveLength(10);
      expect(rectangles[0]).toMatchObject({ width: 800, height: 64, encoding });
      expect(rectangles.at(-1)).toMatchObject({ width: 1, height: 1, encoding: RAW });
      viewer.request(true);
      await follow(viewer, b);
    },
  );

  test.each([
    ['ExtendedDesktopSize', EXTENDED_DESKTOP_SIZE],
    ['DesktopSize', DESKTOP_SIZE],
  ])('is told of another size by %s', async (_name, encoding) => {
    const [a, b] = [house('a'), house('other', 333, 555)];
    const viewer = await a.login();
    viewer.setEncodings(ZRLE!, encoding!);
    viewer.request(false);
    await follow(viewer, a);
    move(a, b);
    await follow(viewer, b);
    move(b, a);
    await follow(viewer, a);
  });

  test('keeps its area where it cannot follow', async () => {
    const [a, b] = [house('a'), house('other', 320, 600)];
    b.paint(0, 0, 320, 600, 0x123456);
    const viewer = await a.login();
    viewer.setEncodings(RAW!);
    viewer.request(false);
    await follow(viewer, a);
    move(a, b);
    await viewer.update();
    await catchUp(viewer);
    expect(viewer.pixels.every((pixel, i) => pixel === (i % 640 < 320 ? 0x123456 : 0))).toBe(true);
    move(b, a);
    await follow(viewer, a);
  });

  test('keeps its format, and gets its colour map again', async () => {
    const [a, b] = [house('a'), house('other')];
    const viewer = await a.login();
    const format = { ...FORMATS.RGB332!, trueColour: false };
    viewer.setFormat(format);
    viewer.setEncodings(HEXTILE!);
    viewer.request(false);
    await follow(viewer, a, format);
    viewer.colourMap = undefined;
    move(a, b);
    await follow(viewer, b, format);
    expect(viewer.colourMap).toHaveLength(256 * 6);
  });

  test('does not keep a pointer’s shape where there is none', async () => {
    const [a, b] = [house('a'), house('other')];
    a.machine.display.setCursor({ width: 1, height: 1, hotX: 0, hotY: 0, bgra: Uint8Array.of(1, 2, 3, 255) });
    const viewer = await a.login();
    viewer.setEncodings(RAW!, CURSOR!);
    viewer.request(false);
    expect(await viewer.update()).toContainEqual(expect.objectContaining({ encoding: CURSOR, width: 1 }));
    viewer.request(true);
    await settle();
    move(a, b);
    expect(await viewer.update()).toContainEqual(expect.objectContaining({ encoding: CURSOR, width: 0 }));
    viewer.request(true);
    await settle();
    move(b, house('third'));
    expect((await viewer.update()).map(({ encoding }) => encoding)).not.toContain(CURSOR);
  });

  test('loses nothing that it says, wherever the cut is', async () => {
    const said = Buffer.from(
      [
        '0401 0000 00000061', // A down
        '0400 0000 00000061',
        '06000000 00000007 61626364656667', // cut text, skipped
        'ff00 0001 0000ff53 000000cd', // Right, by place
        'ff00 0000 0000ff53 000000cd',
        '05 80 0001 0002 03', // the long form of a pointer event
        '05 00 0003 0004',
      ]
        .join('')
        .replaceAll(' ', ''),
      'hex',
    );
    for (let cut = 0; cut <= said.length; cut++) {
      const [a, b] = [new House(), new House()];
      const viewer = await a.login();
      viewer.setEncodings(RAW!, EXTENDED_BUTTONS!);
      for (const byte of said.subarray(0, cut)) viewer.transport.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
      const departure = onlySession(a).detach()!;
      // What arrives between the two goes to whoever has the transport then.
      const between = said.subarray(cut, cut + 2);
      viewer.transport.write(between);
      resume(departure, b);
      viewer.transport.write(said.subarray(cut + between.length));
      await new Promise(setImmediate);
      const keys = [...a.engine.keys, ...b.engine.keys];
      // A key that was down at the cut goes up where it went down.
      expect(keys.filter((key, i) => keys.indexOf(key) === i)).toEqual(['+1e', '-1e', '+cd', '-cd']);
      expect([...a.engine.pointers, ...b.engine.pointers].filter(({ x }) => x === 3)).toHaveLength(1);
      expect([...a.engine.pointers, ...b.engine.pointers].map(({ buttons }) => buttons)).toContain(24);
      expectEmpty(a);
      expect(b.errors).toEqual([]);
      expect(b.sessions.size).toBe(1);
    }
  });
});

describe('a client that has logged in', () => {
  test.each([
    ['at once', '01'],
    ['later', ''],
  ])('goes on elsewhere before it has seen anything, saying ClientInit %s', async (_when, early) => {
    const [a, b] = [house('a'), house('bureau', 320, 200)];
    const arrivals: unknown[] = [];
    const reception = {
      async arrived(session: Session, identity: unknown, hints: unknown) {
        arrivals.push(identity, hints);
        await settle(); // somebody looks up where they belong
        resume(session.detach()!, b);
        return 'gone' as const;
      },
    };
    const viewer = a.connect({ reception });
    await viewer.read(12);
    viewer.transport.write(Buffer.from('RFB 003.008\n'));
    await viewer.prove(PASSWORD);
    viewer.send(early);
    await viewer.result();
    await viewer.init(early === '');
    expect(viewer).toMatchObject({ width: 320, height: 200, name: 'bureau' });
    viewer.setEncodings(ZRLE!);
    viewer.request(false);
    await follow(viewer, b);
    expect(arrivals).toEqual([{ user: 'vitrine' }, {}]);
    expectEmpty(a);
    expect(onlySession(b).identity).toEqual(IDENTITY);
  });

  test('stays where the reception says so', async () => {
    const a = house('a');
    const viewer = await a.login({ reception: { arrived: async () => 'here' } });
    viewer.request(false);
    await follow(viewer, a);
  });

  test('is told why it is refused', async () => {
    const a = house('a');
    const refused = { refused: 'there is no machine "x" for you here' };
    const viewer = a.connect({ reception: { arrived: async () => refused } });
    await expect(viewer.login(PASSWORD)).rejects.toThrow(refused.refused);
    await viewer.ended();
    expectEmpty(a);
  });

  test('is not hurried while it is being decided where it goes, and may leave', async () => {
    const a = house('a');
    let decide: (answer: 'here') => void = () => {};
    const arrived = () =>
      new Promise<'here'>((resolve) => {
        decide = resolve;
      });
    const [patient, leaver] = [a.connect({ reception: { arrived } }), a.connect({ reception: { arrived } })];
    for (const viewer of [leaver, patient]) {
      await viewer.read(12);
      viewer.transport.write(Buffer.from('RFB 003.008\n'));
      await viewer.prove(PASSWORD);
      await settle();
    }
    a.clock.advance(1e9);
    leaver.transport.destroy('gone');
    await settle();
    expect(a.sessions.size).toBe(1);
    decide('here');
    await patient.result();
    await patient.init();
    expect(a.errors).toEqual([]);
  });

  test('is not asked for a login when somebody vouches for it', async () => {
    const [a, b] = [house('a'), house('bureau')];
    const viewer = a.connect();
    // The browser's way: what was accepted here has not begun yet.
    const [session] = a.sessions;
    expect(session!.detach()).toBeUndefined();
    await viewer.read(12);
    const greeting = { kind: 'rfb', stage: 'greeting', rest: '' } as const;
    const direct = b.connectTo((transport) => resumeRfb(transport, b.host, greeting, IDENTITY));
    await direct.read(12);
    direct.transport.write(Buffer.from('RFB 003.008\n\x01'));
    expect([...(await direct.read(3))]).toEqual([2, 1, 2]);
    await direct.result();
    await direct.init();
    expect(onlySession(b).identity).toEqual(IDENTITY);
  });
});

describe('a session that is over here', () => {
  function returning(): { given: [Departure, CloseReason | 'menu', string][]; host: Pick<Host, 'onReturn'> } {
    const given: [Departure, CloseReason | 'menu', string][] = [];
    const onReturn: Return = (_session, departure, reason, text) => {
      // Nobody listens until the test goes on with it.
      departure.transport.pause();
      given.push([departure, reason, text]);
    };
    return { given, host: { onReturn } };
  }

  test('is given back instead of closed, with the reason', async () => {
    const [a, lobby] = [house('a'), house('lobby', 800, 600)];
    const { given, host } = returning();
    const viewer = await a.login(host);
    viewer.setEncodings(ZRLE!, EXTENDED_DESKTOP_SIZE!);
    viewer.request(false);
    await follow(viewer, a);
    a.sessions.closeAll('taken-over', 'bob has taken over the screen');
    expect(given).toMatchObject([[{}, 'taken-over', 'bob has taken over the screen']]);
    expectEmpty(a);
    resume(given[0]![0], lobby);
    await follow(viewer, lobby);
  });

  test.each([
    [
      'by keysym',
      ['0401 0000 0000ffe3', '0401 0000 0000ffe9', '0401 0000 0000ffe1', '0401 0000 00000050', '0400 0000 00000050'],
    ],
    [
      'by place',
      ['ff00 0001 0000ffe3 0000001d', 'ff00 0001 0000ffe9 00000038', 'ff00 0001 0000ffe1 0000002a'].concat([
        'ff00 0001 00000050 00000019',
        'ff00 0000 00000050 00000019',
      ]),
    ],
  ])('is given back for the chord, %s, also when it may only watch', async (_how, chord) => {
    for (const rights of ['control', 'view'] as const) {
      const [a, b] = [house('a'), house('lobby')];
      const { given, host } = returning();
      const viewer = await a.login(host);
      onlySession(a).setRights(rights);
      // What is typed after it is for whoever comes next.
      viewer.send([...chord, '0401 0000 00000062'].join(''));
      await settle();
      expect(given).toMatchObject([[{}, 'menu', '']]);
      const expected = rights === 'view' ? '' : '+1d +38 +2a -1d -38 -2a';
      expect(a.engine.takeKeys()).toBe(expected);
      expectEmpty(a);
      resume(given[0]![0], b);
      await settle();
      expect(b.engine.takeKeys()).toBe('+30');
    }
  });

  test('the chord is the guest’s where nobody takes the session back', async () => {
    const a = house('a');
    const viewer = await a.login();
    viewer.send('0401 0000 0000ffe3 0401 0000 0000ffe9 0401 0000 0000ffe1 0401 0000 00000050');
    await settle();
    expect(a.engine.takeKeys()).toBe('+1d +38 +2a +19');
  });

  test('is given back untouched when it may not come in', async () => {
    const [a, b] = [house('a'), house('busy', 640, 480, 'exclusive')];
    const { given, host } = returning();
    await b.login();
    const viewer = await a.login();
    viewer.setEncodings(RAW!);
    viewer.request(true);
    await viewer.update();
    viewer.send('0401 00'); // half a message
    await settle();
    resume(onlySession(a).detach()!, b, host);
    viewer.send('00 00000061');
    await settle();
    expect(given).toMatchObject([[{}, 'denied', 'vitrine is using this screen']]);
    expect(b.sessions.size).toBe(1);
    expect(b.engine.takeKeys()).toBe('');
    resume(given[0]![0], a);
    await settle();
    expect(a.engine.takeKeys()).toBe('+1e');
    viewer.request(false);
    await follow(viewer, a);
  });
});

describe('a garbled handover', () => {
  test('ends its session and nothing else', async () => {
    const random = new Random(31);
    const values = [undefined, null, -1, 0, 1e9, 1.5, 'x', '', [], [1e12], ['a'], {}, true, 'AAAA'];
    let ended = 0;
    for (let round = 0; round < 120; round++) {
      const [a, b] = [house('a', 64, 48), house('b', 64, 48)];
      const witness = await b.login();
      const viewer = await a.login();
      viewer.setEncodings(ZRLE!, CURSOR!);
      await new Promise(setImmediate);
      const departure = onlySession(a).detach()!;
      const handover = throughJson(departure) as unknown as Record<string, unknown>;
      const target = random.below(3) === 0 ? handover : (handover.client as Record<string, unknown>);
      target[random.pick(Object.keys(target))] = random.pick(values);
      if (random.below(4) === 0) handover.rest = Buffer.from(random.bytes(40)).toString('base64');
      resumeRfb(departure.transport, b.host, handover as unknown as Handover, IDENTITY);
      viewer.request(false);
      await new Promise(setImmediate);
      if (viewer.closed !== undefined) ended++;
      viewer.transport.destroy('enough');
      witness.request(false);
      await witness.update();
      expect(b.sessions.size).toBe(1);
      expect(b.errors).toEqual([]);
    }
    expect(ended).toBeGreaterThan(20);
  });
});
