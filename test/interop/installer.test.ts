import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepPicture, untilSame, untilStable } from './harness/compare.js';
import { type ClientKind, Clients, NOVNC, untilShown, VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { bootInstaller, type Guest } from './harness/guest.js';
import type { Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';

const KINDS = [XFREERDP, VNCVIEWER, NOVNC];
/** Each client types its own. */
const TYPED = new Map<ClientKind, string>([
  [XFREERDP, 'Freerdp aZ9!@_:"~|'],
  [VNCVIEWER, 'Tiger <VNC> aZ9!@_:"~| {}'],
  [NOVNC, 'No\'VNC? #1 aZ9!@_:"~| (+)'],
]);
/** Where nothing reacts to the pointer: in the banner. */
const ASIDE = { x: 700, y: 20 };
const CONTINUE = { x: 1219, y: 774 };
/** A quiet machine boots to the first page in 40 s. */
const BOOT_MS = 240_000;

const whitePixels = ({ pixels }: Picture) => pixels.reduce((sum, pixel) => sum + (pixel === 0xffffff ? 1 : 0), 0);
/** A page with a list is mostly white, one with a text field a little, one that shows progress not at all. */
const hasList = (picture: Picture) => picture.width === 1280 && whitePixels(picture) > 300_000;
const hasTextField = (picture: Picture) => whitePixels(picture) > 15_000 && !hasList(picture);

describe("Debian's graphical installer on QEMU", requires('qemu', 'the Debian installer'), () => {
  let guest: Guest;
  let clients: Clients;
  const screen = () => guest.qmp.screen();
  const shows = (kind: ClientKind, what: string, expected: () => Promise<Picture> | Picture = screen) =>
    untilShown(what, clients, kind, expected);

  beforeAll(async () => {
    guest = await bootInstaller();
    // Before there is any graphics: all changes of mode are theirs to follow.
    clients = await Clients.open(guest.vitrine, KINDS);
    await untilStable('the list of languages', screen, hasList, { quietMs: 2_000, deadlineMs: BOOT_MS });
  }, BOOT_MS + 60_000);
  afterAll(async () => {
    const exit = await guest?.vitrine.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  for (const kind of KINDS) {
    test(`${kind.name} has followed all changes of mode`, requires(...kind.needs), async () => {
      keepPicture(`installer in ${kind.name}`, await shows(kind, 'list of languages'));
    });
  }

  for (const kind of KINDS) {
    test(`Down in ${kind.name} moves the selection for all`, requires(...kind.needs), async () => {
      const client = clients.get(kind);
      await client.moveTo(ASIDE.x, ASIDE.y);
      const before = await untilStable('the list', screen, hasList, { quietMs: 1_000, deadlineMs: 20_000 });
      await client.press('Down');
      const moved = (picture: Picture) => !Buffer.from(picture.pixels.buffer).equals(Buffer.from(before.pixels.buffer));
      const after = await untilStable('the selection', screen, moved, { quietMs: 1_000, deadlineMs: 20_000 });
      for (const other of KINDS) await shows(other, `selection moved by ${kind.name}`, () => after);
    });
  }

  describe('on the next page with a text field', () => {
    beforeAll(async () => {
      // Back to English, whose next pages are answered already.
      for (const _ of KINDS) await guest.qmp.press('up');
      await clients.get(XFREERDP).click(CONTINUE.x, CONTINUE.y);
      await untilStable('the host name', screen, hasTextField, { quietMs: 1_000, deadlineMs: 180_000 });
    });

    for (const kind of KINDS) {
      test(`${kind.name} shows it`, requires(...kind.needs), async () => {
        keepPicture(`host name in ${kind.name}`, await shows(kind, 'host name'));
      });

      test(`${kind.name} types what was typed`, requires(...kind.needs), async () => {
        const text = TYPED.get(kind)!;
        await guest.qmp.press('ctrl', 'a');
        await guest.qmp.type(text);
        const typedByQemu = await untilStable('typed text', screen, hasTextField, { quietMs: 400, deadlineMs: 20_000 });
        await guest.qmp.press('ctrl', 'a');
        await guest.qmp.press('delete');
        await clients.get(kind).type(text);
        await untilSame(`text from ${kind.name}`, screen, () => typedByQemu);
        for (const other of KINDS) await shows(other, `text from ${kind.name}`, () => typedByQemu);
      });
    }
  });
});
