import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilSame } from './harness/compare.js';
import {
  type ClientKind,
  Clients,
  EVERY_CLIENT,
  NOVNC,
  RDESKTOP,
  untilShown,
  VNCVIEWER,
  XFREERDP,
} from './harness/every-client.js';
import { Grub } from './harness/grub.js';
import { bootGrub, type Guest } from './harness/guest.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';

/** What each client types: together every character of a US keyboard, and in each the ones that need Shift. */
const TYPED = new Map<ClientKind, string>([
  [XFREERDP, 'a Zebra-9 costs $4 & 50%; "yes" = (no) aZ9!@_:"~|'],
  [RDESKTOP, 'QUICK brown [fox] {jumps} <over> the ^lazy* dog aZ9!@_:"~|'],
  [VNCVIEWER, '/usr/bin\\perl -e \'print "x" x 3\'; # `id` aZ9!@_:"~|'],
  [NOVNC, 'mailto:Some.One+tag@example.org?a=1&B=2,3678 WHKV aZ9!@_:"~|'],
]);

describe("GRUB's rescue shell on QEMU", requires('qemu', "GRUB's rescue ISO"), () => {
  let guest: Guest;
  let grub: Grub;
  let clients: Clients;
  const screen = () => grub.screen();

  beforeAll(async () => {
    guest = await bootGrub();
    grub = new Grub(guest.qmp);
    clients = await Clients.open(guest.vitrine, EVERY_CLIENT);
    await grub.atMenu();
  });
  afterAll(async () => {
    const exit = await guest?.vitrine.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  for (const kind of EVERY_CLIENT) {
    test(`${kind.name} shows the text mode`, requires(...kind.needs), async () => {
      await untilShown('grub menu', clients, kind, screen);
    });
  }

  describe('on the graphical terminal', () => {
    beforeAll(() => grub.toGraphics(1024, 768));

    for (const kind of EVERY_CLIENT) {
      test(`${kind.name} follows the change of mode`, requires(...kind.needs), async () => {
        await untilShown('graphics', clients, kind, screen);
      });

      test(`${kind.name} types what was typed`, requires(...kind.needs), async () => {
        const text = TYPED.get(kind)!;
        const typedByQemu = await grub.typed(text);
        await clients.get(kind).type(text);
        await untilSame(`text from ${kind.name}`, screen, () => typedByQemu);
        await untilShown('text', clients, kind, () => typedByQemu);
      });
    }
  });

  describe('in a smaller mode', () => {
    beforeAll(async () => {
      await grub.clearLine();
      await grub.enter('set gfxmode=640x480; terminal_output console; terminal_output gfxterm');
      await grub.inMode(640, 480);
    });

    for (const kind of EVERY_CLIENT) {
      test(`${kind.name} follows`, requires(...kind.needs), async () => {
        await untilShown('640x480', clients, kind, screen);
      });
    }
  });

  describe('after a reset', () => {
    beforeAll(async () => {
      await guest.qmp.execute('system_reset');
      await grub.atMenu();
    });

    for (const kind of EVERY_CLIENT) {
      test(`${kind.name} is still there`, requires(...kind.needs), async () => {
        await untilShown('menu after the reset', clients, kind, screen);
      });
    }
  });
});
