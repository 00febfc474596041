import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilSame } from './harness/compare.js';
import {
  type ClientKind,
  Clients,
  EVERY_CLIENT,
  NOVNC,
  RDESKTOP,
  VNCVIEWER,
  XFREERDP,
} from './harness/every-client.js';
import { bootGrub, type Guest } from './harness/guest.js';
import type { Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { until } from './harness/wait.js';

/** QEMU's text screen. Its cursor blinks; that of GRUB's graphical terminal does not. */
const TEXT = [720, 400] as const;

/** What each client types: together every character of a US keyboard, and in each the ones that need Shift. */
const TYPED = new Map<ClientKind, string>([
  [XFREERDP, 'a Zebra-9 costs $4 & 50%; "yes" = (no) aZ9!@_:"~|'],
  [RDESKTOP, 'QUICK brown [fox] {jumps} <over> the ^lazy* dog aZ9!@_:"~|'],
  [VNCVIEWER, '/usr/bin\\perl -e \'print "x" x 3\'; # `id` aZ9!@_:"~|'],
  [NOVNC, 'mailto:Some.One+tag@example.org?a=1&B=2,3678 WHKV aZ9!@_:"~|'],
]);

describe("GRUB's rescue shell on QEMU", requires('qemu', "GRUB's rescue ISO"), () => {
  let guest: Guest;
  let clients: Clients;
  const screen = () => guest.qmp.screen();

  beforeAll(async () => {
    guest = await bootGrub();
    clients = await Clients.open(guest.vitrine, EVERY_CLIENT);
    await atMenu(guest);
  });
  afterAll(async () => {
    const exit = await guest?.vitrine.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  for (const kind of EVERY_CLIENT) {
    test(`${kind.name} shows the text mode`, requires(...kind.needs), async () => {
      await untilSame(`grub menu in ${kind.name}`, () => clients.get(kind).picture(), screen);
    });
  }

  describe('on the graphical terminal', () => {
    let prompt: Picture;
    beforeAll(async () => {
      prompt = await toGraphics(guest, 1024, 768);
    });

    for (const kind of EVERY_CLIENT) {
      test(`${kind.name} follows the change of mode`, requires(...kind.needs), async () => {
        await untilSame(`graphics in ${kind.name}`, () => clients.get(kind).picture(), screen);
      });

      test(`${kind.name} types what was typed`, requires(...kind.needs), async () => {
        const text = TYPED.get(kind)!;
        await guest.qmp.type(text);
        const typedByQemu = await settled(guest, prompt);
        await clearLine(guest, prompt);
        await clients.get(kind).type(text);
        await untilSame(`text from ${kind.name}`, screen, () => typedByQemu);
        await untilSame(
          `text in ${kind.name}`,
          () => clients.get(kind).picture(),
          () => typedByQemu,
        );
        await clearLine(guest, prompt);
      });
    }
  });

  describe('after a smaller mode and a reset', () => {
    beforeAll(async () => {
      await enter(guest, 'set gfxmode=640x480; terminal_output console; terminal_output gfxterm');
      await inMode(guest, 640, 480);
    });

    for (const kind of EVERY_CLIENT) {
      test(`${kind.name} follows to 640x480`, requires(...kind.needs), async () => {
        await untilSame(`640x480 in ${kind.name}`, () => clients.get(kind).picture(), screen);
      });
    }

    describe('reset', () => {
      beforeAll(async () => {
        await guest.qmp.execute('system_reset');
        await atMenu(guest);
      });

      for (const kind of EVERY_CLIENT) {
        test(`${kind.name} is still there`, requires(...kind.needs), async () => {
          await untilSame(`after the reset in ${kind.name}`, () => clients.get(kind).picture(), screen);
        });
      }
    });
  });
});

function inMode(guest: Guest, width: number, height: number): Promise<Picture> {
  return until(
    `the guest's screen is ${width}x${height}`,
    async () => {
      const picture = await guest.qmp.screen();
      return picture.width === width && picture.height === height ? picture : undefined;
    },
    { deadlineMs: 30_000 },
  );
}

/** The menu is the only thing in text mode with a line across the whole screen. */
function showsMenu({ width, height, pixels }: Picture): boolean {
  if (width !== TEXT[0] || height !== TEXT[1]) return false;
  for (let y = 0; y < height; y++) {
    const lit = pixels.subarray(y * width, (y + 1) * width).reduce((sum, pixel) => sum + (pixel === 0 ? 0 : 1), 0);
    if (lit > width * 0.8) return true;
  }
  return false;
}

async function atMenu(guest: Guest): Promise<void> {
  await until('GRUB shows its menu', async () => showsMenu(await guest.qmp.screen()), { deadlineMs: 30_000 });
  // Stops the countdown: it would boot, and it changes the screen each second.
  await guest.qmp.press('down');
}

async function enter(guest: Guest, line: string): Promise<void> {
  await guest.qmp.type(line);
  await guest.qmp.press('ret');
}

/** From the menu to an empty line on GRUB's graphical terminal; returns how that looks. */
async function toGraphics(guest: Guest, width: number, height: number): Promise<Picture> {
  await guest.qmp.press('c');
  await until('the menu has gone', async () => !showsMenu(await guest.qmp.screen()));
  await enter(guest, `insmod all_video; loadfont unicode; set gfxmode=${width}x${height}; terminal_output gfxterm`);
  const first = await inMode(guest, width, height);
  await enter(guest, 'clear');
  return settled(guest, first);
}

/** The screen once it differs from `before` and stands still. */
async function settled(guest: Guest, before: Picture): Promise<Picture> {
  let last = before;
  return until(
    'the guest has drawn what was typed',
    async () => {
      const picture = await guest.qmp.screen();
      const still = samePixels(picture, last) && !samePixels(picture, before);
      last = picture;
      return still ? picture : undefined;
    },
    { everyMs: 400 },
  );
}

async function clearLine(guest: Guest, prompt: Picture): Promise<void> {
  await guest.qmp.press('ctrl', 'u');
  await until('the line is empty', async () => samePixels(await guest.qmp.screen(), prompt));
}

function samePixels(a: Picture, b: Picture): boolean {
  return a.width === b.width && Buffer.from(a.pixels.buffer).equals(Buffer.from(b.pixels.buffer));
}
