import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { NoVnc } from './harness/browser.js';
import { untilSame, untilStable } from './harness/compare.js';
import { BY_LINK, startDemo } from './harness/demo.js';
import type { DesktopClient } from './harness/desktop-client.js';
import { paintBoat } from './harness/drawing.js';
import { VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { fromPng, type Picture, toPng } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { sideBySide } from './harness/side-by-side.js';
import type { Vitrine } from './harness/vitrine.js';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const WANTED = process.env.VITRINE_PICTURES === '1';

function write(name: string, picture: Picture): void {
  mkdirSync(DOCS, { recursive: true });
  writeFileSync(`${DOCS}${name}.png`, toPng(picture));
}

/** No viewer of our own watches: the guest would show that it is connected. */
function atRest(client: DesktopClient): Promise<Picture> {
  const waits = { quietMs: 1_500, deadlineMs: 20_000 };
  return untilStable(
    client.name,
    () => client.picture(),
    ({ width }) => width > 0,
    waits,
  );
}

// What the README shows is what clients show: `npm run pictures` makes it by the means of the tests.
describe.runIf(WANTED)('the pictures of the README', requires(...XFREERDP.needs, ...VNCVIEWER.needs), () => {
  let vitrine: Vitrine;
  let rdp: DesktopClient;

  beforeAll(async () => {
    vitrine = await startDemo();
    rdp = await XFREERDP.open(vitrine);
  });
  afterAll(endEverything);

  test('demo.png: the desktop over RDP', async () => {
    await paintBoat(rdp);
    await rdp.type('Hello from the other end of the wire!');
    await rdp.moveTo(884, 486);
    write('demo', await atRest(rdp));
  });

  test('clients.png: three clients at one guest', requires(...BY_LINK.needs), async () => {
    const vnc = await VNCVIEWER.open(vitrine);
    const browser = (await BY_LINK.open(vitrine)) as NoVnc;
    const { page } = browser;
    const header = (await page.locator('header').boundingBox())!;
    // The guest's pixels are the page's then.
    await page.setViewportSize({ width: 1024, height: 768 + Math.ceil(header.height) });
    const shown = await atRest(rdp);
    for (const client of [vnc, browser])
      await untilSame(
        `README in ${client.name}`,
        () => client.picture(),
        () => shown,
      );
    write('clients', sideBySide([shown, await vnc.picture(), fromPng(await page.screenshot())]));
  });
});
