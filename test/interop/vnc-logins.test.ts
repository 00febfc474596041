import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SingleUser } from '../../server/auth/single-user.js';
import { Tickets } from '../../server/auth/tickets.js';
import { serveRfb } from '../../server/rfb/session.js';
import { createWebServer } from '../../server/web/http.js';
import { systemClock } from '../../src/base/clock.js';
import { House } from '../server/rfb/fixture.js';
import { NoVnc } from './harness/browser.js';
import { vncviewerAs } from './harness/clients.js';
import { untilSame } from './harness/compare.js';
import { NOVNC, VNCVIEWER } from './harness/every-client.js';
import { freeze, type PatternGuest, startPattern } from './harness/pattern.js';
import { atEnd, endEverything } from './harness/processes.js';
import { requires } from './harness/requires.js';
import { PASSWORD } from './harness/vitrine.js';
import { XClient } from './harness/x-client.js';

/** As vncviewer calls them in its log. */
const WAYS = ['X509Plain', 'X509Vnc', 'TLSPlain', 'TLSVnc', 'VncAuth'] as const;

describe('ways to log in with vncviewer', () => {
  let guest: PatternGuest;

  beforeAll(async () => {
    guest = await startPattern();
    await freeze(guest);
  });
  afterAll(async () => {
    await guest?.vitrine.stop();
    await endEverything();
  });

  const viewer = (...options: string[]) => {
    const { vnc, login, stateDir } = guest.vitrine;
    // The certificate is its own authority: with it here, no question is asked about it.
    const all = [`-X509CA=${join(stateDir, 'tls.pem')}`, ...options];
    return (password = login.password) => vncviewerAs(vnc, { ...login, password }, all);
  };

  for (const way of WAYS) {
    test(way, requires(...VNCVIEWER.needs), async () => {
      const client = await XClient.open(viewer(`-SecurityTypes=${way}`)());
      const shown = () => client.picture();
      await untilSame(`card by ${way}`, shown, () => guest.probe.picture());
      expect(client.program.output).toContain(way);
      await client.close();
    });

    test(`${way} with a wrong password`, requires(...VNCVIEWER.needs), async () => {
      const client = await XClient.start(viewer(`-SecurityTypes=${way}`)('wrong'));
      await client.ended();
      expect(client.program.output).toMatch(way.endsWith('Plain') ? /wrong user name or password/ : /wrong password/);
    });
  }

  test('its own choice', requires(...VNCVIEWER.needs), async () => {
    const client = await XClient.open(viewer()());
    await untilSame(
      'card by default',
      () => client.picture(),
      () => guest.probe.picture(),
    );
    await client.close();
  });
});

afterAll(endEverything);

/** Credentials of people who are told apart by their names. */
class Named extends SingleUser {
  readonly named = true;
}

test('noVNC with a user name, on this host without TLS', requires(...NOVNC.needs), async () => {
  const house = new House(new Named('alice', PASSWORD), 'desk');
  house.paint(0, 0, 640, 480, (x, y) => (x * 3) ^ (y << 12));
  const web = createWebServer({ ...house.host, clock: systemClock }, new Tickets(systemClock), serveRfb);
  web.server.listen(0, '127.0.0.1');
  await once(web.server, 'listening');
  atEnd(() => web.close());
  const client = await NoVnc.open(`http://127.0.0.1:${(web.server.address() as AddressInfo).port}/`);
  await client.page.locator('#user').fill('Alice#desk');
  await client.login(PASSWORD);
  const { width, height, framebuffer } = house.machine.display;
  const pixels = framebuffer.words.slice(0, width * height).map((word) => word & 0xffffff);
  await untilSame(
    'picture after a login by name',
    () => client.picture(),
    () => ({ width, height, pixels }),
  );
  expect([...house.sessions].map(({ identity }) => identity)).toEqual([{ user: 'alice' }]);
});
