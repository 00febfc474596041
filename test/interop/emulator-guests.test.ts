import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare, keepPicture, untilSame, untilStable } from './harness/compare.js';
import { type ClientKind, Clients, RDESKTOP, untilShown, VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { Grub } from './harness/grub.js';
import { emulateGrub, emulateInstaller } from './harness/guest.js';
import { colourCount, crop, type Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { RfbProbe } from './harness/rfb-probe.js';
import { viewerHands } from './harness/viewer-hands.js';
import type { Vitrine } from './harness/vitrine.js';

type Screen = () => Promise<Picture>;

/** The screen once it differs from `before` and stands still. */
const changed = (what: string, screen: Screen, before: Picture) =>
  untilStable(what, screen, (picture) => compare(picture, before).count !== 0, { quietMs: 1_000, deadlineMs: 30_000 });

const whitePixels = ({ pixels }: Picture) => pixels.reduce((sum, pixel) => sum + (pixel === 0xffffff ? 1 : 0), 0);
/** The installer's lists are white and fill its page. */
const hasList = (picture: Picture) => picture.width === 1024 && whitePixels(picture) > 300_000;
const hasTextField = (picture: Picture) => whitePixels(picture) > 15_000 && !hasList(picture);
/** Pages that show progress have no buttons. */
const hasButtons = (picture: Picture) => colourCount(crop(picture, 910, 725, 106, 35)) > 10;

/**
 * Whether the arrow came to point at a place: its white outline begins two pixels further up and left. The guest's X
 * server rounds up what the mouse's scale cannot say exactly, and is then one pixel further down or right.
 */
function pointsAt(x: number, y: number, picture: Picture, before: Picture): boolean {
  const around = (whole: Picture) => crop(whole, x - 20, y - 20, 60, 60);
  const { count, box } = compare(around(picture), around(before));
  return count > 0 && [18, 19].includes(box.x) && [18, 19].includes(box.y);
}

describe("GRUB's rescue shell on the emulator", requires("GRUB's rescue ISO", 'SeaBIOS', ...VNCVIEWER.needs), () => {
  const KINDS = [XFREERDP, RDESKTOP];
  const TYPED = new Map<ClientKind, string>([
    [XFREERDP, 'a Zebra-9 costs $4 & 50%; "yes" = (no) aZ9!@_:"~|'],
    [RDESKTOP, 'QUICK brown [fox] {jumps} <over> the ^lazy* dog aZ9!@_:"~|'],
  ]);
  let vitrine: Vitrine;
  let grub: Grub;
  let clients: Clients;
  const screen = () => grub.screen();

  beforeAll(async () => {
    vitrine = await emulateGrub();
    clients = await Clients.open(vitrine, [...KINDS, VNCVIEWER]);
    const probe = await RfbProbe.connect(vitrine.vnc, vitrine.login.password);
    grub = new Grub(viewerHands(probe, clients.get(VNCVIEWER)));
    await grub.atMenu();
  });
  afterAll(async () => {
    const exit = await vitrine?.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  test('boots there because QEMU is not to be found, and that is said', () => {
    expect(vitrine.ready.engine).toBe('emulator');
    expect(vitrine.program.output).toContain('QEMU is not installed: this boots on the embedded emulator');
  });

  for (const kind of KINDS) {
    test(`${kind.name} shows the text mode`, requires(...kind.needs), async () => {
      await untilShown('emulated grub menu', clients, kind, screen);
    });

    test(`Down in ${kind.name} moves the selection`, requires(...kind.needs), async () => {
      const before = await screen();
      await clients.get(kind).press('Down');
      await changed('the selection', screen, before);
      await untilShown('moved selection', clients, kind, screen);
    });
  }

  describe('on the graphical terminal', () => {
    beforeAll(() => grub.toGraphics(1024, 768));

    for (const kind of KINDS) {
      test(`${kind.name} types what was typed`, requires(...kind.needs), async () => {
        const text = TYPED.get(kind)!;
        const typedByViewer = await grub.typed(text);
        await clients.get(kind).type(text);
        await untilSame(`text from ${kind.name}`, screen, () => typedByViewer);
        await untilShown('text in an emulated guest', clients, kind, () => typedByViewer);
      });
    }

    test('Ctrl-Alt-Del in xfreerdp resets the machine, and all follow', requires(...XFREERDP.needs), async () => {
      await clients.get(XFREERDP).press('ctrl+alt+Delete');
      await grub.atMenu();
      for (const kind of KINDS) await untilShown('menu after Ctrl-Alt-Del', clients, kind, screen);
    });
  });
});

/** From power on to the end of a test's patience; the list stands after a minute on a quiet machine. */
const BOOT_MS = 240_000;

describe("Debian's graphical installer on the emulator", requires('the 32 bit Debian installer', 'SeaBIOS'), () => {
  const CONTINUE = { x: 962, y: 742 };
  /** Where nothing reacts to the pointer, and nothing is white. */
  const EMPTY_PLACES = [
    [300, 95],
    [512, 725],
    [980, 96],
  ] as const;
  let vitrine: Vitrine;
  let probe: RfbProbe;
  let clients: Clients;
  const screen = () => probe.picture();
  const shown = (what: string, expected: () => Promise<Picture> | Picture = screen) =>
    untilShown(what, clients, XFREERDP, expected);

  beforeAll(async () => {
    vitrine = await emulateInstaller();
    probe = await RfbProbe.connect(vitrine.vnc, vitrine.login.password);
    // Before there is any graphics: all changes of mode are its to follow.
    clients = await Clients.open(vitrine, [XFREERDP]);
    await untilStable('the list of languages', screen, hasList, { quietMs: 2_000, deadlineMs: BOOT_MS });
  }, BOOT_MS + 60_000);
  afterAll(async () => {
    const exit = await vitrine?.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  test('xfreerdp has followed all changes of mode', requires(...XFREERDP.needs), async () => {
    keepPicture('emulated installer in xfreerdp', await shown('list of languages'));
  });

  test('the pointer goes where xfreerdp points', requires(...XFREERDP.needs), async () => {
    for (const [x, y] of EMPTY_PLACES) {
      const before = await screen();
      await clients.get(XFREERDP).moveTo(x, y);
      const arrived = (picture: Picture) => pointsAt(x, y, picture, before);
      await untilStable(`the pointer at ${x}, ${y}`, screen, arrived, { quietMs: 500, deadlineMs: 20_000 });
    }
  });

  test('Down in xfreerdp moves the selection', requires(...XFREERDP.needs), async () => {
    const client = clients.get(XFREERDP);
    await client.moveTo(...EMPTY_PLACES[0]);
    const before = await untilStable('the list', screen, hasList, { quietMs: 1_000, deadlineMs: 20_000 });
    await client.press('Down');
    const after = await changed('the selection', screen, before);
    await shown('moved selection', () => after);
    await client.press('Up');
    // Back to English, whose next pages are answered already.
    await untilSame('Up', screen, () => before);
  });

  test('a click on Continue in xfreerdp leads on', requires(...XFREERDP.needs), async () => {
    await clients.get(XFREERDP).click(CONTINUE.x, CONTINUE.y);
    const next = (picture: Picture) => !hasList(picture);
    await untilStable('what follows the list', screen, next, { quietMs: 500, deadlineMs: 60_000 });
    keepPicture('emulated installer after Continue', await shown('what follows the list'));
  });

  // The guest looks for a network card for a minute or two, and then for what else there could be.
  describe.skipIf(process.env.VITRINE_LONG_TESTS === undefined)('on the next page with a text field', () => {
    beforeAll(async () => {
      const page = (what: string, accept: (picture: Picture) => boolean) =>
        untilStable(what, screen, accept, { quietMs: 2_000, deadlineMs: BOOT_MS });
      const goOn = async () => {
        await clients.get(XFREERDP).click(CONTINUE.x, CONTINUE.y);
        await clients.get(XFREERDP).moveTo(...EMPTY_PLACES[0]);
      };
      await clients.get(XFREERDP).moveTo(...EMPTY_PLACES[0]);
      await page('the list of network drivers', hasList);
      await goOn();
      await page('that there is no network', (picture) => hasButtons(picture) && !hasList(picture));
      await goOn();
      await page('the host name', hasTextField);
    }, 3 * BOOT_MS);

    test('xfreerdp types what was typed', requires(...XFREERDP.needs, ...VNCVIEWER.needs), async () => {
      const text = 'Freerdp aZ9!@_:"~|';
      const other = (await Clients.open(vitrine, [VNCVIEWER])).get(VNCVIEWER);
      const empty = async () => {
        await other.press('ctrl+a');
        await other.press('Delete');
        return untilStable('an empty field', screen, hasTextField, { quietMs: 1_000, deadlineMs: 30_000 });
      };
      const before = await empty();
      await other.type(text);
      const typedByViewer = await changed('typed text', screen, before);
      await empty();
      await clients.get(XFREERDP).type(text);
      await untilSame('text from xfreerdp', screen, () => typedByViewer);
      keepPicture('host name in the emulated installer', await shown('typed text', () => typedByViewer));
    });
  });
});
