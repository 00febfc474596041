import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { NoVnc } from './harness/browser.js';
import { xfreerdp } from './harness/clients.js';
import { untilSame, untilStable } from './harness/compare.js';
import { ConsolePage } from './harness/console-page.js';
import { BY_LINK, startDemo } from './harness/demo.js';
import type { DesktopClient } from './harness/desktop-client.js';
import { paintBoat } from './harness/drawing.js';
import { VNCVIEWER, XFREERDP } from './harness/every-client.js';
import { colourCount, fromPng, type Picture, toPng } from './harness/picture.js';
import { endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { ServiceUnderTest } from './harness/service.js';
import { sideBySide } from './harness/side-by-side.js';
import { PASSWORD, type Vitrine } from './harness/vitrine.js';
import { until } from './harness/wait.js';
import { XClient } from './harness/x-client.js';

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

/** Thumbnails have 320 pixels: with four tiles in a row they are shown as they are. */
const WALL = { viewport: { width: 1376, height: 812 }, colorScheme: 'dark' } as const;
/** Machines of a small office, and the keys that let the demo do something there. */
const OFFICE = {
  'anna-desk': { description: 'Drawings for the harbour' },
  'build-1': { description: 'Nightly builds', keys: 'f3' },
  'class-7b': { description: 'Photography, second term', keys: 'f9' },
  kiosk: { description: 'In the entrance', keys: 'f6' },
  'old-ledger': { description: 'Until the audit is over', keys: 'f4', ends: 'machine.pause' },
  'trial-98': { description: 'Saved on Friday', ends: 'machine.save' },
  wiki: { description: '', keys: 'f5' },
} as const;

describe.runIf(WANTED)('the pictures of the web console', requires('chromium'), () => {
  let service: ServiceUnderTest;
  let anna: ConsolePage;

  beforeAll(async () => {
    service = await ServiceUnderTest.start();
    const { api } = service;
    for (const [name, { description, ...todo }] of Object.entries(OFFICE)) {
      await api.call('machine.create', { name, config: { demo: true, description } });
      await api.call('machine.start', { machine: name });
      const screen = () => api.call('console.screenshot', { machine: name });
      await until(`${name} shows its desktop`, async () => (await screen()).length > 20_000);
      const desktop = await screen();
      if ('keys' in todo) {
        await api.call('console.keys', { machine: name, keys: todo.keys });
        await until(
          `${name} shows something else`,
          async () => !Buffer.from(await screen()).equals(Buffer.from(desktop)),
        );
      }
      if ('ends' in todo) await api.call(todo.ends, { machine: name });
    }
    for (const [name, machine] of [
      ['anna', 'anna-desk'],
      ['bela', 'class-7b'],
    ] as const) {
      await api.call('user.create', { name, password: PASSWORD });
      await api.call('access.grant', { machine, subject: name, role: 'use' });
    }
    await api.call('user.create', { name: 'vera', password: PASSWORD, admin: true });
    anna = await (await ConsolePage.open(service.web, WALL)).logIn('anna', PASSWORD);
    await anna.go('machines', 'anna-desk', 'console');
    const bela = await (await ConsolePage.open(service.web, WALL)).logIn('bela', PASSWORD);
    await bela.go('machines', 'class-7b', 'console');
    await NoVnc.at(bela.page).shown();
  });
  afterAll(endEverything);

  test('console.png: a screen over the whole window', async () => {
    const client = NoVnc.at(anna.page);
    await client.shown();
    await paintBoat(client);
    await client.type('Three boats by Thursday, please.');
    await client.moveTo(884, 486);
    await atRest(client);
    write('console', fromPng(await anna.page.screenshot()));
  });

  test('wall.png: all machines', async () => {
    const vera = await (await ConsolePage.open(service.web, WALL)).logIn('vera', PASSWORD);
    const running = ['anna-desk', 'build-1', 'class-7b', 'kiosk', 'old-ledger', 'wiki'];
    for (const name of running) await until(`${name} is shown`, () => vera.shownThumbnail(name));
    await vera.tile('class-7b').getByText('bela').waitFor();
    await vera.page.getByText('CPUs').waitFor();
    write('wall', fromPng(await vera.page.screenshot()));
  });

  test('picker.png: whoever has several chooses', requires(...XFREERDP.needs), async () => {
    const { api } = service;
    await api.call('user.create', { name: 'olga', password: PASSWORD });
    for (const machine of ['anna-desk', 'class-7b', 'kiosk', 'trial-98', 'wiki']) {
      await api.call('access.grant', { machine, subject: 'olga', role: 'use' });
    }
    const client = await XClient.open(xfreerdp(service.rdp, { user: 'olga', password: PASSWORD }));
    // Its pictures are live, so it never rests; the photograph and the desktop have the most colours.
    await until('its pictures are there', async () => colourCount(await client.picture(), 5_000) === 5_000);
    write('picker', await client.picture());
  });
});
