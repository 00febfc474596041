import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NoVnc } from './harness/browser.js';
import { untilSame } from './harness/compare.js';
import {
  ASIDE,
  BY_LINK,
  CANVAS,
  CLEAR,
  DemoReference,
  hasNoClock,
  startDemo,
  swatch,
  TEXT_LINES,
  ticketLink,
  withoutTaskBar,
} from './harness/demo.js';
import type { Point } from './harness/desktop-client.js';
import { type ClientKind, Clients, untilShown, VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { F } from './harness/pattern.js';
import { colourCount } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { RfbProbe } from './harness/rfb-probe.js';
import { PASSWORD, type Vitrine } from './harness/vitrine.js';
import { until } from './harness/wait.js';

const KINDS = [XFREERDP, VNCVIEWER, BY_LINK];

/** Together every character of a US keyboard; as much as the guest's text field has room for. */
const TYPED = new Map<ClientKind, string>([
  [XFREERDP, 'The QUICK fox: $4 & 50%; "yes" ~ (no) #1!'],
  [VNCVIEWER, "jumps_over {the} [lazy] <dog> ^2 `kciqw` 'BVZ'"],
  [BY_LINK, 'K=A+b*3/7|8-9, \\x@W.Y? 056 DEFGHJLMNOPRSX'],
]);

/** Where each client paints, and with what colour. */
const PAINTED = new Map<ClientKind, { colour: Parameters<typeof swatch>[0]; top: number }>([
  [XFREERDP, { colour: 'red', top: 60 }],
  [VNCVIEWER, { colour: 'green', top: 160 }],
  [BY_LINK, { colour: 'violet', top: 260 }],
]);

const RETURN = 0xff0d;

function zigzag(top: number): Point[] {
  return Array.from({ length: 9 }, (_, i) => [CANVAS.x + 36 + i * 40, CANVAS.y + top + (i % 2) * 60]);
}

const MODES = ['1280x800', '1280x1024', '1920x1080', '640x480', '800x600', '1024x768'];

describe('the demo with nothing installed but node', () => {
  let vitrine: Vitrine;
  let probe: RfbProbe;
  let reference: DemoReference;
  let clients: Clients;
  const shown = () => probe.picture();

  /** What the guest shows is what it shows without vitrine, but for the names in its task bar. */
  const untilAsReference = (what: string) =>
    untilSame(
      what,
      async () => withoutTaskBar(await shown()),
      async () => withoutTaskBar(await reference.picture()),
    );
  const everywhere = async (what: string) => {
    for (const kind of KINDS.filter((kind) => clients.has(kind))) await untilShown(what, clients, kind, shown);
  };

  beforeAll(async () => {
    vitrine = await startDemo();
    probe = await RfbProbe.connect(vitrine.vnc, PASSWORD);
    reference = await DemoReference.boot();
    clients = await Clients.open(vitrine, KINDS);
    probe.key(F(10));
    await until('the clock has gone', async () => hasNoClock(await shown()));
  });
  afterAll(async () => {
    const exit = await vitrine?.stop();
    await endEverything();
    expect(exit).toEqual({ code: 0, signal: null });
  });

  test('raw pixels over RFB are the guest’s', async () => {
    probe.moveTo(...ASIDE);
    await untilAsReference('desktop in raw pixels');
    expect(colourCount(await shown(), 500)).toBe(500);
  });

  for (const kind of KINDS) {
    describe(kind.name, requires(...kind.needs), () => {
      test('shows it', async () => {
        await untilShown('desktop', clients, kind, shown);
      });

      test('types', async () => {
        const text = TYPED.get(kind)!;
        // On the wallpaper. Without a click vncviewer tells of no movement.
        await clients.get(kind).click(...ASIDE);
        await reference.clearText();
        for (let i = 0; i < TEXT_LINES; i++) probe.key(RETURN);
        expect(await reference.type(text)).toBe(text);
        await clients.get(kind).type(text);
        await untilAsReference(`text from ${kind.name}`);
        await everywhere(`text from ${kind.name}`);
      });

      test('paints', async () => {
        const { colour, top } = PAINTED.get(kind)!;
        for (const mouse of [reference, clients.get(kind)]) {
          await mouse.drag([CLEAR]);
          await mouse.drag([swatch(colour)]);
          await mouse.drag(zigzag(top));
          await mouse.moveTo(...ASIDE);
        }
        await untilAsReference(`stroke by ${kind.name}`);
        await everywhere(`stroke by ${kind.name}`);
      });
    });
  }

  describe('noVNC', requires(...BY_LINK.needs), () => {
    test('is logged in by its cookie when it comes back', async () => {
      const { page } = clients.get(BY_LINK) as NoVnc;
      expect(new URL(page.url()).hash).toBe('');
      await page.reload();
      await untilShown('desktop after the reload', clients, BY_LINK, shown);
      expect(await page.locator('input[type=password]').isVisible()).toBe(false);
    });

    test('is asked for the password where the link was used before', async () => {
      const stranger = await NoVnc.open(ticketLink(vitrine));
      await stranger.page.locator('input[type=password]').waitFor({ state: 'visible' });
      expect((await stranger.picture()).width).toBe(0);
      await stranger.close();
    });
  });

  describe('modes', () => {
    let connections = 0;
    beforeAll(() => {
      connections = logins(vitrine);
    });
    afterAll(() => {
      expect(logins(vitrine)).toBe(connections);
    });

    for (const mode of MODES) {
      test(`F2: ${mode}`, async () => {
        probe.key(F(2));
        await reference.functionKey(2);
        await untilAsReference(mode);
        const { width, height } = await shown();
        expect(`${width}x${height}`).toBe(mode);
        await everywhere(mode);
      });
    }

    test('F3: text mode and back', async () => {
      probe.key(F(3));
      await until('text mode', async () => (await shown()).width === 720);
      await everywhere('text mode');
      probe.key(F(3));
      await reference.functionKey(3);
      await reference.functionKey(3);
      await untilAsReference('desktop after text mode');
      await everywhere('desktop after text mode');
    });
  });
});

/** How often somebody has logged in so far. */
function logins({ program }: Vitrine): number {
  return program.stderr.match(/client connected/g)?.length ?? 0;
}
