import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rdesktop, vncviewer, xfreerdp } from './harness/clients.js';
import { compare, EXACT, type Tolerance, untilSame } from './harness/compare.js';
import { Clients, EVERY_CLIENT, RDESKTOP, untilShown, VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { atRest, drawnByEngine, F, freeze, type PatternGuest, startPattern } from './harness/pattern.js';
import type { Picture } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { RdpJs } from './harness/rdpjs.js';
import { requires } from './harness/requires.js';
import { PASSWORD } from './harness/vitrine.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';

// The most that a channel can lose to fewer bits, whether the client fills up with zeros or repeats bits.
const BITS_555: Tolerance = { red: 7, green: 7, blue: 7 };
const BITS_565: Tolerance = { red: 7, green: 3, blue: 7 };
// FreeRDP 2 widens the six bits of green to (g << 2) + (g >> 3).
const FREERDP_565: Tolerance = { ...BITS_565, green: 7 };
const BITS_332: Tolerance = { red: 36, green: 36, blue: 85 };

const RDP_DEPTHS = [
  ['xfreerdp', '/bpp:15', BITS_555],
  ['xfreerdp', '/bpp:16', FREERDP_565],
  ['xfreerdp', '/bpp:24', EXACT],
  ['xfreerdp', '/bpp:32', EXACT],
  ['rdesktop', '-a15', BITS_555],
  ['rdesktop', '-a16', BITS_565],
  ['rdesktop', '-a24', EXACT],
  ['rdesktop', '-a32', EXACT],
] as const;

const VNC_OPTIONS = [
  ['-PreferredEncoding=Raw', EXACT],
  ['-PreferredEncoding=Hextile', EXACT],
  ['-PreferredEncoding=ZRLE', EXACT],
  ['-FullColor=0 -LowColorLevel=2', BITS_332],
] as const;

describe('the test card', () => {
  let guest: PatternGuest;
  let card: Picture;

  beforeAll(async () => {
    guest = await startPattern();
    card = await freeze(guest);
  });
  afterAll(async () => {
    const exit = await guest?.vitrine.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  test('raw pixels over RFB are the engine’s', async () => {
    expect(compare(card, await drawnByEngine(card)).count).toBe(0);
  });

  for (const [name, option, tolerance] of RDP_DEPTHS) {
    const kind = name === 'xfreerdp' ? XFREERDP : RDESKTOP;
    test(`${name} ${option}`, requires(...kind.needs), async () => {
      const command = name === 'xfreerdp' ? xfreerdp : rdesktop;
      const client = await XClient.open(command(guest.vitrine.rdp, guest.vitrine.login, [option]));
      await untilSame(
        `card in ${name} ${option}`,
        () => client.picture(),
        () => guest.probe.picture(),
        { tolerance },
      );
      await client.close();
    });
  }

  for (const [options, tolerance] of VNC_OPTIONS) {
    test(`vncviewer ${options}`, requires(...VNCVIEWER.needs), async () => {
      const choice = ['-AutoSelect=0', ...options.split(' ')];
      const client = await XClient.open(vncviewer(guest.vitrine.vnc, PASSWORD, choice));
      await untilSame(
        `card in vncviewer ${options}`,
        () => client.picture(),
        () => guest.probe.picture(),
        { tolerance },
      );
      await client.close();
    });
  }

  test('node-rdpjs-2', async () => {
    const client = await new RdpJs(guest.vitrine.rdp, guest.vitrine.login, card).shown();
    await untilSame(
      'card in node-rdpjs-2',
      () => client.picture(),
      () => guest.probe.picture(),
    );
    expect(client.errors).toEqual([]);
    await client.close();
  });

  describe('with every client connected', () => {
    let clients: Clients;
    beforeAll(async () => {
      clients = await Clients.open(guest.vitrine, EVERY_CLIENT);
    });

    for (const kind of EVERY_CLIENT) {
      test(`${kind.name} shows it`, requires(...kind.needs), async () => {
        await untilShown('card', clients, kind, () => guest.probe.picture());
      });
    }

    for (const [key, width, height] of [
      [1, 640, 480],
      [4, 1920, 1080],
      [3, 1280, 800],
      [2, 1024, 768],
    ] as const) {
      describe(`F${key}: ${width}x${height}`, () => {
        beforeAll(async () => {
          guest.probe.key(F(key));
          await until('the new size', async () => {
            const now = await guest.probe.picture();
            return now.width === width && now.height === height;
          });
          await atRest(guest.probe);
        });
        for (const kind of EVERY_CLIENT) {
          test(`${kind.name} follows`, requires(...kind.needs), async () => {
            await untilShown(`${width}x${height}`, clients, kind, () => guest.probe.picture());
          });
        }
      });
    }

    describe('after scrolling', () => {
      beforeAll(async () => {
        const before = guest.probe.updates;
        guest.probe.key(F(6));
        await until('the text scrolls', () => guest.probe.updates >= before + 20);
        guest.probe.key(F(6));
        await atRest(guest.probe);
      });
      for (const kind of EVERY_CLIENT) {
        test(`${kind.name} has the same text`, requires(...kind.needs), async () => {
          await untilShown('scrolled text', clients, kind, () => guest.probe.picture());
        });
      }
    });
  });
});
